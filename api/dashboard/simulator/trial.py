"""What the simulator keeps: selections, prices, and the answers to them.

The histogram of the run is kept with the page, so that an answer needs no database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from evaluation.histogram import ScoreHistogram
from evaluation.money import IncentiveTaker, Money
from evaluation.profit import ProfitCurve, profit_curve
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import Simulation, simulate

Limit = Literal["none", "messages", "budget"]


@dataclass
class Prices:
    """What the fields of the page hold."""

    conversion_value: float | None = None
    percent_caused: float | None = 100.0
    message_cost: float | None = None
    incentive_cost: float | None = None
    incentive_taken_by: IncentiveTaker = "converters"

    @property
    def are_given(self) -> bool:
        """Whether anybody said what anything costs or is worth."""
        return (self.conversion_value, self.message_cost, self.incentive_cost) != (None, None, None)

    @property
    def have_value(self) -> bool:
        """Whether anybody said what a conversion is worth: without that there is no profit."""
        return self.conversion_value is not None

    def to_money(self) -> Money:
        """What is not said costs nothing and is worth nothing.

        Raises
        ------
        ValueError
            A number is out of its range.
        """
        caused = 100.0 if self.percent_caused is None else self.percent_caused
        return Money(
            conversion_value=self.conversion_value or 0.0,
            share_caused=caused / 100,
            message_cost=self.message_cost or 0.0,
            incentive_cost=self.incentive_cost or 0.0,
            incentive_taken_by=self.incentive_taken_by,
        )


@dataclass(frozen=True)
class Choice:
    """A selection: a range of scores, and how many messages or how much money at most.

    Parameters
    ----------
    at_most
        Of the limit; None while nobody has said.
    """

    low: float = 75.0
    high: float = 100.0
    limit: Limit = "none"
    at_most: float | None = None

    def to_selection(self) -> Selection:
        """The same for a simulation.

        Raises
        ------
        ValueError
            The limit is negative.
        """
        messages, budget = None, None
        if self.at_most is not None and self.limit == "messages":
            messages = int(self.at_most)
        elif self.at_most is not None and self.limit == "budget":
            budget = self.at_most
        return Selection(min_score=self.low, max_score=self.high, messages=messages, budget=budget)


@dataclass
class Trial:
    """A selection that is being tried, on the scores of everybody or of a segment.

    Parameters
    ----------
    histogram
        Of the published run, or of what a segment holds of it.
    shift
        How far the base rate moves from one window to the next.
    segment
        Its name; None for everybody.
    kept
        Selections to compare with.
    """

    histogram: ScoreHistogram
    shift: ShiftVariance
    segment: str | None = None
    choice: Choice = Choice()
    prices: Prices = field(default_factory=Prices)
    kept: list[Choice] = field(default_factory=list)

    def answer(self, choice: Choice | None = None) -> Simulation:
        """What a selection reaches, hits, misses and earns.

        Raises
        ------
        ValueError
            A price or a limit is out of its range.
        """
        return simulate(
            self.histogram,
            selection=(choice or self.choice).to_selection(),
            money=self.prices.to_money(),
            shift=self.shift,
        )

    def profits(self) -> ProfitCurve | None:
        """Profit at every threshold; None while a conversion has no worth."""
        if not self.prices.have_value:
            return None
        return profit_curve(self.histogram, self.prices.to_money())
