"""Whom a simulation reaches: a score range, a top share, a number of messages or a budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.arrays import IntArray
from evaluation.histogram import BINS, BINS_PER_POINT, ScoreHistogram
from evaluation.money import Money

_ROUNDING = 1e-6  # of a bin: 74.99 · 100 is 7498.999…


@dataclass(frozen=True)
class Selection:
    """Who is reached, highest scores first.

    Either a score range, or one limit, or a limit in messages or money within a score range.

    Parameters
    ----------
    min_score, max_score
        Bounds of the score, both included, from 0 to 100; the one left out is 0 or 100.
    top_share
        Share of all users, in (0, 1]; not together with a score range.
    messages
        Most users to reach, at least 0.
    budget
        Most money to spend, at least 0, in expectation where an incentive is taken by converters.

    Raises
    ------
    ValueError
        When nothing or two limits are given, or a number is out of its range.

    Examples
    --------
    >>> Selection(min_score=75)
    Selection(min_score=75, max_score=None, top_share=None, messages=None, budget=None)
    """

    min_score: float | None = None
    max_score: float | None = None
    top_share: float | None = None
    messages: int | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        limits = [
            name for name in ("top_share", "messages", "budget") if getattr(self, name) is not None
        ]
        if len(limits) > 1:
            raise ValueError(f"{' and '.join(limits)} are given. Allowed: one of them.")
        if not limits and not self.has_range:
            raise ValueError(
                "The selection is empty. Allowed: min_score, max_score, top_share, messages, "
                "budget."
            )
        if self.top_share is not None and self.has_range:
            raise ValueError("top_share is given with a score range. Allowed: one of the two.")
        self._require_ranges()

    @property
    def has_range(self) -> bool:
        """Whether a score bound is given."""
        return self.min_score is not None or self.max_score is not None

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest score, both included."""
        lowest = 0.0 if self.min_score is None else float(self.min_score)
        highest = 100.0 if self.max_score is None else float(self.max_score)
        return lowest, highest

    @property
    def bins(self) -> slice:
        """The bins of a histogram that lie in the range."""
        lowest, highest = self.range
        first = math.ceil(lowest * BINS_PER_POINT - _ROUNDING)
        return slice(first, math.floor(highest * BINS_PER_POINT + _ROUNDING) + 1)

    @property
    def is_range(self) -> bool:
        """Whether everybody in the range is reached."""
        return self.top_share is None and self.messages is None and self.budget is None

    def users_by_bin(self, histogram: ScoreHistogram, money: Money | None) -> IntArray:
        """Users reached in each bin of the histogram.

        Parameters
        ----------
        histogram
            Of the users to choose from.
        money
            Needed for a budget.

        Returns
        -------
        ndarray
            Shape (10001,), int64. A limit that falls inside a bin takes part of the bin: a bin of
            0.01 score is the finest there is to choose by.

        Raises
        ------
        ValueError
            When a budget is given without ``money``.
        """
        candidates = np.zeros_like(histogram.counts)
        candidates[self.bins] = histogram.counts[self.bins]
        if self.budget is not None:
            if money is None:
                raise ValueError("money is None. Allowed: the costs that the budget pays for.")
            return _affordable(candidates, histogram, money, self.budget)
        if self.messages is not None:
            return _from_the_top(candidates, self.messages)
        if self.top_share is not None:
            return _from_the_top(candidates, math.floor(self.top_share * histogram.total + 0.5))
        return candidates

    def _require_ranges(self) -> None:
        lowest, highest = self.range
        if not 0 <= lowest <= 100:
            raise ValueError(f"min_score is {lowest}. Allowed: a number from 0 to 100.")
        if not lowest <= highest <= 100:
            raise ValueError(f"max_score is {highest}. Allowed: a number from {lowest} to 100.")
        if self.top_share is not None and not 0 < self.top_share <= 1:
            raise ValueError(f"top_share is {self.top_share}. Allowed: above 0, up to 1.")
        if self.messages is not None and not (
            isinstance(self.messages, int) and self.messages >= 0
        ):
            raise ValueError(f"messages is {self.messages}. Allowed: a whole number of at least 0.")
        if self.budget is not None and not (math.isfinite(self.budget) and self.budget >= 0):
            raise ValueError(f"budget is {self.budget}. Allowed: a finite number of at least 0.")


def _from_the_top(candidates: IntArray, limit: int) -> IntArray:
    """At most ``limit`` users, highest bins first."""
    reached = np.minimum(np.cumsum(candidates[::-1]), limit)
    return np.diff(reached, prepend=0)[::-1]


def _affordable(
    candidates: IntArray, histogram: ScoreHistogram, money: Money, budget: float
) -> IntArray:
    """As many users as the budget pays for, highest bins first, whole users only."""
    mean_p = histogram.sum_p / np.maximum(histogram.counts, 1)
    price = money.cost(np.ones(BINS), mean_p)[::-1]
    falling = candidates[::-1]
    spent = np.cumsum(falling * price)
    left = np.maximum(0.0, budget - (spent - falling * price))
    # A free user is always affordable; the tolerance keeps 3 · 0.1 within a budget of 0.3.
    payable = np.full(BINS, np.inf)
    np.divide(left * (1 + 1e-12), price, out=payable, where=price > 0)
    taken = np.minimum(falling, np.floor(np.minimum(payable, falling.astype(np.float64))))
    # Once one user cannot be paid, no lower score may be reached instead.
    stopped = np.cumsum(taken < falling) - (taken < falling) > 0
    return np.where(stopped, 0, taken).astype(np.int64)[::-1]
