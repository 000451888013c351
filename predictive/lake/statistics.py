"""What the lake holds in figures: counted once per version, kept in a small file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from predictive.lake.atomic import write_text
from predictive.lake.engine import literal
from predictive.lake.snapshot import LakeSnapshot
from predictive.tables import PropertyType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER_HOUR_US = 15 * 60 * 1_000_000


@dataclass(frozen=True)
class EventCount:
    """How many events of a name there are, and when the first and the last were."""

    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Statistics:
    """What the lake holds.

    Parameters
    ----------
    events
        Of each event name, how many and when.
    currencies
        The currencies that amounts are in; at most one by the rules of import.
    only_midnights
        Whether every event is at a midnight of the time zone asked about.
    attributes
        Each attribute's name and type.
    """

    events: Mapping[str, EventCount]
    currencies: tuple[str, ...]
    only_midnights: bool
    attributes: Mapping[str, PropertyType]

    @property
    def rows(self) -> int:
        """How many events there are."""
        return sum(event.count for event in self.events.values())

    @property
    def first(self) -> datetime | None:
        """Time of the first event."""
        return min((event.first for event in self.events.values()), default=None)

    @property
    def last(self) -> datetime | None:
        """Time of the last event."""
        return max((event.last for event in self.events.values()), default=None)


def statistics(snapshot: LakeSnapshot, timezone: str, cache: Path) -> Statistics:
    """The figures of a snapshot, from the file ``cache`` when it is of this version."""
    key = [snapshot.events_version, snapshot.attributes_version, timezone]
    kept = json.loads(cache.read_text()) if cache.exists() else {}
    if kept.get("key") != key:
        kept = {"key": key, **_counted(snapshot, timezone)}
        write_text(cache, json.dumps(kept))
    return _parsed(kept)


def _counted(snapshot: LakeSnapshot, timezone: str) -> dict[str, Any]:
    with closing(snapshot.engine.connect()) as connection:
        events, attributes = (
            snapshot.events_sql(connection),
            snapshot.attributes_sql(connection),
        )
        counts = connection.execute(
            "SELECT name, count(*), epoch_us(min(time)), epoch_us(max(time)), "
            f"bool_and(epoch_us(time) % {_QUARTER_HOUR_US} = 0) FROM ({events}) GROUP BY name"
        ).fetchall()
        currencies = connection.execute(
            f"SELECT DISTINCT currency FROM ({events}) WHERE currency IS NOT NULL ORDER BY 1"
        ).fetchall()
        # Every zone's midnights are at quarter hours; only then is it worth a look.
        whole = bool(counts) and all(row[4] for row in counts)
        midnights = (
            connection.execute(
                f"SELECT bool_and(local = date_trunc('day', local)) FROM "
                f"(SELECT timezone({literal(timezone)}, time) AS local FROM ({events}))"
            ).fetchall()[0][0]
            if whole
            else False
        )
        kinds = connection.execute(
            "SELECT name, CASE WHEN count(text) > 0 THEN 'text' WHEN count(number) > 0 "
            f"THEN 'number' ELSE 'flag' END FROM ({attributes}) GROUP BY name ORDER BY name"
        ).fetchall()
    return {
        "events": {row[0]: row[1:4] for row in sorted(counts)},
        "currencies": [row[0] for row in currencies],
        "only_midnights": bool(midnights),
        "attributes": dict(kinds),
    }


def _parsed(kept: Mapping[str, Any]) -> Statistics:
    events = {
        name: EventCount(
            count, _EPOCH + timedelta(microseconds=first), _EPOCH + timedelta(microseconds=last)
        )
        for name, (count, first, last) in kept["events"].items()
    }
    return Statistics(events, tuple(kept["currencies"]), kept["only_midnights"], kept["attributes"])
