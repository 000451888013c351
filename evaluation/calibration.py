"""Whether 20 % means one in five: calibration error, its chance level, curve and ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from evaluation.arrays import (
    FloatArray,
    IntArray,
    as_labels,
    as_probabilities,
    as_weights,
    require_at_least,
    require_fraction,
    weighted_mean,
)
from evaluation.bins import RankedGroups, sums_per_cell
from evaluation.recalibration import calibration_intercept, calibration_slope

__all__ = [
    "CalibrationCurve",
    "PerfectBand",
    "calibration_curve",
    "calibration_intercept",
    "calibration_slope",
    "ece_if_perfect",
    "expected_calibration_error",
    "observed_expected",
]

_CELLS_PER_BIN = 100


class PerfectBand(NamedTuple):
    """Calibration errors that perfectly calibrated probabilities would show by chance.

    Parameters
    ----------
    low
        5th percentile.
    mean
        Mean.
    high
        95th percentile: an error above it is hardly chance.
    """

    low: float
    mean: float
    high: float


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Predicted against observed rates in bins of equal size, from the lowest probabilities up.

    Parameters
    ----------
    expected
        Shape (b,), float64: mean probability of the bin.
    observed
        Shape (b,), float64: share of positives in the bin.
    low, high
        Shape (b,), float64: Wilson's interval of ``observed``.
    rows
        Shape (b,), int64: rows in the bin.
    """

    expected: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    rows: IntArray


def expected_calibration_error(
    labels: ArrayLike,
    probabilities: ArrayLike,
    bins: int = 10,
    weights: ArrayLike | None = None,
) -> float:
    """Mean distance between predicted and observed rate over bins of equal size.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1]. Rows of equal probability that a bin's edge goes through are spread
        evenly over both sides.
    bins
        Number of bins, at least 1; as many as there are rows at most.
    weights
        Shape (n,), above 0, how many users each row stands for; bins then hold
        the same weight each.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, or ``bins`` is below 1.

    Notes
    -----
    (1/n) Σ_b |Σ_{i∈b} y_i − Σ_{i∈b} p_i|, with bins of equal mass: Nguyen and O'Connor, Posterior
    calibration and exploratory analysis for natural language processing models, 2015. It is above
    0 by chance even for perfect probabilities: see :func:`ece_if_perfect`.
    """
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    groups = RankedGroups.of(predicted, weights)
    excess = groups.cumulated(truth.astype(np.float64)) - groups.cumulated(predicted)
    edges = groups.bin_edges(bins)
    return float(_mean_error(groups.positions, excess[np.newaxis, :], edges)[0])


def ece_if_perfect(
    probabilities: ArrayLike,
    bins: int = 10,
    seed: int = 0,
    draws: int = 1000,
    weights: ArrayLike | None = None,
) -> PerfectBand:
    """Draw the calibration errors that perfect calibration would show at this size.

    Parameters
    ----------
    probabilities
        Shape (n,), in [0, 1].
    bins
        As in :func:`expected_calibration_error`.
    seed
        Of the draws.
    draws
        How many times all outcomes are drawn, at least 1.
    weights
        As in :func:`expected_calibration_error`.

    Raises
    ------
    ValueError
        When the probabilities hold other values, or ``bins`` or ``draws`` is below 1.

    Notes
    -----
    Consistency resampling: Bröcker and Smith, Increasing the reliability of reliability diagrams,
    Weather and Forecasting 22, 2007. Outcomes are independent Bernoulli draws. Beyond a hundred
    rows a bin, neighbours in probability are drawn together as one binomial of their mean, which
    keeps the cost independent of n and widens the band by less than their spread. Rows of
    different weights are never drawn together: one of weight ten moves ten times as far.
    """
    require_at_least("draws", draws, 1)
    predicted = as_probabilities(probabilities, np.size(probabilities))
    groups = RankedGroups.of(predicted, weights)
    edges = groups.bin_edges(bins)
    cells = groups.cells(edges, _CELLS_PER_BIN)
    random = np.random.default_rng(seed)
    excess = np.zeros((draws, len(cells)))
    for weight in np.unique(groups.weights):
        drawn = groups.weights == weight
        sizes = sums_per_cell(drawn, groups.ends[cells])
        sums = sums_per_cell(np.where(drawn, predicted[groups.order], 0.0), groups.ends[cells])
        means = np.clip(sums / np.maximum(sizes, 1), 0.0, 1.0)
        positives = random.binomial(sizes, means, size=(draws, len(cells)))
        excess += weight * np.cumsum(positives - sums, axis=1)
    errors = _mean_error(groups.positions[cells], excess, edges)
    low, high = np.quantile(errors, [0.05, 0.95])
    return PerfectBand(float(low), float(errors.mean()), float(high))


def observed_expected(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Positives that came, per positive expected: Σy / Σp; 1 is calibrated.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1], not all 0.
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, or all probabilities are 0.
    """
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    amounts = None if weights is None else as_weights(weights, len(truth))
    expected = weighted_mean(predicted, amounts)
    if expected == 0:
        raise ValueError("probabilities are all 0. Allowed: at least one above 0.")
    return weighted_mean(truth.astype(np.float64), amounts) / expected


def calibration_curve(
    labels: ArrayLike,
    probabilities: ArrayLike,
    bins: int = 10,
    confidence: float = 0.95,
    weights: ArrayLike | None = None,
) -> CalibrationCurve:
    """Predicted against observed rate in bins of equal size.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1]; ties as in :func:`expected_calibration_error`.
    bins
        Number of bins, at least 1; as many as there are rows at most.
    confidence
        Level of the intervals, in (0, 1).
    weights
        As in :func:`expected_calibration_error`.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, ``bins`` is below 1, or
        ``confidence`` is outside (0, 1).

    Notes
    -----
    Intervals: Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22, 1927; with weights on Kish's effective
    number of rows (:func:`evaluation.arrays.effective_rows`).
    """
    require_fraction("confidence", confidence)
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    groups = RankedGroups.of(predicted, weights)
    edges = groups.bin_edges(bins)
    amounts = np.diff(edges)
    expected = groups.sums_between(predicted, edges) / amounts
    observed = groups.sums_between(truth.astype(np.float64), edges) / amounts
    effective = amounts**2 / groups.squared_weights_between(edges)
    low, high = _wilson(observed, effective, float(ndtri((1 + confidence) / 2)))
    rows = np.rint(amounts).astype(np.int64)
    return CalibrationCurve(expected[::-1], observed[::-1], low[::-1], high[::-1], rows[::-1])


def _mean_error(ends: FloatArray, excess: FloatArray, edges: FloatArray) -> FloatArray:
    """Calibration errors from cumulated Σ(y − p), one for each row of ``excess`` (draws, g)."""
    positions = np.concatenate(([0.0], ends))
    cumulated = np.concatenate([np.zeros((len(excess), 1)), excess], axis=1)
    right = np.searchsorted(positions, edges)
    left = np.maximum(right - 1, 0)
    gap = positions[right] - positions[left]
    gap[gap == 0] = 1.0
    weight = (edges - positions[left]) / gap
    at_edges = cumulated[:, left] * (1 - weight) + cumulated[:, right] * weight
    errors = np.abs(np.diff(at_edges, axis=1)).sum(axis=1) / edges[-1]
    return np.asarray(errors, dtype=np.float64)


def _wilson(observed: FloatArray, rows: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    centre = (observed + z**2 / (2 * rows)) / (1 + z**2 / rows)
    spread = np.sqrt(observed * (1 - observed) / rows + (z / (2 * rows)) ** 2)
    reach = z * spread / (1 + z**2 / rows)
    return np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0)
