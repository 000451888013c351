"""Cursors: where the next page of a list begins, as a text that means nothing to a client."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from predictive.errors import InvalidInput
from predictive.store.moments import from_microseconds, to_microseconds
from predictive.store.texts import is_storable

Row = TypeVar("Row")
Place = str | int

_LARGEST = 2**63 - 1


def encode(*place: Place) -> str:
    """The place as a text."""
    written = json.dumps(place, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type[Place]) -> tuple[Place, ...]:
    """The place that a cursor stands for.

    Parameters
    ----------
    cursor
        As `encode` made it.
    kinds
        What it must hold, in this order.

    Raises
    ------
    InvalidInput
        It is no cursor of such a list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True)
        place = json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        raise _not_a_cursor(cursor) from None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds):
        raise _not_a_cursor(cursor)
    for part in place:
        fine = is_storable(part) if isinstance(part, str) else abs(part) <= _LARGEST
        if not fine:
            raise _not_a_cursor(cursor)
    return tuple(place)


def number_of(cursor: str | None) -> int | None:
    """The number that a cursor stands for; None, as the cursor, on the first page."""
    return None if cursor is None else int(decode(cursor, int)[0])


def name_of(cursor: str | None) -> str | None:
    """The name that a cursor stands for; None, as the cursor, on the first page."""
    return None if cursor is None else str(decode(cursor, str)[0])


def names_of(cursor: str, count: int) -> list[str]:
    """The names that a cursor stands for, so many."""
    return [str(name) for name in decode(cursor, *[str] * count)]


def moment_of(cursor: str | None) -> tuple[datetime, str] | None:
    """The moment and the id that a cursor stands for; None, as the cursor, on the first page."""
    if cursor is None:
        return None
    microseconds, name = decode(cursor, int, str)
    try:
        return from_microseconds(int(microseconds)), str(name)
    except OverflowError:
        raise _not_a_cursor(cursor) from None


def at_moment(moment: datetime, name: str) -> Sequence[Place]:
    """The place that `moment_of` reads."""
    return [to_microseconds(moment), name]


def room_for(limit: int | None) -> int | None:
    """How many rows to read for a page: one more than it holds tells whether there is a next."""
    return None if limit is None else limit + 1


def page(
    found: Sequence[Row], limit: int | None, place: Callable[[Row], Sequence[Place]]
) -> tuple[Sequence[Row], str | None]:
    """A page, and the cursor of the next one.

    Parameters
    ----------
    found
        Rows from where the page begins, as many as `room_for` says.
    limit
        How many it holds; None: as many as there are.
    place
        Where a row stands; the next page begins after its last row.
    """
    if limit is None or len(found) <= limit:
        return found, None
    shown = found[:limit]
    return shown, encode(*place(shown[-1]))


def _not_a_cursor(cursor: str) -> InvalidInput:
    return InvalidInput("cursor", cursor, "the next_cursor of a page before, unchanged")
