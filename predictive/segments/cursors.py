"""Cursors of segments: snapshots and user ids, as a text that means nothing to a client."""

from __future__ import annotations

import base64
import binascii
import json

from predictive.errors import InvalidInput
from predictive.store.texts import is_storable


def write_cursor(*place: str) -> str:
    """The place as a text."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_cursor(cursor: str, parts: int) -> list[str]:
    """The place that a cursor stands for.

    Raises
    ------
    InvalidInput
        It has not so many parts, or is no cursor at all.
    """
    try:
        place = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if (
        isinstance(place, list)
        and len(place) == parts
        and all(isinstance(each, str) and is_storable(each) for each in place)
    ):
        return place
    raise InvalidInput("cursor", cursor, "the next_cursor of a page of this segment")
