"""Sign-ins: a session stands for an API key; the secret is told once, its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from predictive.store.database import Database
from predictive.store.keys import Key
from predictive.store.service_tables import sessions
from predictive.store.tables import keys

#: A session ends after this long, whatever it did.
LIFETIME = timedelta(hours=12)
#: And before, once nobody has used it for this long.
IDLE = timedelta(hours=2)
#: The last use is as exact as this; finer would mean a write for every page.
_USE_STEP = timedelta(minutes=1)
_SECRET_BYTES = 32


class Session(NamedTuple):
    """A session that is not over, and the key that it stands for."""

    key: Key
    created_at: datetime
    expires_at: datetime


class Sessions:
    """The sessions of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key_id: str, *, at: datetime) -> str:
        """Start a session of a key; those that are over are forgotten.

        Returns
        -------
        str
            Its secret, told only here.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        row = {
            "secret_sha256": _hash(secret),
            "key_id": key_id,
            "created_at": at,
            "expires_at": at + LIFETIME,
            "last_used_at": at,
        }
        over = or_(sessions.c.expires_at <= at, sessions.c.last_used_at <= at - IDLE)
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(over))
            connection.execute(insert(sessions).values(row))
        return secret

    def find(self, secret: str, *, at: datetime) -> Session | None:
        """The session of that secret; None if there is none, or it or its key is over."""
        hashed = _hash(secret)
        query = (
            select(sessions, *(column.label(f"owner_{column.name}") for column in keys.c))
            .join(keys, keys.c.id == sessions.c.key_id)
            .where(sessions.c.secret_sha256 == hashed)
            .where(sessions.c.expires_at > at, sessions.c.last_used_at > at - IDLE)
            .where(keys.c.revoked_at.is_(None))
            .where(or_(keys.c.expires_at.is_(None), keys.c.expires_at > at))
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        columns = row._mapping
        key = Key(
            id=columns["key_id"],
            name=columns["owner_name"],
            scopes=frozenset(columns["owner_scopes"]),
            created_at=columns["owner_created_at"],
            expires_at=columns["owner_expires_at"],
            revoked_at=None,
            last_used_at=columns["owner_last_used_at"],
        )
        if columns["last_used_at"] <= at - _USE_STEP:
            self._note_use(hashed, at)
        return Session(key, columns["created_at"], columns["expires_at"])

    def end(self, secret: str) -> None:
        """End a session; one that is over already stays so."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.secret_sha256 == _hash(secret)))

    def _note_use(self, hashed: str, at: datetime) -> None:
        used = update(sessions).where(sessions.c.secret_sha256 == hashed)
        with self._database.write() as connection:
            connection.execute(used.values(last_used_at=at))


def _hash(secret: str) -> str:
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
