from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.formats import encoded, flat
from predictive.store import Store

from .samples import AS_OF, DAY, NAME, add_prediction, publish

SCORES = {"anna": 92.5, "ben": 75.0, "Cleo": 74.99, "dora": 50.0, "emil": 4.25, "a:b": 0.0}
#: By the bytes of their ids, as the rows come.
IN_ORDER = sorted(SCORES, key=str.encode)


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def users(store: Store, rows: int = 2, **asked: Any) -> list[str]:
    batches = list(store.scores.stream(NAME, **asked).batches(rows))
    assert all(0 < batch.num_rows <= rows for batch in batches)
    return [user for batch in batches for user in batch["user_id"].to_pylist()]


@pytest.mark.parametrize("rows", [1, 2, 3, 6, 7])
def test_everyone_comes_once_by_user_id(trained: Store, rows: int) -> None:
    run_id = publish(trained, SCORES)
    stream = trained.scores.stream(NAME)
    assert (stream.run_id, stream.model_version, stream.as_of) == (run_id, 1, AS_OF)
    found = pa.Table.from_batches(stream.batches(rows)).to_pylist()
    assert [row["user_id"] for row in found] == IN_ORDER
    told = trained.scores.get_many(NAME, IN_ORDER)
    for row in found:
        score = told[row["user_id"]]
        assert (row["probability"], row["score"]) == (score.probability, score.score)
        assert row["category"] == score.category


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"min_score": 50}, {"anna", "ben", "Cleo", "dora"}),
        ({"max_score": 4.25}, {"emil", "a:b"}),
        ({"category": "low"}, {"emil", "a:b"}),
        ({"category": "medium"}, {"Cleo", "dora"}),
        ({"category": "high"}, {"anna", "ben"}),
        ({"category": "medium", "min_score": 60, "max_score": 90}, {"Cleo"}),
        ({"category": "low", "min_score": 60}, set()),
    ],
)
def test_ranges_and_categories(trained: Store, asked: dict[str, Any], expected: set[str]) -> None:
    publish(trained, SCORES)
    assert users(trained, **asked) == [user for user in IN_ORDER if user in expected]


def test_a_stream_goes_on_after_any_row_in_its_own_run(trained: Store) -> None:
    run_id = publish(trained, SCORES)
    publish(trained, {"somebody else": 99.0}, as_of=AS_OF + DAY)
    assert users(trained, cursor=f"{run_id}:") == IN_ORDER
    for index, user in enumerate(IN_ORDER, start=1):
        assert users(trained, cursor=f"{run_id}:{user}") == IN_ORDER[index:]


def test_a_run_replaced_in_the_middle_is_read_to_its_end(trained: Store) -> None:
    publish(trained, SCORES)
    batches = trained.scores.stream(NAME).batches(2)
    found = next(batches)["user_id"].to_pylist()
    publish(trained, {"somebody else": 99.0}, as_of=AS_OF + DAY)
    trained.scores.delete_superseded()
    found += [user for batch in batches for user in batch["user_id"].to_pylist()]
    assert found == IN_ORDER


def test_a_run_deleted_in_the_middle_is_not_taken_for_whole(trained: Store) -> None:
    run_id = publish(trained, SCORES)
    batches = trained.scores.stream(NAME).batches(2)
    next(batches)
    publish(trained, {"somebody else": 99.0}, as_of=AS_OF + DAY)
    trained.scores.delete_superseded(timedelta(0))
    with pytest.raises(Conflict, match="replaced"):
        list(batches)
    with pytest.raises(Conflict, match="replaced"):
        trained.scores.stream(NAME, cursor=f"{run_id}:ben")


def test_what_can_not_be_streamed(trained: Store) -> None:
    with pytest.raises(NotFound):
        trained.scores.stream("churn-28")
    with pytest.raises(Conflict, match="no published scores"):
        trained.scores.stream(NAME)
    publish(trained, SCORES)
    for wrong in ("", "anna", ":anna", "nosuchrun:anna", "a\0:b", "\ud800:x"):
        with pytest.raises(InvalidInput, match="cursor"):
            trained.scores.stream(NAME, cursor=wrong)
    with pytest.raises(InvalidInput, match="min_score"):
        trained.scores.stream(NAME, min_score=60, max_score=50)
    trained.predictions.set_state(NAME, "archived")
    with pytest.raises(Conflict, match="archived"):
        trained.scores.stream(NAME)


def test_memory_does_not_grow_with_the_rows(trained: Store) -> None:
    publish(trained, {f"user-{number:05d}": number / 300 for number in range(30_000)})

    def peak(highest: float) -> int:
        stream = trained.scores.stream(NAME, max_score=highest)
        tracemalloc.start()
        for piece in encoded(stream.batches(500), flat(next(stream.batches(1)).schema), "ndjson"):
            assert piece
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(1.0)  # what is made once, by the first stream of a process
    # The least of three: threads that earlier tests have left behind are counted as well.
    least = {highest: min(peak(highest) for _ in range(3)) for highest in (10.0, 100.0)}
    assert least[100.0] < 1.5 * least[10.0]
