from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from predictive.store import Store

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def written(store: Store) -> Store:
    for day in range(5):
        key = "a" if day % 2 else "b"
        store.audit.add(key, "POST /v1/keys", f"/{day}", 201, at=AT + timedelta(days=day))
    return store


def test_entries_come_newest_first_and_in_pages(written: Store) -> None:
    first = written.audit.list(limit=2)
    assert [entry.target for entry in first] == ["/4", "/3"]
    rest = written.audit.list(before_id=first[-1].id)
    assert [entry.target for entry in rest] == ["/2", "/1", "/0"]
    newest = first[0]
    assert (newest.key_id, newest.action, newest.status) == ("b", "POST /v1/keys", 201)
    assert newest.at == AT + timedelta(days=4)


def test_entries_of_one_key(written: Store) -> None:
    assert [entry.target for entry in written.audit.list(key_id="a")] == ["/3", "/1"]
    assert written.audit.list(key_id="nobody\x00") == []


def test_old_entries_go_in_batches(written: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("predictive.store.audit._ROWS_AT_ONCE", 2)
    assert written.audit.forget(before=AT + timedelta(days=3)) == 3
    assert [entry.target for entry in written.audit.list()] == ["/4", "/3"]
    assert written.audit.forget(before=AT) == 0
