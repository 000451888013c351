"""The stretch of time that a leaf looks at: half-open, in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir

Direction = Literal["forward", "backward"]
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Interval:
    """``[start, end)``; without a start, all of history before the end."""

    start: datetime | None
    end: datetime

    @classmethod
    def of(cls, as_of: datetime, direction: Direction, days: int | None) -> Interval:
        """The days after ``as_of``, or the days (None: all history) before it."""
        if direction == "forward":
            if days is None:
                raise ValueError("window_days is None; a question forward needs a number of days")
            return cls(as_of, as_of + timedelta(days=days))
        if days is None or as_of - EARLIEST <= timedelta(days=days):
            return cls(None, as_of)
        return cls(as_of - timedelta(days=days), as_of)

    def holds(self, time: ir.TimestampValue) -> ir.BooleanValue:
        """Whether a time lies inside."""
        before = time < moment(self.end)
        return before if self.start is None else (time >= moment(self.start)) & before


def hull(intervals: Iterable[Interval]) -> Interval:
    """The smallest interval that holds all of the given ones."""
    given = list(intervals)
    starts = [interval.start for interval in given if interval.start is not None]
    start = min(starts) if len(starts) == len(given) else None
    return Interval(start, max(interval.end for interval in given))


def moment(time: datetime) -> ir.TimestampScalar:
    """A UTC moment as an Ibis literal of microseconds."""
    return ibis.literal(time.astimezone(UTC), type="timestamp('UTC', 6)")
