"""What a message costs and what a conversion brings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

IncentiveTaker = Literal["converters", "everyone"]

Amount = TypeVar("Amount", float, NDArray[np.float64])


@dataclass(frozen=True)
class Money:
    """Prices of a campaign, all in one currency.

    Parameters
    ----------
    conversion_value
        What one conversion is worth; for churn, one customer kept. Any finite number.
    share_caused
        Share of the conversions that the message causes, from 0 to 1. At 1 every conversion among
        those reached is credited to the message, which is an upper bound: a probability is not an
        uplift.
    message_cost
        Of one message, at least 0.
    incentive_cost
        Of one incentive that is taken, at least 0.
    incentive_taken_by
        ``converters``: taken with probability p; ``everyone``: by all who are reached.

    Raises
    ------
    ValueError
        When a number is not finite or out of its range, or the taker is another word.

    Notes
    -----
    profit = Σ(share caused · value · p − message − incentive · P(takes it)).
    """

    conversion_value: float
    share_caused: float = 1.0
    message_cost: float = 0.0
    incentive_cost: float = 0.0
    incentive_taken_by: IncentiveTaker = "converters"

    def __post_init__(self) -> None:
        if not math.isfinite(self.conversion_value):
            raise ValueError(
                f"conversion_value is {self.conversion_value}. Allowed: a finite number."
            )
        if not 0 <= self.share_caused <= 1:
            raise ValueError(f"share_caused is {self.share_caused}. Allowed: a number from 0 to 1.")
        for name in ("message_cost", "incentive_cost"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} is {value}. Allowed: a finite number of at least 0.")
        if self.incentive_taken_by not in get_args(IncentiveTaker):
            raise ValueError(
                f"incentive_taken_by is {self.incentive_taken_by!r}. "
                "Allowed: 'converters', 'everyone'."
            )

    def cost(self, reached: Amount, positives: Amount) -> Amount:
        """Messages and incentives for so many users, so many of them positive."""
        takers = positives if self.incentive_taken_by == "converters" else reached
        return reached * self.message_cost + takers * self.incentive_cost

    def revenue(self, positives: Amount) -> Amount:
        """Worth of the conversions that the message caused."""
        return positives * (self.share_caused * self.conversion_value)

    def profit(self, reached: Amount, positives: Amount) -> Amount:
        """Revenue less cost."""
        return self.revenue(positives) - self.cost(reached, positives)
