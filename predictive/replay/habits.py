"""What the customers of the synthetic shop do on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from predictive.replay.customers import Customers
from predictive.replay.incidents import NEW_CHANNEL_EVENT
from predictive.replay.rhythm import demand, seconds_of_day
from predictive.replay.rows import EventRows

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

PRODUCTS = 400
#: Spread of the logarithm of what makes a day busier than others for no reason.
_BUSY_DAYS = 0.05
#: A visit may begin some days of interest, in which customers come back more often.
_INTEREST_SHARE, _INTEREST_DAYS, _INTEREST_FACTOR = 0.10, 4.0, 3.5
#: Every other Tuesday, to whoever registered in the last so many days.
_CAMPAIGN_EVERY_DAYS, _CAMPAIGN_WEEKDAY, _CAMPAIGN_REACHES_DAYS = 14, 1, 400
_CLICK_SHARE = 0.35
#: Who moves to a new channel, how fast, and how habits differ there.
_APP_SHARE, _APP_ADOPTED_WITHIN_DAYS, _APP_OF_VISITS = 0.35, 14.0, 0.95
_APP_VISITS, _APP_VIEWS, _APP_PURCHASES = 3.0, 0.4, 0.4


@dataclass(frozen=True)
class Circumstances:
    """What is out of the ordinary on a day.

    Parameters
    ----------
    purchase_factor
        Times the usual share of visits that lead to a purchase.
    channel_days
        How many days ago a new channel opened; None when there is none.
    """

    purchase_factor: float = 1.0
    channel_days: int | None = None


class ShopLife:
    """Makes one day after another; remembers who is interested in something.

    Parameters
    ----------
    customers
        Their habits.
    """

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._interested_until = np.full(len(customers), -np.inf)

    def day(
        self, number: int, day: date, circumstances: Circumstances, random: np.random.Generator
    ) -> EventRows:
        """All events of a day.

        Parameters
        ----------
        number
            Days since the shop's first one.
        day
            Its date.
        circumstances
            What is out of the ordinary.
        random
            The day's own random numbers.
        """
        rows = EventRows(day, self._customers)
        self._registrations(number, rows)
        if day.weekday() == _CAMPAIGN_WEEKDAY and day.toordinal() % _CAMPAIGN_EVERY_DAYS < 7:
            self._campaign(number, random, rows)
        self._visits(number, day, circumstances, random, rows)
        return rows

    def _registrations(self, number: int, rows: EventRows) -> None:
        joined = self._customers.joined
        new = np.flatnonzero((joined >= number) & (joined < number + 1))
        rows.add("registered", new, (joined[new] - number) * 86_400.0)

    def _campaign(self, number: int, random: np.random.Generator, rows: EventRows) -> None:
        people = self._customers
        reached = (
            (people.opens > 0)
            & (people.joined < number)
            & (people.joined >= number - _CAMPAIGN_REACHES_DAYS)
        )
        sent = np.flatnonzero(reached)
        at = 8 * 3600.0 + 600.0 * random.random(len(sent))
        rows.add("campaign_sent", sent, at)
        opens = random.random(len(sent)) < people.opens[sent] * (people.left[sent] > number)
        opened, opened_at = sent[opens], at[opens] + random.exponential(3 * 3600.0, opens.sum())
        rows.add("campaign_opened", opened, opened_at)
        clicks = random.random(len(opened)) < _CLICK_SHARE
        rows.add("campaign_clicked", opened[clicks], opened_at[clicks] + 20.0)
        self._interest(opened[clicks], number, random)

    def _visits(
        self,
        number: int,
        day: date,
        circumstances: Circumstances,
        random: np.random.Generator,
        rows: EventRows,
    ) -> None:
        people = self._customers
        adopted = self._adopted(circumstances.channel_days)
        busy = demand(day) * np.exp(random.normal(0.0, _BUSY_DAYS))
        rates = people.visits * np.where(adopted, _APP_VISITS, 1.0) * busy
        rates = rates * np.where(self._interested_until > number, _INTEREST_FACTOR, 1.0)
        present = (people.joined < number + 1) & (people.left > number)
        who = np.repeat(np.arange(len(people)), random.poisson(rates * present))
        starts = seconds_of_day(len(who), random)
        app = adopted[who] & (random.random(len(who)) < _APP_OF_VISITS)
        self._opened(who, starts, app, rows)
        viewed_at = self._views(who, starts, app, random, rows)
        self._purchases(who, viewed_at, app, circumstances.purchase_factor, random, rows)
        begins = random.random(len(who)) < _INTEREST_SHARE
        self._interest(who[begins], number, random)

    def _opened(self, who: Indices, starts: Floats, app: Bools, rows: EventRows) -> None:
        rows.add("visit", who[~app], starts[~app], app=app[~app])
        if app.any():
            rows.add(NEW_CHANNEL_EVENT, who[app], starts[app], app=app[app])

    def _views(
        self, who: Indices, starts: Floats, app: Bools, random: np.random.Generator, rows: EventRows
    ) -> Floats:
        """Look at products; when each visit was done with that."""
        counts = random.poisson(self._customers.views[who] * np.where(app, _APP_VIEWS, 1.0))
        visit = np.repeat(np.arange(len(who)), counts)
        order = np.arange(len(visit)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows.add(
            "product_viewed",
            who[visit],
            starts[visit] + 30.0 + 45.0 * order,
            product=_products(len(visit), random),
            app=app[visit],
        )
        return np.asarray(starts + 30.0 + 45.0 * counts)

    def _purchases(
        self,
        who: Indices,
        at: Floats,
        app: Bools,
        factor: float,
        random: np.random.Generator,
        rows: EventRows,
    ) -> None:
        share = self._customers.purchase_share[who] * np.where(app, _APP_PURCHASES, 1.0)
        chance = random.random(len(who))
        # Half as many of the filled carts are given up as are paid.
        carts, buys = chance < 1.5 * share, chance < factor * share
        products = _products(len(who), random)
        rows.add("cart_filled", who[carts], at[carts] + 30, product=products[carts], app=app[carts])
        amounts = self._customers.basket[who[buys]] * random.lognormal(0.0, 0.4, buys.sum())
        rows.add(
            "purchase",
            who[buys],
            at[buys] + 120.0,
            amount=amounts,
            product=products[buys],
            app=app[buys],
        )

    def _adopted(self, channel_days: int | None) -> Bools:
        if channel_days is None:
            return np.zeros(len(self._customers), dtype=bool)
        share = _APP_SHARE * min(1.0, (channel_days + 1) / _APP_ADOPTED_WITHIN_DAYS)
        return np.asarray(self._customers.adopts < share)

    def _interest(self, who: Indices, number: int, random: np.random.Generator) -> None:
        until = number + 1 + random.exponential(_INTEREST_DAYS, len(who))
        np.maximum.at(self._interested_until, who, until)


def _products(count: int, random: np.random.Generator) -> Indices:
    """Product numbers; a few are wanted far more than the rest."""
    return np.asarray((PRODUCTS * random.random(count) ** 3).astype(np.int64))
