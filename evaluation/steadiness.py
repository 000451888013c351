"""How steady a prediction is from snapshot to snapshot: what its alarms are measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from evaluation.arrays import log_odds
from evaluation.calibration import calibration_slope
from evaluation.clusters import between_variance, covariance_by_user, variance_of_mean
from evaluation.delong import auc_estimate
from evaluation.folds import Fold, require_folds
from evaluation.measured import Measured
from evaluation.recalibration import intercept_shift

_AUC_TO_QUALITY = 200.0


@dataclass(frozen=True)
class Steadiness:
    """One measure over one or more snapshots.

    Parameters
    ----------
    mean
        Mean over the snapshots.
    chance
        Variance of the mean by chance, clustered by user.
    between
        Variance of the true values between snapshots, chance removed; 0 for a single snapshot.
    snapshots
        How many there were.
    """

    mean: float
    chance: float
    between: float
    snapshots: int

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def steadiness(folds: Sequence[Fold]) -> dict[str, Steadiness | None]:
    """Measure what alarms watch, with its variances.

    Parameters
    ----------
    folds
        At least one; a user may be in several.

    Returns
    -------
    dict
        ``quality``: Prediction Quality in points. ``shift``: calibration in the large, in logits.
        ``slope``: calibration slope. ``base_rate``: log odds of the share of positives. None
        where a fold is too small for a variance or has no slope.

    Raises
    ------
    ValueError
        When there is no fold.

    Notes
    -----
    Every measure is to first order a sum of one influence a row (:mod:`evaluation.clusters`):
    DeLong's placement values for the quality, the score of the logistic regressions for shift and
    slope, (y − π) / nπ(1 − π) for the log odds of the base rate π.
    """
    require_folds(folds)
    measures: dict[str, Sequence[Measured | None]] = {
        "quality": [_quality(fold) for fold in folds],
        "shift": [_shift(fold) for fold in folds],
        "slope": [_slope(fold) for fold in folds],
        "base_rate": [_base_rate(fold) for fold in folds],
    }
    return {name: _steadiness(measured, folds) for name, measured in measures.items()}


def _steadiness(measured: Sequence[Measured | None], folds: Sequence[Fold]) -> Steadiness | None:
    known = [one for one in measured if one is not None]
    if len(known) < len(measured):
        return None
    covariance = covariance_by_user(
        [one.influence for one in known], [fold.users for fold in folds]
    )
    values = np.array([one.value for one in known])
    return Steadiness(
        float(values.mean()),
        variance_of_mean(covariance),
        between_variance(values, covariance),
        len(folds),
    )


def _quality(fold: Fold) -> Measured | None:
    area = auc_estimate(fold)
    if not area.has_variance:
        return None
    return Measured(_AUC_TO_QUALITY * area.value - 100, _AUC_TO_QUALITY * area.influence)


def _shift(fold: Fold) -> Measured:
    shift = intercept_shift(fold.labels, fold.probabilities, fold.weights)
    return Measured(shift.value, shift.influence)


def _slope(fold: Fold) -> Measured | None:
    slope = calibration_slope(fold.labels, fold.probabilities, fold.weights)
    if slope is None:
        return None
    odds = log_odds(fold.probabilities)
    sloped = np.asarray(expit(slope * odds))
    shifted = expit(slope * odds + intercept_shift(fold.labels, sloped, fold.weights).value)
    amounts = fold.amounts
    information = amounts * shifted * (1 - shifted)
    centred = odds - np.sum(information * odds) / np.sum(information)
    spread = float(np.sum(information * centred**2))
    return Measured(slope, amounts * (fold.labels - shifted) * centred / spread)


def _base_rate(fold: Fold) -> Measured:
    amounts = fold.amounts
    rate = float(np.sum(amounts * fold.labels) / np.sum(amounts))
    scale = float(np.sum(amounts)) * rate * (1 - rate)
    return Measured(float(logit(rate)), amounts * (fold.labels - rate) / scale)
