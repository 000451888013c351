"""An evaluation over the same data and sends is kept once, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from predictive.errors import NotFound
from predictive.store import Store
from tests.predictive.store.samples import AS_OF, DAY, NAME, add_prediction, publish

BASIS = {"data_version": "7", "sends": []}


@pytest.fixture
def run_id(store: Store) -> str:
    add_prediction(store)
    return publish(store, {"anna": 75.0})


def test_the_first_of_equals_stays(store: Store, run_id: str) -> None:
    assert store.evaluations.add(run_id, BASIS | {"told": 1})["told"] == 1
    assert store.evaluations.add(run_id, BASIS | {"told": 2})["told"] == 1
    assert len(store.evaluations.of_run(run_id)) == 1


@pytest.mark.parametrize("other", [{"data_version": "8"}, {"sends": ["s1"]}])
def test_other_data_or_sends_make_another(
    store: Store, run_id: str, other: dict[str, object]
) -> None:
    store.evaluations.add(run_id, BASIS | {"told": 1})
    store.evaluations.add(run_id, BASIS | other | {"told": 2})
    assert [kept.report["told"] for kept in store.evaluations.of_run(run_id)] == [2, 1]


def test_workers_at_once_keep_one(store: Store, run_id: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(
            pool.map(
                lambda n: store.evaluations.add(run_id, BASIS | {"told": n})["told"], range(24)
            )
        )
    assert len(store.evaluations.of_run(run_id)) == 1
    assert len(set(told)) == 1


def test_when_each_run_was_evaluated(store: Store, run_id: str) -> None:
    later = publish(store, {"anna": 60.0}, as_of=AS_OF + DAY)
    assert store.evaluations.evaluated_at(NAME) == {}
    store.evaluations.add(run_id, BASIS)
    store.evaluations.add(run_id, BASIS | {"data_version": "8"})
    assert set(store.evaluations.evaluated_at(NAME)) == {run_id}
    newest = store.evaluations.of_run(run_id)[0].created_at
    assert store.evaluations.evaluated_at(NAME)[run_id] == newest
    store.evaluations.add(later, BASIS)
    assert set(store.evaluations.evaluated_at(NAME)) == {run_id, later}
    with pytest.raises(NotFound):
        store.evaluations.evaluated_at("none")
