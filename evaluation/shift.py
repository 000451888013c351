"""How much whole snapshots come out above or below what was predicted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.clusters import between_variance, covariance_by_user
from evaluation.folds import Fold, require_folds
from evaluation.recalibration import intercept_shift


@dataclass(frozen=True)
class ShiftVariance:
    """Variance between snapshots of the shift in log odds, with chance removed.

    Parameters
    ----------
    tau2
        The variance τ², squared logits, at least 0.
    degrees
        Degrees of freedom behind it: snapshots − 1. Below 2 it is not used.

    Raises
    ------
    ValueError
        When ``tau2`` is negative or not finite, or ``degrees`` is negative.
    """

    tau2: float
    degrees: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.tau2) and self.tau2 >= 0):
            raise ValueError(f"tau2 is {self.tau2}. Allowed: a finite number of at least 0.")
        if self.degrees < 0:
            raise ValueError(f"degrees is {self.degrees}. Allowed: a whole number of at least 0.")


def shift_variance(folds: Sequence[Fold]) -> ShiftVariance:
    """Estimate τ² from the test snapshots.

    Parameters
    ----------
    folds
        At least one; a user may be in several.

    Raises
    ------
    ValueError
        When there is no fold.

    Notes
    -----
    Each fold's shift is the intercept a of logit P(y = 1) = a + logit p. τ² is the variance of the
    shifts less what chance gives them, clustered by user (:mod:`evaluation.clusters`), and at
    least 0. One snapshot shows no variance: τ² is 0 with 0 degrees.
    """
    require_folds(folds)
    shifts = [intercept_shift(fold.labels, fold.probabilities, fold.weights) for fold in folds]
    covariance = covariance_by_user(
        [shift.influence for shift in shifts], [fold.users for fold in folds]
    )
    values = np.array([shift.value for shift in shifts])
    return ShiftVariance(between_variance(values, covariance), len(folds) - 1)
