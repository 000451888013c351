from __future__ import annotations

from datetime import UTC, datetime

import pytest

from predictive.errors import NotFound
from predictive.store import Store

from .samples import NAME, PlainDefinition, add_model

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_every_change_is_remembered_with_when_and_by_whom(store: Store) -> None:
    predictions = store.predictions
    predictions.create_or_update(PlainDefinition(), by="key abc", at=AT)
    predictions.create_or_update(PlainDefinition(), by="nobody", at=AT)  # nothing changed
    predictions.create_or_update(PlainDefinition(text="other"), by="command line", at=AT)
    predictions.set_state(NAME, "preview", "key abc", AT)
    predictions.set_state(NAME, "preview", "nobody", AT)  # nothing changed
    first, second = add_model(store), add_model(store)
    store.models.set_champion(NAME, first, by="schedule", at=AT, note="the first")
    store.models.set_champion(NAME, second, by="schedule", at=AT)
    store.models.set_champion(NAME, second, by="nobody", at=AT)  # nothing changed
    store.models.set_challenger(NAME, None, by="key abc", at=AT)

    changes = store.history.list(NAME)
    assert {change.at for change in changes} == {AT}
    assert [(c.kind, c.by, c.before, c.after, c.note) for c in reversed(changes)] == [
        ("created", "key abc", None, {"state": "draft", "definition_version": 1}, ""),
        ("definition", "command line", {"definition_version": 1}, {"definition_version": 2}, ""),
        ("state", "key abc", {"state": "draft"}, {"state": "preview"}, ""),
        ("model", "schedule", None, {"champion_version": 1}, "the first"),
        ("model", "schedule", {"champion_version": 1}, {"champion_version": 2}, ""),
        ("challenger", "key abc", {"challenger_version": 1}, None, ""),
    ]
    assert store.history.list(NAME, limit=2) == changes[:2]


def test_a_change_that_fails_leaves_no_history(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    with pytest.raises(NotFound):
        store.models.set_champion(NAME, 5)
    assert [change.kind for change in store.history.list(NAME)] == ["created"]


def test_what_was_deleted_keeps_its_history_also_under_a_new_one(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    store.predictions.delete(NAME, by="key abc", at=AT)
    assert [change.kind for change in store.history.list(NAME)] == ["deleted", "created"]
    gone = store.history.list(NAME)[0]
    assert (gone.by, gone.at, gone.after) == ("key abc", AT, None)
    assert gone.before == {"state": "draft", "definition_version": 1}
    store.predictions.create_or_update(PlainDefinition())
    assert [change.kind for change in store.history.list(NAME)] == ["created", "deleted", "created"]


def test_others_may_add_and_each_prediction_has_its_own(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    store.predictions.create_or_update(PlainDefinition(name="other"))
    store.history.add(NAME, "model", "schedule", after={"kept": 1}, note="worse", at=AT)
    assert [change.note for change in store.history.list(NAME)] == ["worse", ""]
    assert len(store.history.list("other")) == 1


def test_a_prediction_that_never_was_has_none(store: Store) -> None:
    store.predictions.create_or_update(PlainDefinition())
    with pytest.raises(NotFound, match="Did you mean 'churn-28d'"):
        store.history.list("chrun-28d")
