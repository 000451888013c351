"""The outbox of jobs: who is to be told that one is over, until they have been told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from predictive.store.database import Database
from predictive.store.service_tables import callbacks


@dataclass(frozen=True)
class Callback:
    """One address to be told of one job.

    Parameters
    ----------
    url
        Where to; may hold a secret.
    attempts
        How often it was tried in vain.
    next_attempt_at
        When it is due; None while the job is not over, and once it was delivered or given up.
    """

    id: int
    job_id: str
    url: str = field(repr=False)
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    error: str | None


class Callbacks:
    """The callbacks of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int | None = None) -> Sequence[Callback]:
        """What is to be tried by now, longest due first."""
        query = select(callbacks).where(callbacks.c.next_attempt_at <= now)
        ordered = query.order_by(callbacks.c.next_attempt_at, callbacks.c.id).limit(limit)
        with self._database.read() as connection:
            return [Callback(**row._asdict()) for row in connection.execute(ordered)]

    def of_jobs(self, job_ids: Sequence[str]) -> Mapping[str, Callback]:
        """The callbacks of some jobs, by job; most jobs have none."""
        query = select(callbacks).where(callbacks.c.job_id.in_(job_ids))
        with self._database.read() as connection:
            rows = connection.execute(query)
            return {row.job_id: Callback(**row._asdict()) for row in rows}

    def delivered(self, callback_id: int, at: datetime) -> None:
        """It was taken."""
        told = {"delivered_at": at, "next_attempt_at": None, "error": None}
        self._update(callback_id, told)

    def failed(self, callback_id: int, error: str, next_attempt_at: datetime | None) -> None:
        """An attempt failed; without a next one it is given up."""
        tried = {"attempts": callbacks.c.attempts + 1, "error": error}
        self._update(callback_id, tried | {"next_attempt_at": next_attempt_at})

    def _update(self, callback_id: int, values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            of_one = callbacks.c.id == callback_id
            connection.execute(update(callbacks).where(of_one).values(dict(values)))


def add_callback(connection: Connection, job_id: str, url: str) -> None:
    """Note who is to be told, in the transaction in which the job is asked for."""
    connection.execute(insert(callbacks).values(job_id=job_id, url=url, attempts=0))


def call_back(connection: Connection, job_id: str, at: datetime) -> None:
    """The job is over: what waited for it is due, in the same transaction."""
    waiting = (callbacks.c.job_id == job_id) & callbacks.c.delivered_at.is_(None)
    connection.execute(update(callbacks).where(waiting).values(next_attempt_at=at))
