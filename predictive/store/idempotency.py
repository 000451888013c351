"""Answers to writes, kept so that a write that is asked for twice is done once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from predictive.store.database import Database
from predictive.store.insertion import insert_unless
from predictive.store.service_tables import idempotency

#: An answer can be had again for this long.
LIFETIME = timedelta(hours=24)
#: A request that is being answered says so this often; one that has not for longer is dead.
LEASE = timedelta(seconds=30)
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Answer:
    """What stands under a key.

    Parameters
    ----------
    request_sha256
        Of the request that it belongs to.
    status
        None while the first request is being answered.
    headers
        Names and values of the answer's own headers.
    body
        None when the answer must not be told again, because it holds a secret.
    """

    request_sha256: str
    status: int | None
    headers: Sequence[tuple[str, str]]
    body: bytes | None


class Idempotency:
    """The answers that a store keeps, by API key and the client's own key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, key_id: str, idempotency_key: str, request_sha256: str, *, at: datetime
    ) -> Answer | None:
        """Claim a key for a request: None for the one that may go on.

        Of many that ask at once, one gets None; the others get what stands there. A claim
        whose request died is given to the next that asks.

        Returns
        -------
        Answer or None
            What stands under the key already.
        """
        row = {
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "request_sha256": request_sha256,
            "created_at": at,
        }
        this = _this(key_id, idempotency_key)
        while True:
            with self._database.write() as connection:
                connection.execute(delete(idempotency).where(this, _over(at)))
                if insert_unless(connection, idempotency, row, taken=_KEY):
                    return None
                found = _read(connection, this)
            # None: abandoned between the two statements.
            if found is not None:
                return found

    def renew(self, key_id: str, idempotency_key: str, *, at: datetime) -> None:
        """The request is still being answered."""
        claimed = _this(key_id, idempotency_key) & idempotency.c.status.is_(None)
        with self._database.write() as connection:
            connection.execute(update(idempotency).where(claimed).values(created_at=at))

    def finish(self, key_id: str, idempotency_key: str, answer: Answer, *, at: datetime) -> None:
        """Keep the answer for all who ask the same again."""
        values = {
            "status": answer.status,
            "headers": [list(header) for header in answer.headers],
            "body": answer.body,
            "created_at": at,
        }
        with self._database.write() as connection:
            kept = update(idempotency).where(_this(key_id, idempotency_key)).values(values)
            connection.execute(kept)

    def abandon(self, key_id: str, idempotency_key: str) -> None:
        """The request came to nothing: the next one under the key begins anew."""
        claimed = _this(key_id, idempotency_key) & idempotency.c.status.is_(None)
        with self._database.write() as connection:
            connection.execute(delete(idempotency).where(claimed))

    def forget(self, *, at: datetime) -> int:
        """Delete what is over, a batch at a time; returns how many."""
        key = tuple_(*(idempotency.c[name] for name in _KEY))
        over = select(*(idempotency.c[name] for name in _KEY)).where(_over(at))
        batch = delete(idempotency).where(key.in_(over.limit(_ROWS_AT_ONCE)))
        return self._database.delete_in_batches(
            batch.returning(idempotency.c.key_id), _ROWS_AT_ONCE
        )


_KEY = ("key_id", "idempotency_key")


def _this(key_id: str, idempotency_key: str) -> ColumnElement[bool]:
    return (idempotency.c.key_id == key_id) & (idempotency.c.idempotency_key == idempotency_key)


def _over(at: datetime) -> ColumnElement[bool]:
    dead = idempotency.c.status.is_(None) & (idempotency.c.created_at <= at - LEASE)
    return dead | (idempotency.c.created_at <= at - LIFETIME)


def _read(connection: Connection, this: ColumnElement[bool]) -> Answer | None:
    columns = (
        idempotency.c.request_sha256,
        idempotency.c.status,
        idempotency.c.headers,
        idempotency.c.body,
    )
    row = connection.execute(select(*columns).where(this)).one_or_none()
    if row is None:
        return None
    headers = [(name, value) for name, value in row.headers or ()]
    return Answer(row.request_sha256, row.status, headers, row.body)
