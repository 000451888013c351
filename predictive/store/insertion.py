"""Insert a row unless one with the same key stands there already, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_unless(
    connection: Connection, table: Table, row: Mapping[str, Any], *, taken: str | Sequence[str]
) -> bool:
    """Insert the row unless the unique columns ``taken`` hold its values; tells whether it did.

    Two that insert the same at once: the second waits for the first, and then does nothing.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    unique = [taken] if isinstance(taken, str) else [*taken]
    statement = insert(table).values(dict(row)).on_conflict_do_nothing(index_elements=unique)
    # Not rowcount: psycopg gives none for some statements.
    return connection.execute(statement.returning(table.c[unique[0]])).first() is not None
