"""Users who were deleted.

A *permanent* tombstone hides a user of tables that we can't change. The others only stand
while a scoring run is under way that may have read the user before the deletion: publishing
takes the user out of the run, and the last such run takes the tombstone with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, text

from predictive.store.database import Database
from predictive.store.moments import now, to_microseconds
from predictive.store.tables import runs, tombstones


class Tombstones:
    """The deleted users of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user_id: str, *, permanent: bool) -> None:
        """Mark the user as deleted now; a second time renews the moment."""
        statement = text(
            "INSERT INTO tombstones (user_id, deleted_at, permanent)"
            " VALUES (:user_id, :moment, :permanent) ON CONFLICT (user_id) DO UPDATE"
            " SET deleted_at = excluded.deleted_at,"
            " permanent = tombstones.permanent OR excluded.permanent"
        )
        row = {"user_id": user_id, "moment": to_microseconds(now()), "permanent": permanent}
        with self._database.write() as connection:
            connection.execute(statement, row)
            drop_unneeded(connection)

    def permanent(self) -> frozenset[str]:
        """Users to leave out of tables that we can't change."""
        hidden = select(tombstones.c.user_id).where(tombstones.c.permanent)
        with self._database.read() as connection:
            return frozenset(connection.execute(hidden).scalars())

    def since(self, moment: datetime) -> frozenset[str]:
        """Users deleted at or after a moment, for jobs that began to read before."""
        late = select(tombstones.c.user_id).where(tombstones.c.deleted_at >= moment)
        with self._database.read() as connection:
            return frozenset(connection.execute(late).scalars())


def drop_unneeded(connection: Connection) -> None:
    """Delete tombstones that no hidden table and no run under way needs."""
    under_way = (
        select(runs.c.run_number)
        .where(
            runs.c.state.in_(["writing", "finished"]),
            runs.c.started_at <= tombstones.c.deleted_at,
        )
        .exists()
    )
    connection.execute(delete(tombstones).where(~tombstones.c.permanent, ~under_way))
