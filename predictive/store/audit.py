"""The audit log: who asked for which change, and how it ended; no personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select

from predictive.store.database import Database
from predictive.store.service_tables import audit

#: Who wrote something on the command line, in place of a key's id.
COMMAND_LINE = "command line"
_ROWS_AT_ONCE = 10_000


class Entry(NamedTuple):
    """One write that was asked for.

    Parameters
    ----------
    id
        Counts up; later entries have higher ones.
    key_id
        Id of the API key, or `COMMAND_LINE`.
    action
        The method and route (``POST /v1/keys``), or the command (``predictive train``).
    target
        What it was asked of, without ids of users.
    status
        HTTP status of the answer, or the command's exit code.
    """

    id: int
    at: datetime
    key_id: str
    action: str
    target: str
    status: int


class Audit:
    """The audit log of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key_id: str, action: str, target: str, status: int, *, at: datetime) -> None:
        """Note a write and how it ended."""
        row = {"at": at, "key_id": key_id, "action": action, "target": target, "status": status}
        with self._database.write() as connection:
            connection.execute(insert(audit).values(row))

    def list(
        self, *, key_id: str | None = None, before_id: int | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        """Entries, newest first.

        Parameters
        ----------
        key_id
            Only those of this key, or of `COMMAND_LINE`.
        before_id
            Only older ones than this: where the next page begins.
        limit
            At most as many.
        """
        columns = [audit.c[name] for name in Entry._fields]
        query = select(*columns).order_by(audit.c.id.desc()).limit(limit)
        if key_id is not None:
            query = query.where(audit.c.key_id == key_id)
        if before_id is not None:
            query = query.where(audit.c.id < before_id)
        with self._database.read() as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def forget(self, *, before: datetime) -> int:
        """Delete the entries before a moment, a batch at a time; returns how many."""
        # Ids count up with time: the oldest are the first in the index.
        oldest = select(audit.c.id).where(audit.c.at < before).order_by(audit.c.id)
        batch = delete(audit).where(audit.c.id.in_(oldest.limit(_ROWS_AT_ONCE)))
        return self._database.delete_in_batches(batch.returning(audit.c.id), _ROWS_AT_ONCE)
