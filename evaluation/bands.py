"""Expected against actual positives, by score band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.arrays import (
    BoolArray,
    FloatArray,
    as_labels,
    as_probabilities,
    as_scores,
    as_weights,
)
from evaluation.intervals import Estimate, Uncertainty
from evaluation.shift import ShiftVariance


@dataclass(frozen=True)
class ScoreBand:
    """One range of scores.

    Parameters
    ----------
    min_score, max_score
        The lower bound is included; the upper one only in the highest band.
    users
        Users in it; a sum of weights where rows have weights, as the next two.
    expected_positives
        Σp over them, with the interval in which the actual number should fall.
    actual_positives
        Those who were positive.
    """

    min_score: float
    max_score: float
    users: float
    expected_positives: Estimate
    actual_positives: float

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name, JSON-ready."""
        return vars(self) | {"expected_positives": self.expected_positives.to_dict()}


def score_bands(
    labels: ArrayLike,
    probabilities: ArrayLike,
    scores: ArrayLike,
    edges: Sequence[float],
    *,
    weights: ArrayLike | None = None,
    shift: ShiftVariance | None = None,
    confidence: float = 0.95,
) -> list[ScoreBand]:
    """Count expected and actual positives in each score band.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1].
    scores
        Shape (n,), on the scale of ``edges``.
    edges
        Rising bounds, at least two, that contain all scores: ``(0, 50, 75, 100)`` makes the
        categories [0, 50), [50, 75), [75, 100].
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.
    shift
        Change between snapshots, for the intervals.
    confidence
        Level of the intervals, in (0, 1).

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, the edges do not rise, or a score
        lies outside them.

    Notes
    -----
    Intervals: :class:`evaluation.intervals.Uncertainty`.
    """
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    values = as_scores(scores, len(truth))
    bounds = _rising(edges)
    if values.min() < bounds[0] or values.max() > bounds[-1]:
        wrong = values.min() if values.min() < bounds[0] else values.max()
        raise ValueError(f"scores contains {wrong}. Allowed: from {bounds[0]} to {bounds[-1]}.")
    band = np.minimum(np.searchsorted(bounds, values, side="right") - 1, len(bounds) - 2)
    count = len(bounds) - 1
    uncertainty = Uncertainty(shift, confidence)
    amounts = None if weights is None else as_weights(weights, len(truth))
    sums = _Sums.by(band, count, truth, predicted, amounts)
    return [
        ScoreBand(
            min_score=float(bounds[number]),
            max_score=float(bounds[number + 1]),
            users=sums.users[number].item(),
            expected_positives=uncertainty.of_count(
                float(sums.expected[number]),
                float(sums.chance[number]),
                float(sums.users[number]),
                float(sums.slope[number]),
            ),
            actual_positives=sums.actual[number].item(),
        )
        for number in range(count)
    ]


@dataclass(frozen=True, eq=False)
class _Sums:
    """What the rows of each band add up to; the fields have shape (bands,)."""

    users: NDArray[Any]
    actual: NDArray[Any]
    expected: FloatArray
    chance: FloatArray
    slope: FloatArray

    @classmethod
    def by(
        cls,
        band: NDArray[np.intp],
        count: int,
        truth: BoolArray,
        predicted: FloatArray,
        weights: FloatArray | None,
    ) -> _Sums:
        def total(values: FloatArray, of: BoolArray | slice = slice(None)) -> NDArray[Any]:
            return np.bincount(band[of], weights=values[of], minlength=count)

        chance = predicted * (1 - predicted)
        if weights is None:
            users = np.bincount(band, minlength=count)
            actual = np.bincount(band[truth], minlength=count)
            return cls(users, actual, total(predicted), total(chance), total(chance))
        return cls(
            total(weights),
            total(weights, truth),
            total(weights * predicted),
            total(weights**2 * chance),
            total(weights * chance),
        )


def _rising(edges: Sequence[float]) -> FloatArray:
    bounds = np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or len(bounds) < 2 or not np.all(np.diff(bounds) > 0):
        raise ValueError(f"edges is {edges!r}. Allowed: at least two numbers that rise.")
    return bounds
