"""Insert a row unless one with the same key stands there already, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_unless(
    connection: Connection, table: Table, row: Mapping[str, Any], *, taken: str
) -> bool:
    """Insert the row unless the unique column ``taken`` holds its value; tells whether it did.

    Two that insert the same at once: the second waits for the first, and then does nothing.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(dict(row)).on_conflict_do_nothing(index_elements=[taken])
    # Not rowcount: psycopg gives none for some statements.
    return connection.execute(statement.returning(table.c[taken])).first() is not None
