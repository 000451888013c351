"""The threshold that earns most, and how much it matters to hit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.arrays import FloatArray, IntArray, require_at_least
from evaluation.histogram import BINS, BINS_PER_POINT, ScoreHistogram
from evaluation.money import Money

FLAT_SHARE = 0.95
"""Thresholds that keep this share of the best profit count as just as good."""


@dataclass(frozen=True, eq=False)
class ProfitCurve:
    """Expected profit of reaching everybody at or above a threshold.

    Parameters
    ----------
    thresholds
        Shape (m,), float64, rising from 0 to 100.
    reached
        Shape (m,), int64: users at or above the threshold.
    profit
        Shape (m,), float64.
    best_threshold
        Of all 10,001 thresholds the one of highest profit, at the score of a user; None where
        sending nothing is best.
    best_reached
        Users that it reaches.
    best_profit
        Its profit; 0 where sending nothing is best.
    flat_from, flat_to
        The stretch of thresholds around the best over which profit stays within 5 % of it; None
        where sending nothing is best.
    """

    thresholds: FloatArray
    reached: IntArray
    profit: FloatArray
    best_threshold: float | None
    best_reached: int
    best_profit: float
    flat_from: float | None
    flat_to: float | None

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name, JSON-ready."""
        return vars(self) | {
            "thresholds": self.thresholds.tolist(),
            "reached": self.reached.tolist(),
            "profit": self.profit.tolist(),
        }


def profit_curve(histogram: ScoreHistogram, money: Money, points: int = 201) -> ProfitCurve:
    """Expected profit at every threshold.

    Parameters
    ----------
    histogram
        Of the scoring run, or of a segment of it.
    money
        Prices.
    points
        Most thresholds to return, at least 2; the best is always among them, on top of these.

    Raises
    ------
    ValueError
        When ``points`` is below 2.

    Notes
    -----
    Σ over users with score ≥ threshold of (share caused · value · p − message
    − incentive · P(takes it)).
    """
    require_at_least("points", points, 2)
    reached = np.cumsum(histogram.counts[::-1])[::-1]
    positives = np.cumsum(histogram.sum_p[::-1])[::-1]
    profit = money.profit(reached.astype(np.float64), positives)
    # The last of equal profits is the score of a user, those below it are empty bins.
    best = BINS - 1 - int(np.argmax(profit[::-1]))
    shown = np.unique(np.rint(np.linspace(0, BINS - 1, points)).astype(np.int64))
    if profit[best] <= 0:
        return ProfitCurve(
            shown / BINS_PER_POINT, reached[shown], profit[shown], None, 0, 0.0, None, None
        )
    shown = np.union1d(shown, [best])
    first, last = _stretch(profit >= FLAT_SHARE * profit[best], best)
    return ProfitCurve(
        thresholds=shown / BINS_PER_POINT,
        reached=reached[shown],
        profit=profit[shown],
        best_threshold=best / BINS_PER_POINT,
        best_reached=int(reached[best]),
        best_profit=float(profit[best]),
        flat_from=first / BINS_PER_POINT,
        flat_to=last / BINS_PER_POINT,
    )


def _stretch(good: np.ndarray[Any, np.dtype[np.bool_]], position: int) -> tuple[int, int]:
    """First and last index of the unbroken run of True around ``position``."""
    bad = np.flatnonzero(~good)
    after = int(np.searchsorted(bad, position))
    first = int(bad[after - 1]) + 1 if after > 0 else 0
    last = int(bad[after]) - 1 if after < len(bad) else len(good) - 1
    return first, last
