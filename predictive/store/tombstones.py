"""Users who were deleted: sources that we can't change are read without them."""

from __future__ import annotations

from sqlalchemy import select, text

from predictive.store.database import Database
from predictive.store.moments import now, to_microseconds
from predictive.store.tables import tombstones


class Tombstones:
    """The deleted users of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user_id: str) -> None:
        """Hide the user; a second time renews the moment."""
        statement = text(
            "INSERT INTO tombstones (user_id, deleted_at) VALUES (:user_id, :moment)"
            " ON CONFLICT (user_id) DO UPDATE SET deleted_at = excluded.deleted_at"
        )
        row = {"user_id": user_id, "moment": to_microseconds(now())}
        with self._database.write() as connection:
            connection.execute(statement, row)

    def user_ids(self) -> frozenset[str]:
        """All deleted users."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(tombstones.c.user_id)).scalars())
