"""Up to when the lake is complete: ``data_end``."""

from __future__ import annotations

import json
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from predictive.lake.atomic import write_text


@dataclass(frozen=True)
class Coverage:
    """What imports told about the time that the data covers.

    Parameters
    ----------
    complete_through
        The end that was told, exclusive; None when none was.
    latest_then
        Time of the latest event when it was told: events after both make it outdated.
    timezone
        The zone that naive times in files were read in; its midnights count as dates.
    """

    complete_through: datetime | None = None
    latest_then: datetime | None = None
    timezone: str = "UTC"

    def end(self, latest: datetime, only_midnights: bool) -> datetime:
        """The end of what the data covers, exclusive.

        As told; else just after the latest event, or the next midnight where all times are
        midnights, because a date stands for its whole day.
        """
        told = self.complete_through
        if told is not None and latest <= max(told, self.latest_then or told):
            return told
        if not only_midnights:
            return latest + timedelta(microseconds=1)
        zone = zoneinfo.ZoneInfo(self.timezone)
        tomorrow = latest.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def read_coverage(path: Path) -> Coverage:
    """What was kept, or that nothing was told yet."""
    if not path.exists():
        return Coverage()
    kept = json.loads(path.read_text())
    return Coverage(
        _moment(kept["complete_through"]), _moment(kept["latest_then"]), kept["timezone"]
    )


def write_coverage(path: Path, coverage: Coverage) -> None:
    """Keep it."""
    kept = {
        "complete_through": _text(coverage.complete_through),
        "latest_then": _text(coverage.latest_then),
        "timezone": coverage.timezone,
    }
    write_text(path, json.dumps(kept))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
