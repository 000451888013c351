"""Champion against challenger on the same customers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evaluation.clusters import covariance_by_user, variance_of_mean
from evaluation.delong import auc_estimate
from evaluation.folds import Fold, require_folds


@dataclass(frozen=True)
class PairedTest:
    """Whether the second of two models ranks worse than the first.

    Parameters
    ----------
    difference
        Mean Prediction Quality of the second minus that of the first, in points.
    z
        The difference in standard errors; infinite where the standard error is 0 and the
        difference is not.
    p
        Probability of a z this low or lower if the second were as good: below 0.05 it is worse.
    """

    difference: float
    z: float
    p: float


def paired_quality_test(folds_a: Sequence[Fold], folds_b: Sequence[Fold]) -> PairedTest:
    """Test one-sidedly whether ``folds_b`` is ranked worse than ``folds_a``.

    Parameters
    ----------
    folds_a
        The test snapshots as the first model (the champion) sees them.
    folds_b
        The same snapshots, rows in the same order, with the probabilities of the second (the
        challenger).

    Raises
    ------
    ValueError
        When the two do not hold the same snapshots, or a fold has fewer than two positive or two
        negative users.

    Notes
    -----
    DeLong's test for correlated areas (Biometrics 44, 1988) with the differences of placement
    values added up by user over all snapshots. Both models meet the same snapshots, so what a
    snapshot does to both alike drops out.
    """
    require_folds(folds_a)
    _require_same_rows(folds_a, folds_b)
    differences, influences = [], []
    for number, (fold_a, fold_b) in enumerate(zip(folds_a, folds_b, strict=True)):
        first, second = auc_estimate(fold_a), auc_estimate(fold_b)
        if not first.has_variance:
            raise ValueError(
                f"folds_a[{number}] has {first.positive_users} positive and "
                f"{first.negative_users} negative users. Allowed: at least 2 of each."
            )
        differences.append(second.value - first.value)
        influences.append(second.influence - first.influence)
    covariance = covariance_by_user(influences, [fold.users for fold in folds_a])
    z = _standardised(float(np.mean(differences)), math.sqrt(variance_of_mean(covariance)))
    return PairedTest(difference=200 * float(np.mean(differences)), z=z, p=float(ndtr(z)))


def _standardised(difference: float, error: float) -> float:
    if difference == 0:
        return 0.0
    return math.copysign(math.inf, difference) if error == 0 else difference / error


def _require_same_rows(folds_a: Sequence[Fold], folds_b: Sequence[Fold]) -> None:
    if len(folds_a) != len(folds_b):
        raise ValueError(f"folds_b has {len(folds_b)} folds. Allowed: {len(folds_a)}, as folds_a.")
    for number, (first, second) in enumerate(zip(folds_a, folds_b, strict=True)):
        same_users = np.array_equal(first.users, second.users)
        if not (same_users and np.array_equal(first.labels, second.labels)):
            raise ValueError(
                f"folds_b[{number}] holds other users or labels. Allowed: those of folds_a, "
                "in the same order."
            )
