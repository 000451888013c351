"""Whether a distribution has moved: population stability with a null that knows what is usual."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtri, ndtri

from evaluation.arrays import FloatArray, require_at_least, require_fraction

#: The usual reading of the index: below 0.1 no change, from 0.25 a big one; noteworthy in between.
PRACTICAL_SIZE = 0.2
_PSEUDO_COUNT = 0.5
#: A change between snapshots moves a distribution in one way at once, its place more than all else.
_WAYS = 1
#: What snapshots usually differ by, and how many comparisons that belief is worth.
_PRIOR_CHANGE = 0.01
_PRIOR_COMPARISONS = 2.0


@dataclass(frozen=True)
class Drift:
    """How far a distribution lies from the reference.

    Parameters
    ----------
    psi
        Population stability index against the pooled reference.
    threshold
        What a distribution may reach that moves as the reference's own snapshots did.
    drifted
        Whether it is beyond.
    """

    psi: float
    threshold: float
    drifted: bool


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
    first, second = _histogram("reference", reference), _histogram("counts", counts)
    if first.shape != second.shape:
        raise ValueError(f"counts has {len(second)} bins. Allowed: {len(first)}, as reference.")
    # Bins that are empty on both sides say nothing and get nothing added.
    filled = (first > 0) | (second > 0)
    first, second = first[filled] + _PSEUDO_COUNT, second[filled] + _PSEUDO_COUNT
    q, r = second / second.sum(), first / first.sum()
    return float(np.sum((q - r) * np.log(q / r)))


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
) -> Drift:
    """Compare a distribution with the snapshots a model learned from.

    Parameters
    ----------
    snapshots
        Shape (k, b), rows in each of b bins at each of k snapshots.
    moments
        Shape (k,), their times in days, rising.
    counts
        Shape (b,), the distribution that is looked at.
    gap
        Days that lie at least between what a model learned from and what it scores: its window.
    alpha
        Probability of a false finding, in (0, 1).
    practical
        Index below which a change is not worth telling, however sure it is.

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
    usual, comparisons = _usual_change(table, times, gap)
    reference = table.sum(axis=0)
    index = population_stability(reference, new)
    chance, deviation = stability_by_chance(_bins(reference, new), _rows(new), _rows(reference))
    degrees = _PRIOR_COMPARISONS + comparisons
    change = usual * float(fdtri(_WAYS, degrees, 1 - alpha))
    threshold = max(practical, change + chance + float(-ndtri(alpha)) * deviation)
    return Drift(index, threshold, index > threshold)


def _usual_change(table: FloatArray, times: FloatArray, gap: float) -> tuple[float, int]:
    """Moderated mean of what snapshots differ by from those before them, and how many told."""
    changes = []
    for snapshot, moment in zip(table, times, strict=True):
        before = table[times <= moment - gap]
        if gap == 0:
            before = table[times < moment]
        if not len(before):
            continue
        reference = before.sum(axis=0)
        chance, _ = stability_by_chance(
            _bins(reference, snapshot), _rows(snapshot), _rows(reference)
        )
        changes.append(max(0.0, population_stability(reference, snapshot) - chance))
    total = _PRIOR_COMPARISONS * _PRIOR_CHANGE + sum(changes)
    return total / (_PRIOR_COMPARISONS + len(changes)), len(changes)


def _checked(
    snapshots: ArrayLike, moments: ArrayLike, counts: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    table = np.asarray(snapshots, dtype=np.float64)
    times = np.asarray(moments, dtype=np.float64)
    new = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or len(table) == 0 or new.shape != table.shape[1:]:
        raise ValueError(
            f"snapshots has shape {table.shape} and counts {new.shape}. "
            "Allowed: (snapshots, bins), at least one snapshot, and (bins,)."
        )
    if times.shape != (len(table),) or np.any(np.diff(times) <= 0):
        raise ValueError(f"moments is {times}. Allowed: rising, one for each snapshot.")
    for row in table:
        _histogram("snapshots", row)
    return table, times, _histogram("counts", new)


def _histogram(name: str, counts: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim != 1 or not np.all(np.isfinite(array)) or np.any(array < 0) or not array.any():
        raise ValueError(
            f"{name} is {array}. Allowed: one dimension, counts of at least 0, not all 0."
        )
    return array


def _bins(first: FloatArray, second: FloatArray) -> int:
    return int(np.count_nonzero((first > 0) | (second > 0)))


def _rows(counts: FloatArray) -> int:
    return max(1, int(counts.sum()))
