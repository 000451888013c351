"""What the simulator page keeps: a selection, prices, and the answers to them.

The histogram of the run is kept with the page, so that an answer needs no database.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evaluation.histogram import ScoreHistogram
from evaluation.money import IncentiveTaker, Money
from evaluation.profit import ProfitCurve, profit_curve
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import Simulation, simulate


@dataclass
class Prices:
    """What the fields of the page hold."""

    conversion_value: float | None = None
    percent_caused: float | None = 100.0
    message_cost: float | None = None
    incentive_cost: float | None = None
    incentive_taken_by: IncentiveTaker = "converters"

    def to_money(self) -> Money | None:
        """None while nobody said what a conversion is worth.

        Raises
        ------
        ValueError
            A number is out of its range.
        """
        if self.conversion_value is None:
            return None
        caused = 100.0 if self.percent_caused is None else self.percent_caused
        return Money(
            conversion_value=self.conversion_value,
            share_caused=caused / 100,
            message_cost=self.message_cost or 0.0,
            incentive_cost=self.incentive_cost or 0.0,
            incentive_taken_by=self.incentive_taken_by,
        )


@dataclass
class Trial:
    """A selection that is being tried.

    Parameters
    ----------
    histogram
        Of the published run.
    shift
        How far the base rate moves from one window to the next.
    """

    histogram: ScoreHistogram
    shift: ShiftVariance
    low: float = 75.0
    high: float = 100.0
    prices: Prices = field(default_factory=Prices)
    kept: list[Simulation] = field(default_factory=list)

    def answer(self) -> Simulation:
        """What the selection reaches, hits, misses and earns."""
        return simulate(
            self.histogram,
            selection=Selection(min_score=self.low, max_score=self.high),
            money=self.prices.to_money(),
            shift=self.shift,
        )

    def profits(self) -> ProfitCurve | None:
        """Profit at every threshold; None without prices."""
        money = self.prices.to_money()
        return None if money is None else profit_curve(self.histogram, money)
