"""API keys: the secret is shown once, its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import insert, select, tuple_, update

from predictive.errors import InvalidInput, NotFound, nearest_hint, one_of
from predictive.store.database import AnyRow, Database
from predictive.store.moments import from_microseconds, now
from predictive.store.readers import Query
from predictive.store.tables import keys
from predictive.wording.sentence import Sentence

#: What a key may be allowed to do; ``admin`` may do everything.
SCOPES = ("read", "simulate", "events", "manage", "admin")
_PREFIX = "pk"
_SECRET_BYTES = 32
_ID_BYTES = 6
_MAX_NAME = 200
#: ``last_used_at`` is as exact as this; finer would mean a write for every request.
_USE_SECONDS = 60.0
#: What `Keys.verified` takes, from ``keys k``.
KEY_COLUMNS = (
    "k.id, k.name, k.secret_sha256, k.scopes, k.created_at, k.expires_at, k.revoked_at,"
    " k.last_used_at"
)
_FIND = Query(f"SELECT {KEY_COLUMNS} FROM keys k WHERE k.id = :id")


@dataclass(frozen=True)
class Key:
    """An API key, without its secret."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def allows(self, scope: str) -> bool:
        """Whether the key may do what needs that scope."""
        return scope in self.scopes or "admin" in self.scopes


class CreatedKey(NamedTuple):
    """A new key: the only time its secret is told."""

    id: str
    secret: str


class Keys:
    """The API keys of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="key-use")

    def create(
        self, name: str, scopes: Iterable[str], expires: datetime | None = None
    ) -> CreatedKey:
        """Make a key ``pk_<id>_<secret>``.

        Parameters
        ----------
        name
            What the key is for, in words.
        scopes
            One or more of `SCOPES`.
        expires
            From then on the key is refused; None: never.

        Raises
        ------
        InvalidInput
            A name, scope or end that is not allowed.
        """
        wanted = _checked(name, scopes, expires)
        key_id = secrets.token_hex(_ID_BYTES)
        secret = f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        with self._database.write() as connection:
            connection.execute(
                insert(keys).values(
                    id=key_id,
                    name=name,
                    secret_sha256=_hash(secret),
                    scopes=wanted,
                    created_at=now(),
                    expires_at=expires,
                )
            )
        return CreatedKey(key_id, secret)

    def verify(self, secret: str) -> Key | None:
        """The key whose secret this is; None if there is none, or it is over.

        One indexed read; the use is noted in the background, once a minute.
        """
        return self.verified(secret, self._find(secret))

    def verified(self, secret: str, row: Sequence[Any] | None) -> Key | None:
        """The key of a row of `KEY_COLUMNS`, if this is its secret and it is not over."""
        # Hashed and compared in any case: the time tells nobody which ids exist.
        expected = row[2] if row is not None else _hash("")
        same = hmac.compare_digest(_hash(secret), expected)
        if row is None or not same:
            return None
        key = _key(*_hashable(row))
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now()):
            return None
        self._note_use(key.id)
        return key

    def revoke(self, key_id: str) -> None:
        """Refuse the key from now on; a second time changes nothing.

        Raises
        ------
        NotFound
            There is no such key.
        """
        with self._database.write() as connection:
            known = list(connection.execute(select(keys.c.id)).scalars())
            if key_id not in known:
                raise NotFound("API key", key_id, known)
            active = (keys.c.id == key_id) & keys.c.revoked_at.is_(None)
            connection.execute(update(keys).where(active).values(revoked_at=now()))

    def list(
        self, *, limit: int | None = None, after: tuple[datetime, str] | None = None
    ) -> Sequence[Key]:
        """Keys, oldest first, the revoked among them.

        Parameters
        ----------
        limit
            At most as many.
        after
            Only newer ones than that of this moment and id: where the next page begins.
        """
        query = select(keys).order_by(keys.c.created_at, keys.c.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(keys.c.created_at, keys.c.id) > after)
        with self._database.read() as connection:
            return [_listed(row) for row in connection.execute(query)]

    def close(self) -> None:
        """Wait until the last use is noted."""
        self._writer.shutdown()

    def _find(self, secret: str) -> tuple[Any, ...] | None:
        key_id = id_in(secret)
        if key_id is None:
            return None
        rows = self._database.fetch_all(_FIND, {"id": key_id})
        return rows[0] if rows else None

    def _note_use(self, key_id: str) -> None:
        with self._lock:
            if time.monotonic() - self._used.get(key_id, -_USE_SECONDS) < _USE_SECONDS:
                return
            self._used[key_id] = time.monotonic()
        # In the background: a request must not wait for a scoring run's writes.
        self._writer.submit(self._write_use, key_id).add_done_callback(_log_failure)

    def _write_use(self, key_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(update(keys).where(keys.c.id == key_id).values(last_used_at=now()))


def id_in(secret: str) -> str | None:
    """The id that a secret holds; None where it is of another form."""
    prefix, _, rest = secret.partition("_")
    key_id = rest.partition("_")[0]
    if prefix != _PREFIX or len(key_id) != 2 * _ID_BYTES or not key_id.isalnum():
        return None
    return key_id


def _checked(name: str, scopes: Iterable[str], expires: datetime | None) -> Sequence[str]:
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        raise InvalidInput(
            "name", name, Sentence("1 to {most} printable characters", most=_MAX_NAME)
        )
    wanted = sorted(set(scopes))
    if not wanted:
        raise InvalidInput(
            "scopes", wanted, Sentence("one or more of {names}", names=", ".join(SCOPES))
        )
    for scope in wanted:
        if scope not in SCOPES:
            raise InvalidInput("scopes", scope, one_of(SCOPES), nearest_hint(scope, SCOPES))
    if expires is not None and (expires.tzinfo is None or expires <= now()):
        raise InvalidInput("expires", expires.isoformat(), "a moment to come, with a time zone")
    return wanted


def _hash(secret: str) -> str:
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _hashable(row: Sequence[Any]) -> tuple[Any, ...]:
    key_id, name, _, scopes, *moments = row
    return key_id, name, scopes if isinstance(scopes, str) else json.dumps(scopes), *moments


# The same few rows are read again and again.
@lru_cache(maxsize=1024)
def _key(key_id: str, name: str, scopes: str, created_at: int, *moments: int | None) -> Key:
    expires_at, revoked_at, last_used_at = (
        None if moment is None else from_microseconds(moment) for moment in moments
    )
    allowed = frozenset(json.loads(scopes))
    created = from_microseconds(created_at)
    return Key(key_id, name, allowed, created, expires_at, revoked_at, last_used_at)


def _listed(row: AnyRow) -> Key:
    columns = row._asdict()
    del columns["secret_sha256"]
    return Key(**(columns | {"scopes": frozenset(columns["scopes"])}))


def _log_failure(written: Future[None]) -> None:
    error = written.exception()
    if error is not None:
        from predictive.logs import get_logger  # noqa: PLC0415  (structlog)

        get_logger(__name__).warning("key use not noted", error=type(error).__name__)
