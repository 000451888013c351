"""The features that a practitioner would write first; every method but the suite's may use them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.quality.event_log import EventLog
from benchmarks.quality.tasks import ANY_EVENT

#: Names of events with features of their own, the most frequent ones.
MAX_EVENTS = 8
WINDOWS = (7, 14, 30, 60, 90, 180, 365)
SHORT = (30, 90)
_DAY = 86_400_000_000

Floats = npt.NDArray[np.float64]


def plain_features(
    log: EventLog, users: pd.Index, as_of: datetime, known_at: datetime
) -> pd.DataFrame:
    """Recency, frequency, tenure, rhythm and money, in all and for each event name.

    Parameters
    ----------
    log
        All events; those from ``as_of`` on are not looked at.
    users
        Whose features.
    as_of
        The moment.
    known_at
        The cut-off: names of events and columns are those known then.
    """
    names = log.before(known_at)["event"].value_counts().index[:MAX_EVENTS].tolist()
    events = log.before(as_of)
    events = events[events["user_id"].isin(users)]
    rows = _Rows(events, users, as_of)
    columns: dict[str, Floats] = rows.rhythm()
    if len(names) > 1:
        for name in names:
            columns |= rows.of(events["event"] == name, name)
    for name in log.events:
        if pd.api.types.is_numeric_dtype(log.events[name].dtype):
            columns |= rows.amounts(events[name], name)
    return pd.DataFrame(columns, index=users)


class _Rows:
    """Events of some users, as codes of users and ages in days."""

    def __init__(self, events: pd.DataFrame, users: pd.Index, as_of: datetime) -> None:
        self.user = users.get_indexer(events["user_id"])
        moment = int(as_of.timestamp() * 1_000_000)
        times = events["time"].astype("int64").to_numpy()
        self.age = (moment - times) / _DAY
        self.day = times // _DAY
        self.users = len(users)

    def rhythm(self) -> dict[str, Floats]:
        """Of all events alike."""
        columns = self._counts(np.ones(len(self.user), dtype=bool), "events", WINDOWS)
        recency, tenure = self._youngest(), self._oldest()
        days = np.unique(np.stack([self.user, self.day]), axis=1)[0]
        active = np.bincount(days, minlength=self.users).astype(float)
        gap = (tenure - recency) / np.maximum(active - 1, 1)
        gap[active < 2] = np.nan
        columns |= {"recency": recency, "tenure": tenure, "active_days": active, "mean_gap": gap}
        return columns | {"recency_over_gap": recency / gap, "rate": active / tenure}

    def of(self, chosen: pd.Series, name: str) -> dict[str, Floats]:
        """Of the events with one name."""
        mask = chosen.to_numpy()
        columns = self._counts(mask, name, SHORT)
        return columns | {f"{name}_recency": self._youngest(mask)}

    def amounts(self, column: pd.Series, name: str) -> dict[str, Floats]:
        """Of a number: total, recent total, mean and last value."""
        values = column.to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(values)
        user, values, age = self.user[known], values[known], self.age[known]
        total = np.bincount(user, values, self.users)
        count = np.bincount(user, minlength=self.users)
        recent = np.bincount(user, values * (age <= SHORT[-1]), self.users)
        last = np.full(self.users, np.nan)
        last[user] = values  # events are in order of time, so the last one stays
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return {
            f"{name}_sum": total,
            f"{name}_sum_{SHORT[-1]}": recent,
            f"{name}_mean": mean,
            f"{name}_last": last,
        }

    def _counts(
        self, mask: npt.NDArray[np.bool_], name: str, windows: tuple[int, ...]
    ) -> dict[str, Floats]:
        counts = {name: np.bincount(self.user[mask], minlength=self.users).astype(float)}
        for days in windows:
            within = mask & (self.age <= days)
            counts[f"{name}_{days}"] = np.bincount(self.user[within], minlength=self.users).astype(
                float
            )
        return counts

    def _youngest(self, mask: npt.NDArray[np.bool_] | None = None) -> Floats:
        found = np.full(self.users, np.inf)
        chosen = slice(None) if mask is None else mask
        np.minimum.at(found, self.user[chosen], self.age[chosen])
        return np.where(np.isinf(found), np.nan, found)

    def _oldest(self) -> Floats:
        found = np.full(self.users, -np.inf)
        np.maximum.at(found, self.user, self.age)
        return np.where(np.isinf(found), np.nan, found)


def rfm(log: EventLog, event: str, users: pd.Index, as_of: datetime) -> pd.DataFrame:
    """Recency and frequency of one event, its age, and the mean amount where there is money.

    ``repeats``, ``last`` and ``age`` are what buy-till-you-die models read: days with the event
    after the first one, the age at the last of them, and the age now, in days.
    """
    events = log.before(as_of)
    if event != ANY_EVENT:
        events = events[events["event"] == event]
    events = events[events["user_id"].isin(users)]
    times = events["time"].astype("int64").to_numpy()
    table = pd.DataFrame(
        {
            "user_id": events["user_id"].to_numpy(),
            "age": (int(as_of.timestamp() * 1_000_000) - times) / _DAY,
            "day": times // _DAY,
        }
    )
    if "amount" in events:
        table["amount"] = events["amount"].to_numpy(dtype=float, na_value=np.nan)
    grouped = table.groupby("user_id", sort=True)
    found = pd.DataFrame(
        {
            "recency": grouped["age"].min(),
            "frequency": grouped.size().astype(float),
            "repeats": grouped["day"].nunique() - 1.0,
            "age": grouped["age"].max(),
        }
    )
    found["last"] = found["age"] - found["recency"]
    if "amount" in events:
        found["money"] = grouped["amount"].mean()
    return found.reindex(users)
