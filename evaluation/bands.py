"""Expected against actual positives, by score band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.arrays import FloatArray, as_labels, as_probabilities, as_scores
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
        Users in it.
    expected_positives
        Σp over them, with the interval in which the actual number should fall.
    actual_positives
        Those who were positive.
    """

    min_score: float
    max_score: float
    users: int
    expected_positives: Estimate
    actual_positives: int

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name, JSON-ready."""
        return vars(self) | {"expected_positives": self.expected_positives.to_dict()}


def score_bands(
    labels: ArrayLike,
    probabilities: ArrayLike,
    scores: ArrayLike,
    edges: Sequence[float],
    *,
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
    users = np.bincount(band, minlength=count)
    actual = np.bincount(band[truth], minlength=count)
    expected = np.bincount(band, weights=predicted, minlength=count)
    chance = np.bincount(band, weights=predicted * (1 - predicted), minlength=count)
    uncertainty = Uncertainty(shift, confidence)
    return [
        ScoreBand(
            min_score=float(bounds[number]),
            max_score=float(bounds[number + 1]),
            users=int(users[number]),
            expected_positives=uncertainty.of_count(
                float(expected[number]), float(chance[number]), int(users[number])
            ),
            actual_positives=int(actual[number]),
        )
        for number in range(count)
    ]


def _rising(edges: Sequence[float]) -> FloatArray:
    bounds = np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or len(bounds) < 2 or not np.all(np.diff(bounds) > 0):
        raise ValueError(f"edges is {edges!r}. Allowed: at least two numbers that rise.")
    return bounds
