"""Whether a distribution has moved: population stability with a null that knows what is usual."""

from __future__ import annotations

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
    mean, deviation = _chance(np.array(bins), np.array(rows), np.array(other_rows))
    return float(mean), float(deviation)


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
    index = float(_stability(reference, new))
    chance, deviation = _by_chance(reference, new)
    degrees = _PRIOR_COMPARISONS + comparisons
    change = usual * float(fdtri(_WAYS, degrees, 1 - alpha))
    threshold = max(practical, change + float(chance) + float(-ndtri(alpha)) * float(deviation))
    return Drift(index, threshold, index > threshold)


def _usual_change(table: FloatArray, times: FloatArray, gap: float) -> tuple[float, int]:
    """Moderated mean of what snapshots differ by from those before them, and how many told."""
    earlier = times[:, None] <= times - gap if gap > 0 else times[:, None] < times
    has = earlier.any(axis=0)
    references, snapshots = earlier.T[has] @ table, table[has]
    chance, _ = _by_chance(references, snapshots)
    changes = np.maximum(0.0, _stability(references, snapshots) - chance)
    total = _PRIOR_COMPARISONS * _PRIOR_CHANGE + float(changes.sum())
    return total / (_PRIOR_COMPARISONS + len(changes)), len(changes)


def _stability(reference: FloatArray, counts: FloatArray) -> FloatArray:
    """The index over the last axis, for as many pairs of histograms as there are."""
    # Bins that are empty on both sides say nothing and get nothing added.
    filled = (reference > 0) | (counts > 0)
    r, q = (
        np.where(filled, some + _PSEUDO_COUNT, 1.0)
        / np.sum(np.where(filled, some + _PSEUDO_COUNT, 0.0), axis=-1, keepdims=True)
        for some in (reference, counts)
    )
    return np.asarray(np.sum(np.where(filled, (q - r) * np.log(q / r), 0.0), axis=-1))


def _by_chance(reference: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`stability_by_chance` over the last axis, for as many pairs as there are."""
    bins = np.asarray(np.count_nonzero((reference > 0) | (counts > 0), axis=-1))
    return _chance(bins, *(np.maximum(1, some.sum(axis=-1)) for some in (reference, counts)))


def _chance(
    bins: NDArray[np.int64], rows: FloatArray, other_rows: FloatArray
) -> tuple[FloatArray, FloatArray]:
    scale = 1 / rows + 1 / other_rows
    return (bins - 1) * scale, np.sqrt(2 * (bins - 1)) * scale


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
    for name, some in (("snapshots", table), ("counts", new)):
        _require_counts(name, some)
    return table, times, new


def _histogram(name: str, counts: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(counts, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions. Allowed: one.")
    _require_counts(name, array)
    return array


def _require_counts(name: str, array: FloatArray) -> None:
    """Refuse what is no histogram over the last axis."""
    if not np.all((array >= 0) & (array < np.inf)) or not np.all(array.any(axis=-1)):
        raise ValueError(f"{name} is {array}. Allowed: counts of at least 0, not all 0.")
