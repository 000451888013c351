"""A scoring run in 10,001 numbers: what a simulation needs, at any number of users."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.arrays import FloatArray, IntArray, as_probabilities, as_scores

BINS = 10_001
"""One bin for each stored score 0.00, 0.01 … 100.00."""

BINS_PER_POINT = 100

_HEADER = b"score-histogram-1\n"


@dataclass(frozen=True, eq=False)
class ScoreHistogram:
    """Users, expected positives and their variance for each score from 0.00 to 100.00.

    Parameters
    ----------
    counts
        Shape (10001,), int64: users with that score.
    sum_p
        Shape (10001,), float64: Σp over them, the positives to expect.
    sum_v
        Shape (10001,), float64: Σp(1 − p) over them, the variance of their number by chance.

    Raises
    ------
    ValueError
        When an array has another shape.
    """

    counts: IntArray
    sum_p: FloatArray
    sum_v: FloatArray

    def __post_init__(self) -> None:
        for name in ("counts", "sum_p", "sum_v"):
            shape = getattr(self, name).shape
            if shape != (BINS,):
                raise ValueError(f"{name} has shape {shape}. Allowed: ({BINS},).")

    @classmethod
    def empty(cls) -> ScoreHistogram:
        """Build a histogram of nobody, to add to."""
        return cls(np.zeros(BINS, dtype=np.int64), np.zeros(BINS), np.zeros(BINS))

    @classmethod
    def from_scores(cls, scores: ArrayLike, probabilities: ArrayLike) -> ScoreHistogram:
        """Count users by score.

        Parameters
        ----------
        scores
            Shape (n,), from 0 to 100, rounded to 0.01; n = 0 is allowed.
        probabilities
            Shape (n,), in [0, 1].

        Raises
        ------
        ValueError
            When the arrays differ in length or hold values outside their range.
        """
        if np.size(scores) == 0 and np.size(probabilities) == 0:
            return cls.empty()
        values = as_scores(scores, np.size(scores))
        predicted = as_probabilities(probabilities, len(values))
        if values.min() < 0 or values.max() > 100:
            wrong = values.min() if values.min() < 0 else values.max()
            raise ValueError(f"scores contains {wrong}. Allowed: numbers from 0 to 100.")
        bins = np.rint(values * BINS_PER_POINT).astype(np.int64)
        return cls(
            counts=np.bincount(bins, minlength=BINS).astype(np.int64),
            sum_p=_sums(bins, predicted),
            sum_v=_sums(bins, predicted * (1 - predicted)),
        )

    @classmethod
    def from_bytes(cls, stored: bytes) -> ScoreHistogram:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        ValueError
            When the bytes are not a histogram of this version.
        """
        if not stored.startswith(_HEADER):
            raise ValueError(
                f"stored begins with {stored[: len(_HEADER)]!r}. Allowed: {_HEADER!r}."
            )
        try:
            content = zlib.decompress(stored[len(_HEADER) :])
        except zlib.error as error:
            raise ValueError("stored is damaged. Allowed: bytes from to_bytes.") from error
        columns = np.frombuffer(content, dtype="<f8")
        if columns.size != 3 * BINS:
            raise ValueError(f"stored holds {columns.size} numbers. Allowed: {3 * BINS}.")
        counts, sum_p, sum_v = columns.astype(np.float64).reshape(3, BINS)
        return cls(counts.astype(np.int64), sum_p, sum_v)

    def to_bytes(self) -> bytes:
        """Write a versioned header, then the three columns as compressed little-endian float64."""
        columns = np.stack([self.counts.astype(np.float64), self.sum_p, self.sum_v])
        return _HEADER + zlib.compress(columns.astype("<f8").tobytes())

    def __add__(self, other: ScoreHistogram) -> ScoreHistogram:
        return ScoreHistogram(
            self.counts + other.counts, self.sum_p + other.sum_p, self.sum_v + other.sum_v
        )

    @cached_property
    def total(self) -> int:
        """Users in the histogram."""
        return self.within(slice(0, BINS))[0]

    @cached_property
    def bounds(self) -> tuple[float, float] | None:
        """Lowest and highest score that anybody has; None without users."""
        occupied = np.flatnonzero(self.counts)
        if not len(occupied):
            return None
        return int(occupied[0]) / BINS_PER_POINT, int(occupied[-1]) / BINS_PER_POINT

    @cached_property
    def expected_positives(self) -> float:
        """Σp over everybody."""
        return self.within(slice(0, BINS))[1]

    @cached_property
    def chance(self) -> float:
        """Σp(1 − p) over everybody."""
        return self.within(slice(0, BINS))[2]

    def within(self, bins: slice) -> tuple[int, float, float]:
        """Users, Σp and Σp(1 − p) in neighbouring bins; as quick for all of them as for one.

        Parameters
        ----------
        bins
            From the first bin up to, without it, the end; both are numbers of bins.
        """
        counts, sum_p, sum_v = self._below
        first, end = bins.start, bins.stop
        return (
            int(counts[end] - counts[first]),
            float(sum_p[end] - sum_p[first]),
            float(sum_v[end] - sum_v[first]),
        )

    @cached_property
    def _below(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """Each column's sum over the bins below a bin: shape (10002,)."""
        return (
            np.concatenate([[0], np.cumsum(self.counts)]),
            np.concatenate([[0.0], np.cumsum(self.sum_p)]),
            np.concatenate([[0.0], np.cumsum(self.sum_v)]),
        )

    def buckets(self, count: int = 20) -> list[dict[str, Any]]:
        """Sum up in ``count`` equal score ranges, for a bar chart.

        Parameters
        ----------
        count
            Divides 10,000. A range includes its lower bound; the last includes 100 too.

        Returns
        -------
        list of dict
            ``min_score``, ``max_score``, ``users``, ``expected_positives``, from low to high.

        Raises
        ------
        ValueError
            When ``count`` does not divide 10,000.
        """
        if count < 1 or (BINS - 1) % count:
            raise ValueError(f"count is {count}. Allowed: a whole number that divides {BINS - 1}.")
        width = (BINS - 1) // count
        starts = np.arange(count) * width
        users = np.add.reduceat(self.counts[:-1], starts)
        expected = np.add.reduceat(self.sum_p[:-1], starts)
        users[-1] += self.counts[-1]
        expected[-1] += self.sum_p[-1]
        return [
            {
                "min_score": int(start) / BINS_PER_POINT,
                "max_score": int(start + width) / BINS_PER_POINT,
                "users": int(user_count),
                "expected_positives": float(positives),
            }
            for start, user_count, positives in zip(starts, users, expected, strict=True)
        ]


def _sums(bins: IntArray, weights: FloatArray) -> FloatArray:
    return np.bincount(bins, weights=weights, minlength=BINS).astype(np.float64, copy=False)
