"""Who the customers of the synthetic shop are: each with habits, a beginning and an end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Average days from the first visit to the day a customer loses interest for good.
_MEAN_LIFE_DAYS = 300.0
#: So long before the first day newcomers begin to arrive: those of the first day are of all ages.
SETTLING_DAYS = 900


@dataclass(frozen=True)
class Customers:
    """Habits of everybody who is ever a customer; each array is (customers,).

    Parameters
    ----------
    joined, left
        First day and the day after the last one, counted from the shop's first day.
    visits
        Visits an average day.
    views
        Products looked at in a visit, on average.
    purchase_share
        Share of visits that lead to a purchase.
    basket
        Usual amount of a purchase.
    opens
        Share of campaigns opened; 0 for who gets none.
    adopts
        Where in [0, 1) a customer stands among those who take up a new channel.
    country
        Index into `COUNTRIES`.
    """

    joined: Floats
    left: Floats
    visits: Floats
    views: Floats
    purchase_share: Floats
    basket: Floats
    opens: Floats
    adopts: Floats
    country: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.joined)


COUNTRIES = ("GB", "DE", "FR", "NL")


def draw_customers(active: int, days: int, random: np.random.Generator) -> Customers:
    """About ``active`` customers at any time, who come and go over ``days``.

    Rates are drawn from gamma, shares from beta, lives from exponential distributions whose
    means differ: the heterogeneity that buy-till-you-die models describe.
    """
    span = SETTLING_DAYS + days
    count = int(random.poisson(active / _MEAN_LIFE_DAYS * span))
    joined = np.sort(random.random(count) * span - SETTLING_DAYS)
    # Mean life differs by customer: gamma(3) hazards give mean life of `_MEAN_LIFE_DAYS`.
    hazard = random.gamma(3.0, 1 / (2.0 * _MEAN_LIFE_DAYS), count)
    subscribed = random.random(count) < 0.65
    return Customers(
        joined=joined,
        left=joined + random.exponential(1 / hazard),
        visits=random.gamma(1.3, 0.09, count) + 0.005,
        views=random.gamma(2.0, 0.6, count),
        purchase_share=random.beta(2.0, 5.5, count),
        basket=np.exp(random.normal(3.4, 0.5, count)),
        opens=np.where(subscribed, random.beta(1.5, 4.0, count), 0.0),
        adopts=random.random(count),
        country=random.choice(len(COUNTRIES), size=count, p=[0.5, 0.25, 0.15, 0.1]),
    )
