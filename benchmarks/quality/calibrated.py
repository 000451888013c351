"""Whether probabilities keep to what perfect calibration would show, by chance and by change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from evaluation.arrays import log_odds
from evaluation.calibration import (
    calibration_slope,
    ece_if_perfect,
    expected_calibration_error,
    observed_expected,
)
from evaluation.clusters import moderated_variance
from evaluation.folds import Fold
from evaluation.intervals import USUAL_DEGREES, USUAL_SHIFT, Uncertainty
from evaluation.shift import ShiftVariance
from models.calibration import USUAL_SLOPE_CHANGE

#: Level of the bands that slope and observed/expected are held to.
BAND = 0.95
#: Worlds drawn for the band of the calibration error, and where the band ends.
_DRAWS, _HIGH = 400, 0.95


def by_chance(fold: Fold) -> dict[str, Any]:
    """Slope, observed/expected and calibration error beside their bands by chance alone."""
    labels, probabilities = fold.labels, fold.probabilities
    slope = calibration_slope(labels, probabilities)
    ratio = observed_expected(labels, probabilities)
    ece, perfect = expected_calibration_error(labels, probabilities), ece_if_perfect(probabilities)
    slope_error, ratio_error = _errors_if_perfect(fold)
    return {
        "slope": slope,
        "slope_in_band": slope is not None and abs(slope - 1) <= reach(BAND) * slope_error,
        "observed_expected": ratio,
        "ratio_in_band": abs(ratio - 1) <= reach(BAND) * ratio_error,
        "ece": ece,
        "ece_high": perfect.high,
        "ece_in_band": ece <= perfect.high,
    }


def by_chance_and_change(fold: Fold, shift: ShiftVariance) -> dict[str, Any]:
    """The same beside bands that know what windows differ by, as the suite's own promises do.

    Notes
    -----
    A promise is right on average over the windows that could come, and each of them lifts or
    lowers all log odds together: by t times τ, as in :class:`evaluation.intervals.Uncertainty`.
    The slope moves by :data:`models.calibration.USUAL_SLOPE_CHANGE`.
    """
    labels, probabilities = fold.labels, fold.probabilities
    slope = calibration_slope(labels, probabilities)
    slope_error = math.hypot(_errors_if_perfect(fold)[0], USUAL_SLOPE_CHANGE)
    chance = float(np.sum(probabilities * (1 - probabilities)))
    expected = float(probabilities.sum())
    told = Uncertainty(shift, BAND).of_count(expected, chance, len(labels))
    high = _ece_high(fold, shift)
    return {
        "slope_in_band_with_change": slope is not None
        and abs(slope - 1) <= reach(BAND) * slope_error,
        "ratio_in_interval": told.low <= int(labels.sum()) <= told.high,
        "ece_high_with_change": high,
        "ece_in_band_with_change": expected_calibration_error(labels, probabilities) <= high,
    }


def reach(confidence: float) -> float:
    """Standard errors on either side that hold so much of a normal distribution."""
    return float(ndtri((1 + confidence) / 2))


def _errors_if_perfect(fold: Fold) -> tuple[float, float]:
    """Standard errors that slope and observed/expected would have were every p true.

    Notes
    -----
    For the slope the inverse of Fisher's information of logit P(y = 1) = a + b · logit p at
    a = 0, b = 1; for the ratio √Σp(1 − p) / Σp.
    """
    logits = log_odds(fold.probabilities)
    chance = expit(logits) * (1 - expit(logits))
    centred = logits - np.sum(chance * logits) / np.sum(chance)
    slope = 1 / math.sqrt(max(float(np.sum(chance * centred**2)), 1e-12))
    return slope, math.sqrt(float(chance.sum())) / float(fold.probabilities.sum())


def _ece_high(fold: Fold, shift: ShiftVariance) -> float:
    """Calibration error that worlds as the suite expects them stay below 19 times of 20."""
    random = np.random.default_rng(0)
    tau2, degrees = moderated_variance(shift.tau2, shift.degrees, USUAL_SHIFT**2, USUAL_DEGREES)
    logits = log_odds(fold.probabilities)
    errors = []
    for moved in math.sqrt(tau2) * random.standard_t(degrees, _DRAWS):
        labels = random.random(len(logits)) < expit(logits + moved)
        errors.append(expected_calibration_error(labels, fold.probabilities))
    return float(np.quantile(errors, _HIGH))
