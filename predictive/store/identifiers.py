"""Ids that sort by the time they were made."""

from __future__ import annotations

import secrets
import threading
import time

_lock = threading.Lock()
_last_millisecond = 0
_counter = 0


def new_id() -> str:
    """A new id of 32 hex digits: 48 bits of milliseconds, 16 of a counter, 64 random.

    Ids made by one process sort in the order in which they were made.

    Examples
    --------
    >>> new_id() < new_id()
    True
    """
    global _last_millisecond, _counter  # noqa: PLW0603  (the order within one millisecond)
    with _lock:
        millisecond = max(time.time_ns() // 1_000_000, _last_millisecond)
        _counter = _counter + 1 if millisecond == _last_millisecond else 0
        if _counter == 1 << 16:
            millisecond, _counter = millisecond + 1, 0
        _last_millisecond = millisecond
        counter = _counter
    return f"{millisecond:012x}{counter:04x}{secrets.token_hex(8)}"
