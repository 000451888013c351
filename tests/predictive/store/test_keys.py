from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictive.errors import InvalidInput, NotFound
from predictive.store import Store
from predictive.store import keys as keys_module


def test_a_secret_is_shown_once_and_verifies(store: Store) -> None:
    made = store.keys.create("campaign engine", ["read", "events"])
    assert re.fullmatch(r"pk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", made.secret)
    key = store.keys.verify(made.secret)
    assert key is not None
    assert (key.id, key.name, key.scopes) == (made.id, "campaign engine", {"read", "events"})
    assert key.allows("read")
    assert not key.allows("manage")
    assert [listed.id for listed in store.keys.list()] == [made.id]


def test_admin_allows_everything(store: Store) -> None:
    key = store.keys.verify(store.keys.create("root", ["admin"]).secret)
    assert key is not None
    assert all(key.allows(scope) for scope in keys_module.SCOPES)


def test_no_secret_is_stored(store: Store) -> None:
    made = store.keys.create("a", ["read"])
    with store.database.read() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM keys")
    assert made.secret.rpartition("_")[2] not in repr(row)
    assert made.secret not in repr(row)


def test_every_change_of_a_secret_is_refused(store: Store) -> None:
    secret = store.keys.create("a", ["read"]).secret
    other = store.keys.create("b", ["read"]).secret
    for index in range(len(secret)):
        changed = secret[:index] + ("A" if secret[index] != "A" else "B") + secret[index + 1 :]
        assert store.keys.verify(changed) is None
    assert store.keys.verify(secret[:-1]) is None
    assert store.keys.verify(secret + "A") is None
    assert store.keys.verify(secret[:16] + other[16:]) is None


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(secret=st.text() | st.text().map("pk_".__add__) | st.text().map("pk_0123456789ab_".__add__))
def test_no_other_text_verifies(store: Store, secret: str) -> None:
    assert store.keys.verify(secret) is None


@pytest.mark.parametrize("secret", ["pk_\x00", "pk_\ud800aaaaaaaaaaa_x", "pk_" + "٣" * 12 + "_x"])
def test_hostile_texts_are_refused(store: Store, secret: str) -> None:
    assert store.keys.verify(secret) is None


def test_a_revoked_key_is_refused_for_good(store: Store) -> None:
    made = store.keys.create("a", ["read"])
    store.keys.revoke(made.id)
    assert store.keys.verify(made.secret) is None
    first = store.keys.list()[0].revoked_at
    store.keys.revoke(made.id)
    assert store.keys.list()[0].revoked_at == first
    with pytest.raises(NotFound, match="API key"):
        store.keys.revoke("none")


def test_a_key_is_refused_from_its_end_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    end = datetime.now(UTC) + timedelta(days=1)
    made = store.keys.create("a", ["read"], expires=end)
    assert store.keys.verify(made.secret) is not None
    monkeypatch.setattr(keys_module, "now", lambda: end)
    assert store.keys.verify(made.secret) is None


@pytest.mark.parametrize(
    ("name", "scopes", "expires", "field"),
    [
        ("", ["read"], None, "name"),
        ("x" * 201, ["read"], None, "name"),
        ("a\nb", ["read"], None, "name"),
        ("a", [], None, "scopes"),
        ("a", ["raed"], None, "scopes"),
        ("a", ["read"], datetime(2020, 1, 1, tzinfo=UTC), "expires"),
        ("a", ["read"], datetime(2999, 1, 1), "expires"),  # noqa: DTZ001
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    store: Store, name: str, scopes: list[str], expires: datetime | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        store.keys.create(name, scopes, expires)
    assert refusal.value.field == field
    assert store.keys.list() == []


def test_the_last_use_is_noted_once_a_minute(store_url: str) -> None:
    with Store(store_url) as store:
        made = store.keys.create("a", ["read"])
        unused = store.keys.create("b", ["read"])
        assert store.keys.list()[0].last_used_at is None
        for _ in range(5):
            store.keys.verify(made.secret)
    with Store(store_url) as store:
        found = {key.id: key.last_used_at for key in store.keys.list()}
    noted = found[made.id]
    assert noted is not None
    assert abs(datetime.now(UTC) - noted) < timedelta(minutes=1)
    assert found[unused.id] is None


def test_a_look_up_does_not_wait_for_a_long_write(store: Store) -> None:
    made = store.keys.create("a", ["read"])
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE keys SET name = 'held'")
        # Noted in the background, once this transaction is over.
        assert store.keys.verify(made.secret) is not None
    store.keys.close()
    assert store.keys.list()[0].last_used_at is not None
