"""Lets DBOS keep its queue in a SQLite older than 3.42.

On Python 3.12 and later DBOS stamps its rows with ``unixepoch('subsec')``, which an older SQLite
(Debian 12 ships 3.40) answers with NULL, so that nothing can be queued. There, connections get
that one function from us. Goes when no supported system has such a SQLite.
"""

from __future__ import annotations

import sqlite3
import time
from functools import cache
from typing import Any

_FIRST_WITH_SUBSECONDS = (3, 42)


def unixepoch(modifier: str) -> float:
    """Seconds since 1970, with their fraction: what ``unixepoch('subsec')`` is.

    Raises
    ------
    ValueError
        Another use of the function, which no library here makes.
    """
    if modifier != "subsec":
        raise ValueError(f"modifier is {modifier!r}; allowed: 'subsec'.")
    return time.time()


@cache
def support_old_sqlite() -> None:
    """Give every connection that this process opens from now on the function it may lack."""
    if sqlite3.sqlite_version_info >= _FIRST_WITH_SUBSECONDS:
        return
    from sqlalchemy import Engine, event  # noqa: PLC0415

    def teach(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.create_function("unixepoch", 1, unixepoch)

    event.listen(Engine, "connect", teach)
