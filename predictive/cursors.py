"""Cursors: where the next page of a list begins, as a text that means nothing to a client."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from predictive.errors import InvalidInput
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


def page(
    found: Sequence[Row], limit: int, place: Callable[[Row], Sequence[Place]]
) -> tuple[Sequence[Row], str | None]:
    """A page, and the cursor of the next one.

    Parameters
    ----------
    found
        Rows from where the page begins: one more than it holds, if there are as many.
    limit
        How many it holds.
    place
        Where a row stands; the next page begins after its last row.
    """
    if len(found) <= limit:
        return found, None
    shown = found[:limit]
    return shown, encode(*place(shown[-1]))


def _not_a_cursor(cursor: str) -> InvalidInput:
    return InvalidInput("cursor", cursor, "the next_cursor of a page before, unchanged")
