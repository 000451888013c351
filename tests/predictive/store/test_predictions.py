from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from predictive.errors import NotFound
from predictive.store import Store

from .samples import NAME, PlainDefinition, add_prediction, publish, write


def test_a_definition_is_created_then_unchanged_then_updated(store: Store) -> None:
    first = store.predictions.create_or_update(PlainDefinition())
    assert (first.change, first.definition_version) == ("created", 1)
    same = store.predictions.create_or_update(PlainDefinition())
    assert (same.change, same.definition_version) == ("unchanged", 1)
    edited = PlainDefinition(text="other\n", window=timedelta(days=14), kind="purchase")
    second = store.predictions.create_or_update(edited)
    assert (second.change, second.definition_version) == ("updated", 2)

    now = store.predictions.get(NAME)
    assert now == second.prediction
    assert (now.kind, now.window, now.definition_yaml) == (
        "purchase",
        timedelta(days=14),
        "other\n",
    )
    assert now.state == "draft"
    assert store.predictions.definition_yaml(NAME, 1) == PlainDefinition().text


def test_returning_to_an_earlier_text_is_a_version_of_its_own(store: Store) -> None:
    for text in ("a", "b", "a"):
        applied = store.predictions.create_or_update(PlainDefinition(text=text))
    assert applied.definition_version == 3


def test_many_that_create_one_name_at_once_make_one_prediction(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        changes = list(
            pool.map(
                lambda _: store.predictions.create_or_update(PlainDefinition()).change, range(12)
            )
        )
    assert sorted(changes) == ["created"] + ["unchanged"] * 11


def test_a_misspelt_name_gets_the_nearest(store: Store) -> None:
    add_prediction(store)
    with pytest.raises(NotFound, match="Did you mean 'churn-28d'"):
        store.predictions.get("chrun-28d")
    with pytest.raises(NotFound, match="definition version"):
        store.predictions.definition_yaml(NAME, 2)


def test_predictions_are_listed_by_name(store: Store) -> None:
    for name in ("b", "a", "c"):
        store.predictions.create_or_update(PlainDefinition(name=name))
    assert [prediction.name for prediction in store.predictions.list()] == ["a", "b", "c"]


def test_deleting_a_prediction_takes_everything_of_it_and_nothing_else(store: Store) -> None:
    add_prediction(store)
    add_prediction(store, "other")
    publish(store, {"anna": 80.0})
    kept = write(store, {"anna": 20.0}, name="other")
    store.runs.publish(kept)
    store.evaluations.add(store.runs.list(NAME)[0].run_id, {})
    store.jobs.create("build", NAME, {})

    store.predictions.delete(NAME)

    assert [prediction.name for prediction in store.predictions.list()] == ["other"]
    assert [run.prediction for run in store.runs.list()] == ["other"]
    assert store.jobs.list() == []
    assert store.scores.get("other", "anna").score == 20.0
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scores").scalar() == 1
    with pytest.raises(NotFound):
        store.predictions.delete(NAME)


def test_a_name_can_be_used_again_after_deletion(store: Store) -> None:
    add_prediction(store)
    publish(store, {"anna": 80.0})
    store.predictions.delete(NAME)
    add_prediction(store)
    publish(store, {"ben": 10.0})
    with pytest.raises(NotFound):
        store.scores.get(NAME, "anna")
