"""Moments as both databases keep them: whole microseconds since 1970, UTC."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def to_microseconds(moment: dt.datetime) -> int:
    """Microseconds since 1970 of a moment with a time zone.

    Raises
    ------
    ValueError
        The moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"moment is {moment!r}, which has no time zone; use UTC")
    return (moment - _EPOCH) // _MICROSECOND


# The rows of one answer mostly share their moments.
@lru_cache(maxsize=1024)
def from_microseconds(microseconds: int) -> dt.datetime:
    """The moment, in UTC."""
    return _EPOCH + dt.timedelta(microseconds=microseconds)


def now() -> dt.datetime:
    """The clock, in UTC; for when a row was written, never for what it says."""
    return dt.datetime.now(dt.UTC)


class Moment(TypeDecorator[dt.datetime]):
    """A column of moments: int64 in the database, UTC ``datetime`` in Python.

    SQLite has no type for moments; an integer sorts and compares the same on both.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> int | None:  # noqa: ARG002, D102
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002, D102
        return None if value is None else from_microseconds(value)
