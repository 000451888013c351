"""Made-up customers whose true probabilities are known: the ceiling of what can be predicted.

Customers join over time, buy as a Poisson process at rates of their own, and leave for good after
an exponential life of their own. Some twins have a year's rhythm, and in all of them a window can
come out better or worse than the last one for reasons that no history tells. What these cost is
measured by who knows everything else: the *foresight* of a twin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.quality.event_log import EventLog, event_log
from benchmarks.quality.population import Population
from benchmarks.quality.tasks import Task

Floats = npt.NDArray[np.float64]

START = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = 540
WINDOW_DAYS = 30
#: The last so many windows are predicted, one after another.
CUTOFFS = 6
#: The method that knows a twin but for what the coming month does to everybody.
FORESIGHT = "foresight"
_MONTH = 30
_MONTHS_DRAWN = 9  # nodes of the mean over months that could come
_YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Twin:
    """Customers and the world they live in; arrays are (customers,), times in days.

    Parameters
    ----------
    log
        What they did.
    joined, left
        When each came and went.
    rate
        Purchases a day in an average month.
    life
        Mean days from joining to leaving of customers like this one.
    level
        (days,) how the world moves all rates.
    rhythm
        (days,) the part of the level that comes back every year.
    restlessness
        Standard deviation of the logarithm of a month's part, which nobody can know before.
    """

    log: EventLog
    joined: Floats
    left: Floats
    rate: Floats
    life: Floats
    level: Floats
    rhythm: Floats
    restlessness: float

    @property
    def tasks(self) -> list[Task]:
        """Who falls silent, and who buys again, at the last windows."""
        end = START + timedelta(days=DAYS)
        moments = tuple(
            end - number * timedelta(days=WINDOW_DAYS) for number in range(CUTOFFS, 0, -1)
        )
        name = self.log.name
        return [
            Task(f"{name}-silent", name, "silence", "purchase", WINDOW_DAYS, moments),
            Task(f"{name}-buys", name, "event", "purchase", WINDOW_DAYS, moments, "purchase", 120),
        ]

    def truth(self, task: Task, asked: Population) -> Floats:
        """(n,) true probability of the outcome of each user, by all that moves the customer.

        It knows rate, life's mean and the level of the window to come, but not the day on which
        a customer leaves.
        """
        who = asked.users.astype(int).to_numpy()
        day = (asked.as_of - START) / timedelta(days=1)
        alive = self.left[who] > day
        rate = self.rate[who] * self.level[int(day) : int(day) + task.window_days].mean()
        hazard = 1 / self.life[who]
        total = rate + hazard
        none = (hazard + rate * np.exp(-total * task.window_days)) / total
        silent = np.where(alive, none, 1.0)
        return silent if task.kind == "silence" else 1 - silent

    def foresight(self, task: Task, asked: Population) -> Floats:
        """(n,) the same by who knows all of it but what the coming month does to everybody.

        Nobody can promise more at the cut-off: it is the mean of the truth over such months.
        """
        months, weights = np.polynomial.hermite_e.hermegauss(_MONTHS_DRAWN)
        possible = [
            replace(self, level=self.rhythm * np.exp(self.restlessness * month)) for month in months
        ]
        truths = np.array([world.truth(task, asked) for world in possible])
        return np.average(truths, axis=0, weights=weights)


def twin(seed: int, customers: int = 3000) -> Twin:
    """One twin; the seed decides about customers and world.

    Parameters
    ----------
    seed
        Same seed, same twin.
    customers
        Everybody who ever is one; some 40 % of them are there at a time.
    """
    random = np.random.default_rng([2024, seed])
    rate = random.gamma(random.uniform(0.6, 2.0), 1.0, customers)
    rate *= random.uniform(0.03, 0.1) / rate.mean()
    life = 1 / random.gamma(3.0, 1 / (2 * random.uniform(120, 400)), customers)
    joined = random.uniform(-_YEAR, DAYS, customers)
    left = joined + random.exponential(life)
    rhythm, restlessness, level = _level(random)
    user, day = _purchases(random, rate, joined, left, level)
    table = pd.DataFrame(
        {
            "user_id": user.astype(str),
            "event": "purchase",
            "time": pd.Timestamp(START) + pd.to_timedelta((day * 86_400e6).astype(int), "us"),
            "amount": np.round(random.lognormal(3.0, 0.6, len(user)), 2),
        }
    )
    log = event_log(f"twin-{seed:02d}", table, START + timedelta(days=DAYS))
    return Twin(log, joined, left, rate, life, level, rhythm, restlessness)


def _level(random: np.random.Generator) -> tuple[Floats, float, Floats]:
    """A year's rhythm, how restless months are, and the level: both of them together."""
    day = np.arange(DAYS)
    rhythm = random.uniform(0, 0.25) * np.cos(2 * np.pi * (day / _YEAR + random.random()))
    restlessness = random.uniform(0.0, 0.15)
    shocks = random.normal(0.0, restlessness, DAYS // _MONTH + 1)
    return np.exp(rhythm), restlessness, np.exp(rhythm + shocks[day // _MONTH])


def _purchases(
    random: np.random.Generator, rate: Floats, joined: Floats, left: Floats, level: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Who buys when: every customer on the day of joining, and then by chance."""
    users, days = [], []
    for day in range(DAYS):
        present = (joined < day) & (left > day)
        bought = random.poisson(rate * level[day] * present)
        who = np.repeat(np.arange(len(rate)), bought)
        users.append(who)
        days.append(day + random.random(len(who)))
    first = np.flatnonzero(joined >= 0)
    user = np.concatenate([*users, first])
    return user.astype(np.int64), np.concatenate([*days, joined[first]])
