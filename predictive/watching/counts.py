"""Events a day and name, in one query, whatever engine holds them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from evaluation.arrays import FloatArray
from evaluation.volumes import HISTORY_DAYS, LEVEL_DAYS, SEASON_SHIFT_DAYS, YEAR_DAYS
from predictive.sources import EventSource
from predictive.tables import EventTables

#: The most frequent names; what is rarer can't be told from silence.
MAX_NAMES = 50
#: What is needed around the same day a year ago.
SEASON_DAYS = 2 * LEVEL_DAYS + 2 * SEASON_SHIFT_DAYS
#: A day counts as over when the data reaches this near to its end: shops sleep.
_NEARLY_OVER = timedelta(hours=1)


@dataclass(frozen=True, eq=False)
class DailyCounts:
    """Events of each name on whole days of the workspace's time zone.

    Parameters
    ----------
    names
        e event names, the most frequent first.
    end
        The day after the last one.
    counts
        (e, d), the newest day last.
    year_ago
        (e, any): the days around the same time a year before, or None without such history.
    """

    names: tuple[str, ...]
    end: date
    counts: FloatArray
    year_ago: FloatArray | None

    @property
    def first(self) -> date:
        """The first day."""
        return self.end - timedelta(days=self.counts.shape[1])


def daily_counts(source: EventSource, as_of: datetime, timezone: str) -> DailyCounts:
    """Count the events of the last whole days before a moment.

    Parameters
    ----------
    source
        Where the events stand.
    as_of
        Nothing at or after this moment is counted.
    timezone
        Whose days.
    """
    zone = ZoneInfo(timezone)
    end = (as_of + _NEARLY_OVER).astimezone(zone).date()
    history_start = source.history_start().astimezone(zone).date()
    # The day on which history begins may be a part of one.
    days = max(0, min(HISTORY_DAYS, (end - history_start).days - 1))
    season_end = end - timedelta(days=YEAR_DAYS - SEASON_SHIFT_DAYS)
    season_start = season_end - timedelta(days=SEASON_DAYS)
    stretches = [(end - timedelta(days=days), end)]
    if season_start > history_start:
        stretches.append((season_start, season_end))
    by_day = _counted(
        source, [(_midnight(a, zone), _midnight(b, zone)) for a, b in stretches], zone
    )
    names = _frequent(by_day, stretches[0])
    tables = [_table(by_day, names, *stretch) for stretch in stretches]
    return DailyCounts(names, end, tables[0], tables[1] if len(tables) > 1 else None)


def _counted(
    source: EventSource, stretches: list[tuple[datetime, datetime]], zone: ZoneInfo
) -> Counter[tuple[str, date]]:
    """Events by name and day. Asked for by hours, of which every zone's days are (nearly) made."""

    def question(tables: EventTables) -> ibis.Table:
        events = tables.events
        wanted = ibis.or_(
            *(
                (events.time >= ibis.literal(first)) & (events.time < ibis.literal(last))
                for first, last in stretches
            )
        )
        kept = events.filter(wanted)
        hourly = kept.select("name", hour=kept.time.truncate("h"))
        return hourly.group_by("name", "hour").aggregate(events=hourly.count())

    counted: Counter[tuple[str, date]] = Counter()
    for _, table in source.ask(question):
        local = pc.local_timestamp(table["hour"].cast(pa.timestamp("us", zone.key)))
        daily = table.append_column("day", local.cast(pa.date32(), safe=False))
        for row in daily.group_by(["name", "day"]).aggregate([("events", "sum")]).to_pylist():
            counted[row["name"], row["day"]] += row["events_sum"]
    return counted


def _frequent(by_day: Counter[tuple[str, date]], stretch: tuple[date, date]) -> tuple[str, ...]:
    totals: Counter[str] = Counter()
    for (name, day), events in by_day.items():
        if stretch[0] <= day < stretch[1]:
            totals[name] += events
    ordered = sorted(totals, key=lambda name: (-totals[name], name))
    return tuple(ordered[:MAX_NAMES])


def _table(
    by_day: Counter[tuple[str, date]], names: tuple[str, ...], first: date, end: date
) -> FloatArray:
    days = [first + timedelta(days=number) for number in range((end - first).days)]
    rows = [[float(by_day[name, day]) for day in days] for name in names]
    return np.array(rows, dtype=np.float64).reshape(len(names), len(days))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
