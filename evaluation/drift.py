"""Whether a distribution has moved: population stability with a null that knows what is usual."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri, ndtri

from evaluation.arrays import BoolArray, FloatArray, require_at_least, require_fraction

#: The usual reading of the index: below 0.1 no change, from 0.25 a big one; noteworthy in between.
PRACTICAL_SIZE = 0.2
_PSEUDO_COUNT = 0.5
#: A change between snapshots moves a distribution in one way at once, its place more than all else.
_WAYS = 1
#: What snapshots usually differ by, and how many comparisons that belief is worth.
_PRIOR_CHANGE = 0.01
_PRIOR_COMPARISONS = 2.0


@dataclass(frozen=True, eq=False)
class Drift:
    """How far the distributions of f features lie from the reference.

    Parameters
    ----------
    psi
        Shape (f,), population stability index against the pooled reference.
    change
        Shape (f,), the same less what chance gives it, at least 0.
    threshold
        Shape (f,), what a feature may reach that moves as it used to.
    """

    psi: FloatArray
    change: FloatArray
    threshold: FloatArray

    @property
    def drifted(self) -> BoolArray:
        """Shape (f,), whether a feature is beyond its threshold."""
        return np.asarray(self.psi > self.threshold, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class EarlierChange:
    """What was seen of features that had not drifted, since the reference was made.

    Parameters
    ----------
    mean
        Shape (f,), mean of :attr:`Drift.change`; 0 where nothing was seen.
    comparisons
        Shape (f,), how many independent looks that is worth.
    """

    mean: FloatArray
    comparisons: FloatArray


def population_stability(reference: ArrayLike, counts: ArrayLike) -> float:
    """Population stability index of two histograms over the same bins.

    Parameters
    ----------
    reference, counts
        Shape (b,), rows in each of b bins; each with at least one row in all.

    Returns
    -------
    float
        0 for equal shares; above 0.25 by custom a big change.

    Raises
    ------
    ValueError
        When shapes differ, a count is negative or a histogram is empty.

    Notes
    -----
    Σ (q − r) ln(q / r) over the shares q and r: the symmetrised divergence of Jeffreys, An
    invariant form for the prior probability in estimation problems, Proceedings of the Royal
    Society A 186, 1946. Every bin has half a row added, so that an empty one does not make the
    index infinite.

    Examples
    --------
    >>> round(population_stability([100, 100], [150, 50]), 3)
    0.272
    """
    first, second = (np.asarray(given, dtype=np.float64) for given in (reference, counts))
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"counts has shape {second.shape}, reference {first.shape}. Allowed: (bins,), the same."
        )
    _check_histograms("reference", first)
    _check_histograms("counts", second)
    return float(_stability(first, second))


def stability_by_chance(bins: int, rows: int, other_rows: int) -> tuple[float, float]:
    """Mean and standard deviation of the index of two samples of one distribution.

    Parameters
    ----------
    bins
        Bins in use, at least 1.
    rows, other_rows
        Sizes of the samples, at least 1.

    Raises
    ------
    ValueError
        When a number is below 1.

    Notes
    -----
    The index is (1/n + 1/m) · χ² with b − 1 degrees of freedom: Yurdakul and Naranjo, Statistical
    properties of the population stability index, Journal of Risk Model Validation 14, 2020.

    Examples
    --------
    >>> mean, deviation = stability_by_chance(10, 1000, 1000)
    >>> round(mean, 3), round(deviation, 4)
    (0.018, 0.0085)
    """
    for name, value in (("bins", bins), ("rows", rows), ("other_rows", other_rows)):
        require_at_least(name, value, 1)
    scale = 1 / rows + 1 / other_rows
    return (bins - 1) * scale, math.sqrt(2 * (bins - 1)) * scale


def drift(
    snapshots: ArrayLike,
    moments: ArrayLike,
    counts: ArrayLike,
    *,
    gap: float,
    alpha: float,
    practical: float = PRACTICAL_SIZE,
    earlier: EarlierChange | None = None,
) -> Drift:
    """Compare distributions with the snapshots a model learned from.

    Parameters
    ----------
    snapshots
        Shape (k, f, b), rows in each of b bins of each of f features at each of k snapshots; bins
        that a feature does not have are 0 throughout.
    moments
        Shape (k,), times of the snapshots in days, rising.
    counts
        Shape (f, b), the distributions that are looked at.
    gap
        Days that lie at least between what a model learned from and what it scores: its window.
    alpha
        Probability of a false finding for each feature, in (0, 1).
    practical
        Index below which a change is not worth telling, however sure it is.
    earlier
        What was seen since: snapshots that lie whole weeks apart do not show what comes and goes
        between them.

    Raises
    ------
    ValueError
        When shapes do not fit together, a histogram is empty, ``alpha`` is outside (0, 1), or
        ``gap`` or ``practical`` is negative.

    Notes
    -----
    Customers change with the seasons and as a business grows, and a large sample makes every such
    change certain. What is usual is seen from the snapshots themselves: each is compared with all
    those at least ``gap`` before it, as a new one is compared with all; of each index the part
    that chance gives it is taken off. Their mean, moderated by a prior of 0.01 worth two
    comparisons (as variances are in Smyth, Linear models and empirical Bayes methods, Statistical
    Applications in Genetics and Molecular Biology 3, 2004), is the mean square of a change with
    one degree of freedom, so that the new index over it has an F distribution. Chance's own
    part is added: its mean and the normal quantile of its deviation.
    """
    require_fraction("alpha", alpha)
    for name, value in (("gap", gap), ("practical", practical)):
        if not value >= 0:
            raise ValueError(f"{name} is {value}. Allowed: a number of at least 0.")
    table, times, new = _checked(snapshots, moments, counts)
    usual, degrees = _usual_change(table, times, gap, earlier)
    reference = table.sum(axis=0)
    psi = _stability(reference, new)
    chance, deviation = _by_chance(reference, new)
    most = usual * fdtri(_WAYS, degrees, 1 - alpha) + chance - float(ndtri(alpha)) * deviation
    return Drift(psi, np.maximum(psi - chance, 0.0), np.maximum(most, practical))


def _usual_change(
    table: FloatArray, times: FloatArray, gap: float, earlier: EarlierChange | None
) -> tuple[FloatArray, FloatArray]:
    """(f,) moderated mean of what is usual, and the degrees of freedom behind it."""
    total = np.full(table.shape[1], _PRIOR_COMPARISONS * _PRIOR_CHANGE)
    comparisons = np.full(table.shape[1], _PRIOR_COMPARISONS)
    for snapshot, moment in zip(table, times, strict=True):
        before = table[(times <= moment - gap) & (times < moment)]
        if not len(before):
            continue
        reference = before.sum(axis=0)
        chance, _ = _by_chance(reference, snapshot)
        total += np.maximum(_stability(reference, snapshot) - chance, 0.0)
        comparisons += 1
    if earlier is not None:
        total += earlier.mean * earlier.comparisons
        comparisons += earlier.comparisons
    return total / comparisons, comparisons


def _stability(first: FloatArray, second: FloatArray) -> FloatArray:
    """(f,) population stability of histograms (f, b)."""
    # Bins that are empty on both sides say nothing and get nothing added.
    pseudo = np.where((first > 0) | (second > 0), _PSEUDO_COUNT, 0.0)
    q, r = second + pseudo, first + pseudo
    q, r = q / q.sum(axis=-1, keepdims=True), r / r.sum(axis=-1, keepdims=True)
    logs = np.log(np.divide(q, r, out=np.ones_like(q), where=r > 0))
    return np.asarray(np.sum((q - r) * logs, axis=-1), dtype=np.float64)


def _by_chance(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(f,) mean and deviation by chance of the index of histograms (f, b)."""
    ways = np.count_nonzero((first > 0) | (second > 0), axis=-1) - 1
    scale = 1 / first.sum(axis=-1) + 1 / second.sum(axis=-1)
    return ways * scale, np.sqrt(2 * ways) * scale


def _checked(
    snapshots: ArrayLike, moments: ArrayLike, counts: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    table = np.asarray(snapshots, dtype=np.float64)
    times = np.asarray(moments, dtype=np.float64)
    new = np.asarray(counts, dtype=np.float64)
    if table.ndim != 3 or len(table) == 0 or new.shape != table.shape[1:]:
        raise ValueError(
            f"snapshots has shape {table.shape} and counts {new.shape}. "
            "Allowed: (snapshots, features, bins), at least one snapshot, and (features, bins)."
        )
    if times.shape != (len(table),) or np.any(np.diff(times) <= 0):
        raise ValueError(f"moments is {times}. Allowed: rising, one for each snapshot.")
    _check_histograms("snapshots", table)
    _check_histograms("counts", new)
    return table, times, new


def _check_histograms(name: str, counts: FloatArray) -> None:
    rows = counts.sum(axis=-1)
    if not (np.all(np.isfinite(counts)) and np.all(counts >= 0) and np.all(rows > 0)):
        raise ValueError(f"{name} is {counts}. Allowed: counts of at least 0, not all 0.")
