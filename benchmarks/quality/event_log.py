"""An event log as every method of the benchmark gets it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pandas as pd

#: What every log has; ``amount`` is known by its name, all other columns are properties.
COLUMNS = ("user_id", "event", "time")
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events of one place, in order of time.

    Parameters
    ----------
    name
        Short name.
    events
        ``user_id`` and ``event`` (text), ``time`` (UTC, microseconds), then numbers, texts or
        truth values of any name; ``amount`` is money.
    end
        Where the data ends, exclusive.
    """

    name: str
    events: pd.DataFrame
    end: datetime

    def before(self, moment: datetime) -> pd.DataFrame:
        """The events that were known at a moment."""
        return self.events[self.events["time"] < moment]

    @property
    def start(self) -> datetime:
        """The first event."""
        first: datetime = self.events["time"].iloc[0].to_pydatetime()
        return first

    @property
    def properties(self) -> list[str]:
        """Columns beside user, event, time and amount."""
        return [name for name in self.events if name not in (*COLUMNS, "amount")]

    @cached_property
    def digest(self) -> str:
        """Names what the log holds."""
        rows = pd.util.hash_pandas_object(self.events, index=False).to_numpy()
        digest = hashlib.blake2b(rows.tobytes(), digest_size=8)
        digest.update(repr((list(self.events), self.end)).encode())
        return digest.hexdigest()


def event_log(name: str, events: pd.DataFrame, end: datetime | None = None) -> EventLog:
    """Bring a table into shape; without ``end`` the last event tells where the data ends.

    Where all times are midnights, the last day counts whole.
    """
    times = pd.to_datetime(events["time"], utc=True).astype("datetime64[us, UTC]")
    table = events.assign(
        user_id=events["user_id"].astype(str).astype("str"),
        event=events["event"].astype(str).astype("str"),
        time=times,
    )
    others = [column for column in table if column not in COLUMNS]
    # Users break ties, so that the same events in another order are the same log.
    table = table[[*COLUMNS, *others]].sort_values(["time", "user_id", "event"], kind="stable")
    return EventLog(name, table.reset_index(drop=True), end or _end(times))


def _end(times: pd.Series) -> datetime:
    last = times.max()
    if (times == times.dt.normalize()).all():
        return (last + pd.Timedelta(days=1)).to_pydatetime().astimezone(UTC)
    return (last + pd.Timedelta(microseconds=1)).to_pydatetime().astimezone(UTC)
