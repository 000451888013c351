from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from predictive.errors import NotFound
from predictive.store import Store

from .samples import NAME, PlainDefinition

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def test_checks_are_listed_newest_first_each_kind_apart(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    for n in range(3):
        store.checks.add(None, AT - DAY, {"n": n}, AT + n * DAY)
    store.checks.add(NAME, AT, {"of": NAME}, AT)
    assert [check.report["n"] for check in store.checks.list()] == [2, 1, 0]
    assert [check.report["n"] for check in store.checks.list(None, limit=1)] == [2]
    (own,) = store.checks.list(NAME)
    assert own[1:] == (AT, {"of": NAME}, AT)
    for ask in (
        lambda: store.checks.add("nobody", AT, {}, AT),
        lambda: store.checks.list("nobody"),
    ):
        with pytest.raises(NotFound):
            ask()
    store.predictions.delete(NAME)
    assert len(store.checks.list()) == 3


def test_old_checks_go_but_the_newest_of_each(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictive.store.checks._ROWS_AT_ONCE", 2)
    store.predictions.create_or_update(PlainDefinition())
    for n in range(6):
        store.checks.add(None, AT, {"n": n}, AT + n * DAY)
    for n in range(3):
        store.checks.add(NAME, AT, {"n": n}, AT + n * DAY)
    assert store.checks.forget(before=AT + 4 * DAY) == 4 + 2
    assert [check.report["n"] for check in store.checks.list()] == [5, 4]
    assert [check.report["n"] for check in store.checks.list(NAME)] == [2]
    assert store.checks.forget(before=AT + 99 * DAY) == 1
    assert [check.report["n"] for check in store.checks.list()] == [5]


def test_imports_are_listed_newest_first_and_kept_once(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.imports.add(name, "events", {"rows": 3, "rejected": {"no user": 1}}, AT)
    store.imports.add("a", "users", {}, AT + DAY)
    assert [each.import_id for each in store.imports.list()] == ["c", "b", "a"]
    newest = store.imports.list(limit=1)[0]
    assert newest == ("c", "events", {"rows": 3, "rejected": {"no user": 1}}, AT)
    assert store.imports.list()[-1].kind == "events"


def test_rows_that_name_users_are_not_kept(store: Store) -> None:
    store.imports.add("a", "events", {"rows": 1, "examples": [{"row": {"user": "anna"}}]}, AT)
    assert store.imports.list()[0].report == {"rows": 1}
