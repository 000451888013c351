"""Insert a row unless one with the same key stands there already, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert_unless(
    connection: Connection, table: Table, row: Mapping[str, Any], *, taken: str | Sequence[str]
) -> bool:
    """Insert the row unless the unique columns ``taken`` hold its values; tells whether it did.

    Two that insert the same at once: the second waits for the first, and then does nothing.
    """
    unique = [taken] if isinstance(taken, str) else [*taken]
    inserted = _insert(connection, table).values(dict(row))
    statement = inserted.on_conflict_do_nothing(index_elements=unique)
    # Not rowcount: psycopg gives none for some statements.
    return connection.execute(statement.returning(table.c[unique[0]])).first() is not None


def _insert(connection: Connection, table: Table) -> Any:
    """The dialect's own INSERT; importing the other one would be felt in every command's start."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)
