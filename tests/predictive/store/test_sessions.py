from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from predictive.store import Store
from predictive.store.sessions import IDLE, LIFETIME

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def key_id(store: Store) -> str:
    return store.keys.create("marketing", ["read", "simulate"]).id


def test_a_session_stands_for_its_key(store: Store, key_id: str) -> None:
    found = store.sessions.find(store.sessions.begin(key_id, at=NOW), at=NOW)
    assert found is not None
    assert (found.key.id, found.key.name) == (key_id, "marketing")
    assert found.key.scopes == {"read", "simulate"}
    assert found.expires_at == NOW + LIFETIME


def test_another_secret_finds_nothing(store: Store, key_id: str) -> None:
    secret = store.sessions.begin(key_id, at=NOW)
    assert store.sessions.find(secret[:-1], at=NOW) is None
    assert store.sessions.find("", at=NOW) is None
    assert store.sessions.find("' OR 1=1 --\udcff", at=NOW) is None


def test_no_secret_is_stored(store: Store, key_id: str) -> None:
    secret = store.sessions.begin(key_id, at=NOW)
    with store.database.read() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM sessions")
    assert secret not in repr(row)


def test_an_unused_session_ends_early(store: Store, key_id: str) -> None:
    secret = store.sessions.begin(key_id, at=NOW)
    assert store.sessions.find(secret, at=NOW + IDLE) is None


def test_use_keeps_a_session_but_not_beyond_its_lifetime(store: Store, key_id: str) -> None:
    secret = store.sessions.begin(key_id, at=NOW)
    step, moment = IDLE - timedelta(minutes=1), NOW
    while moment + step < NOW + LIFETIME:
        moment += step
        assert store.sessions.find(secret, at=moment) is not None
    assert store.sessions.find(secret, at=NOW + LIFETIME) is None


def test_an_ended_session_is_over_and_others_go_on(store: Store, key_id: str) -> None:
    first, second = (store.sessions.begin(key_id, at=NOW) for _ in range(2))
    store.sessions.end(first)
    store.sessions.end(first)
    assert store.sessions.find(first, at=NOW) is None
    assert store.sessions.find(second, at=NOW) is not None


def test_a_revoked_key_ends_its_sessions(store: Store, key_id: str) -> None:
    secret = store.sessions.begin(key_id, at=NOW)
    store.keys.revoke(key_id)
    assert store.sessions.find(secret, at=NOW) is None


def test_an_expired_key_ends_its_sessions(store: Store) -> None:
    now = datetime.now(UTC)
    key_id = store.keys.create("short", ["read"], now + timedelta(hours=1)).id
    secret = store.sessions.begin(key_id, at=now)
    assert store.sessions.find(secret, at=now + timedelta(minutes=59)) is not None
    assert store.sessions.find(secret, at=now + timedelta(minutes=60)) is None


def test_sessions_that_are_over_are_forgotten(store: Store, key_id: str) -> None:
    store.sessions.begin(key_id, at=NOW)
    store.sessions.begin(key_id, at=NOW + LIFETIME)
    with store.database.read() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM sessions").all()) == 1
