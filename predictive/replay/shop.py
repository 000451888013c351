"""A synthetic shop, day by day: visits, product views, carts, purchases, campaigns.

Customers visit at rates of their own (Poisson with gamma rates), come back for some days while
they are interested in something, answer campaigns, and lose interest for good one day; newcomers
take their place. The week, the year and the hours have their rhythm, and some days are busier
than others for no reason. Every day has random numbers of its own, so that a shop in which
something goes wrong is the quiet shop up to that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from predictive.errors import InvalidInput
from predictive.imports.columns import EventColumns
from predictive.replay.customers import draw_customers
from predictive.replay.habits import Circumstances, ShopLife
from predictive.replay.incidents import LOST_EVENT, Incident

MIN_CUSTOMERS = 50

#: How the shop's tables are imported.
SHOP_COLUMNS = EventColumns(
    "customer",
    "time",
    "event",
    amount="amount",
    product="product",
    properties=["channel", "country"],
)

#: What is predicted about the shop unless told otherwise.
SHOP_DEFINITION = """
name: buys-14d
kind: purchase
target:
  within_days: 14
  all: [{did: purchase}]
audience:
  all: [{did: visit, within_days: 60}]
schedule: weekly mon 03:00
"""


@dataclass(frozen=True)
class SyntheticShop:
    """A shop whose events are made for one day after another.

    Parameters
    ----------
    first_day
        The first day of its history.
    days
        How many days.
    customers
        About how many customers are active at any time.
    seed
        Same seed, same shop.
    incidents
        What goes wrong, and when.

    Raises
    ------
    InvalidInput
        Fewer than 50 customers, or less than one day.
    """

    first_day: date
    days: int
    customers: int = 2000
    seed: int = 0
    incidents: tuple[Incident, ...] = ()

    def __post_init__(self) -> None:
        if self.customers < MIN_CUSTOMERS:
            raise InvalidInput("customers", self.customers, f"{MIN_CUSTOMERS} or more")
        if self.days < 1:
            raise InvalidInput("days", self.days, "1 or more")

    def tables(self) -> Iterator[tuple[date, pa.Table]]:
        """Every day with its events in order of time, as `SHOP_COLUMNS` reads them."""
        people = draw_customers(self.customers, self.days, np.random.default_rng([self.seed, 1]))
        life = ShopLife(people)
        for number in range(self.days):
            day = self.first_day + timedelta(days=number)
            rows = life.day(
                number,
                day,
                self._circumstances(day),
                np.random.default_rng([self.seed, 2, number]),
            )
            lost = LOST_EVENT if self._since("tracking", day) is not None else None
            yield day, rows.table(lost)

    def _circumstances(self, day: date) -> Circumstances:
        halved = self._since("base-rate", day) is not None
        return Circumstances(0.5 if halved else 1.0, self._since("channel", day))

    def _since(self, kind: str, day: date) -> int | None:
        """Days since an incident of a kind began; None before, and where there is none."""
        days = [(day - each.day).days for each in self.incidents if each.kind == kind]
        return max((since for since in days if since >= 0), default=None)
