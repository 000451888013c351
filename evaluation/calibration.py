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
    require_at_least,
    require_fraction,
)
from evaluation.ranking import groups_from_the_top
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
    labels: ArrayLike, probabilities: ArrayLike, bins: int = 10
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
    order, ends = groups_from_the_top(predicted)
    excess = np.cumsum(truth[order] - predicted[order])[ends - 1]
    edges = _bin_edges(len(truth), bins)
    return float(_mean_error(ends, excess[np.newaxis, :], edges)[0])


def ece_if_perfect(
    probabilities: ArrayLike, bins: int = 10, seed: int = 0, draws: int = 1000
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

    Raises
    ------
    ValueError
        When the probabilities hold other values, or ``bins`` or ``draws`` is below 1.

    Notes
    -----
    Consistency resampling: Bröcker and Smith, Increasing the reliability of reliability diagrams,
    Weather and Forecasting 22, 2007. Outcomes are independent Bernoulli draws. Beyond a hundred
    rows a bin, neighbours in probability are drawn together as one binomial of their mean, which
    keeps the cost independent of n and widens the band by less than their spread.
    """
    require_at_least("draws", draws, 1)
    predicted = as_probabilities(probabilities, np.size(probabilities))
    order, ends = groups_from_the_top(predicted)
    edges = _bin_edges(len(predicted), bins)
    cells = _cell_ends(ends, edges)
    sizes = np.diff(cells, prepend=0)
    sums = np.diff(np.cumsum(predicted[order])[cells - 1], prepend=0.0)
    means = np.clip(sums / sizes, 0.0, 1.0)
    positives = np.random.default_rng(seed).binomial(sizes, means, size=(draws, len(cells)))
    errors = _mean_error(cells, np.cumsum(positives - sums, axis=1), edges)
    low, high = np.quantile(errors, [0.05, 0.95])
    return PerfectBand(float(low), float(errors.mean()), float(high))


def observed_expected(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Positives that came, per positive expected: Σy / Σp; 1 is calibrated.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1], not all 0.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, or all probabilities are 0.
    """
    truth = as_labels(labels)
    expected = float(np.sum(as_probabilities(probabilities, len(truth))))
    if expected == 0:
        raise ValueError("probabilities are all 0. Allowed: at least one above 0.")
    return int(np.count_nonzero(truth)) / expected


def calibration_curve(
    labels: ArrayLike, probabilities: ArrayLike, bins: int = 10, confidence: float = 0.95
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

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, ``bins`` is below 1, or
        ``confidence`` is outside (0, 1).

    Notes
    -----
    Intervals: Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22, 1927.
    """
    require_fraction("confidence", confidence)
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    order, ends = groups_from_the_top(predicted)
    edges = _bin_edges(len(truth), bins)
    rows = np.diff(edges)
    expected = _sums_between(ends, np.cumsum(predicted[order])[ends - 1], edges) / rows
    positives = np.cumsum(truth[order], dtype=np.float64)[ends - 1]
    observed = _sums_between(ends, positives, edges) / rows
    low, high = _wilson(observed, rows, float(ndtri((1 + confidence) / 2)))
    return CalibrationCurve(
        expected[::-1], observed[::-1], low[::-1], high[::-1], rows[::-1].astype(np.int64)
    )


def _bin_edges(rows: int, bins: int) -> IntArray:
    """Row numbers, from the top, between whole bins; the lowest bins take the odd rows."""
    require_at_least("bins", bins, 1)
    bins = min(bins, rows)
    sizes = np.full(bins, rows // bins, dtype=np.int64)
    sizes[bins - rows % bins :] += 1
    return np.concatenate(([0], np.cumsum(sizes)))


def _sums_between(ends: IntArray, cumulated: FloatArray, edges: IntArray) -> FloatArray:
    """Sums within bins, a group of ties giving each side its share of rows."""
    at_edges = np.interp(edges, np.concatenate(([0], ends)), np.concatenate(([0.0], cumulated)))
    return np.diff(at_edges)


def _mean_error(ends: IntArray, excess: FloatArray, edges: IntArray) -> FloatArray:
    """Calibration errors from cumulated Σ(y − p), one for each row of ``excess`` (draws, g)."""
    positions = np.concatenate(([0], ends))
    cumulated = np.concatenate([np.zeros((len(excess), 1)), excess], axis=1)
    right = np.searchsorted(positions, edges)
    left = np.maximum(right - 1, 0)
    gap = np.maximum(positions[right] - positions[left], 1)
    weight = (edges - positions[left]) / gap
    at_edges = cumulated[:, left] * (1 - weight) + cumulated[:, right] * weight
    errors = np.abs(np.diff(at_edges, axis=1)).sum(axis=1) / edges[-1]
    return np.asarray(errors, dtype=np.float64)


def _cell_ends(ends: IntArray, edges: IntArray) -> IntArray:
    """Ends of runs of whole groups of ties: about a hundred a bin, none across a bin's edge.

    A group that a bin's edge goes through becomes a cell of its own, so that what is drawn for it
    is spread over both bins as the ties of real outcomes are.
    """
    cells = min(int(edges[-1]), (len(edges) - 1) * _CELLS_PER_BIN)
    targets = np.arange(1, cells + 1) * edges[-1] // cells
    targets = np.union1d(targets, edges[1:])
    above = ends[np.searchsorted(ends, targets)]
    before = np.searchsorted(ends, edges[1:], side="left") - 1
    starts = ends[before[before >= 0]]
    return np.union1d(above, starts)


def _wilson(observed: FloatArray, rows: IntArray, z: float) -> tuple[FloatArray, FloatArray]:
    centre = (observed + z**2 / (2 * rows)) / (1 + z**2 / rows)
    spread = np.sqrt(observed * (1 - observed) / rows + (z / (2 * rows)) ** 2)
    reach = z * spread / (1 + z**2 / rows)
    return np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0)
