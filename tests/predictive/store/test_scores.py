from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store import Store
from predictive.store import scores as scores_module

from .samples import AS_OF, DAY, NAME, add_prediction, publish, write

_IDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)
_SHARED = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scores_module, "_ROWS_AT_ONCE", 3)
    yield


def rows_of(store: Store) -> int:
    with store.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM scores").scalar())


def test_a_score_carries_what_it_is_worth_and_where_it_comes_from(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF, categories=(40.0, 60.0))
    trained.scores.write_batch(run_id, ["anna"], [0.123456789012345], [59.99])
    trained.runs.finish(run_id, histogram=b"")
    trained.runs.publish(run_id)
    score = trained.scores.get(NAME, "anna")
    assert (score.user_id, score.probability, score.score) == ("anna", 0.123456789012345, 59.99)
    assert (score.category, score.model_version, score.run_id) == ("medium", 1, run_id)
    assert score.as_of == AS_OF
    assert score.scored_at == trained.runs.get(run_id).finished_at


@pytest.mark.parametrize(
    ("score", "category"),
    [(0, "low"), (49.99, "low"), (50, "medium"), (74.99, "medium"), (75, "high"), (100, "high")],
)
def test_the_category_is_that_of_the_stored_score(
    trained: Store, score: float, category: str
) -> None:
    publish(trained, {"anna": score})
    assert trained.scores.get(NAME, "anna").category == category


def test_every_hundredth_comes_back_as_it_went_in(trained: Store) -> None:
    values = np.round(np.arange(10_001) / 100, 2)
    publish(trained, {f"{value}": value for value in values.tolist()})
    found = {
        user: score.score
        for start in range(0, 10_001, 1_000)
        for user, score in trained.scores.get_many(
            NAME, [f"{value}" for value in values[start : start + 1_000].tolist()]
        ).items()
    }
    assert found == {f"{value}": value for value in values.tolist()}


@_SHARED
@given(ids=st.lists(_IDS, unique=True, min_size=1, max_size=20))
def test_any_id_is_found_again_unchanged(trained: Store, ids: list[str]) -> None:
    publish(trained, {user: float(index) for index, user in enumerate(ids)})
    for index, user in enumerate(ids):
        assert trained.scores.get(NAME, user).score == index
    assert set(trained.scores.get_many(NAME, ids)) == set(ids)
    assert [score.user_id for score in trained.scores.page(NAME).scores] == ids[::-1]


@_SHARED
@given(probability=st.floats(0, 1))
def test_any_probability_is_kept_to_the_last_bit(trained: Store, probability: float) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    trained.scores.write_batch(run_id, ["anna"], [probability], [50])
    trained.runs.finish(run_id, histogram=b"")
    trained.runs.publish(run_id)
    assert trained.scores.get(NAME, "anna").probability == probability


@pytest.mark.parametrize("user", ["", "\x00", "a\x00b", "\ud800", "x" * 1_000_000, "'; --", "%s"])
def test_an_id_that_nobody_has_is_not_found(trained: Store, user: str) -> None:
    publish(trained, {"anna": 1.0})
    with pytest.raises(NotFound) as missing:
        trained.scores.get(NAME, user)
    assert len(str(missing.value)) < 300
    assert trained.scores.get_many(NAME, [user, "anna"]).keys() == {"anna"}


def test_before_the_first_run_it_says_what_to_do(trained: Store) -> None:
    write(trained, {"anna": 1.0})
    for ask in (
        lambda: trained.scores.get(NAME, "anna"),
        lambda: trained.scores.get_many(NAME, ["anna"]),
        lambda: trained.scores.page(NAME),
    ):
        with pytest.raises(Conflict, match="Run `predictive score churn-28d`"):
            ask()


@pytest.mark.parametrize("name", ["churn-28", "\x00", "\ud800"])
def test_an_unknown_prediction_is_not_found(trained: Store, name: str) -> None:
    for ask in (
        lambda: trained.scores.get(name, "anna"),
        lambda: trained.scores.get_many(name, ["anna"]),
        lambda: trained.scores.page(name),
    ):
        with pytest.raises(NotFound, match="prediction"):
            ask()


def test_at_most_a_thousand_ids_are_looked_up_at_once(trained: Store) -> None:
    publish(trained, {f"u{index}": 1.0 for index in range(1_000)})
    assert len(trained.scores.get_many(NAME, [f"u{index}" for index in range(1_000)])) == 1_000
    assert trained.scores.get_many(NAME, []) == {}
    with pytest.raises(InvalidInput, match="at most 1000 ids"):
        trained.scores.get_many(NAME, ["a"] * 1_001)


def test_columns_come_as_lists_arrays_or_arrow(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    dictionary = pa.array(["b", "b2"]).dictionary_encode()
    trained.scores.write_batch(run_id, ["a"], [0.1], [1])
    trained.scores.write_batch(run_id, dictionary, np.array([0.2, 0.3], np.float32), [2, 3])
    trained.scores.write_batch(run_id, pa.chunked_array([["c"], ["d"]]), [0.4, 0.5], [4, 5])
    trained.scores.write_batch(run_id, pa.array(["x", "e"])[1:], [0.6], [6])
    trained.scores.write_batch(run_id, [], [], [])
    trained.runs.finish(run_id, histogram=b"", users=6)
    trained.runs.publish(run_id)
    found = trained.scores.get_many(NAME, ["a", "b", "b2", "c", "d", "e"])
    assert [found[user].score for user in ("a", "b", "b2", "c", "d", "e")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("ids", "probabilities", "values", "field"),
    [
        (["a", "b"], [0.1], [1], "scores"),
        (["a", None], [0.1, 0.1], [1, 1], "user_ids"),
        ([""], [0.1], [1], "user_ids"),
        (["a\x00"], [0.1], [1], "user_ids"),
        (["\ud800"], [0.1], [1], "user_ids"),
        ([7], [0.1], [1], "user_ids"),
        (["a"], [float("nan")], [1], "probabilities"),
        (["a"], [1.5], [1], "probabilities"),
        (["a"], [0.5], [100.01], "scores"),
        (["a"], [0.5], [-0.01], "scores"),
        (["a"], [0.5], [float("nan")], "scores"),
        (["a", "a"], [0.5, 0.5], [1, 1], "user_ids"),
    ],
)
def test_what_is_no_score_is_refused_whole(
    trained: Store, ids: list[str], probabilities: list[float], values: list[float], field: str
) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    with pytest.raises(InvalidInput) as refusal:
        trained.scores.write_batch(run_id, ids, probabilities, values)
    assert refusal.value.field == field
    assert rows_of(trained) == 0
    assert trained.runs.get(run_id).users == 0


def test_a_user_scored_twice_in_a_run_is_refused(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    trained.scores.write_batch(run_id, ["a"], [0.5], [50])
    with pytest.raises(InvalidInput, match="each user at most once"):
        trained.scores.write_batch(run_id, ["b", "a"], [0.5, 0.5], [50, 50])
    assert trained.runs.get(run_id).users == 1


def test_rows_are_added_only_to_a_run_that_is_being_written(trained: Store) -> None:
    run_id = write(trained, {"a": 1.0})
    with pytest.raises(Conflict, match="is finished"):
        trained.scores.write_batch(run_id, ["b"], [0.5], [50])
    with pytest.raises(NotFound, match="scoring run"):
        trained.scores.write_batch("none", ["b"], [0.5], [50])
    assert rows_of(trained) == 1


@pytest.mark.usefixtures("few_rows")
def test_a_large_batch_is_many_small_transactions(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    seen: list[int] = []
    engine = trained.database._engine
    event.listen(engine, "commit", lambda connection: seen.append(1))
    ids = [f"u{index}" for index in range(8)]
    trained.scores.write_batch(run_id, ids, np.full(8, 0.5), np.arange(8))
    assert len(seen) == 3
    trained.runs.finish(run_id, histogram=b"", users=8)
    trained.runs.publish(run_id)
    assert trained.scores.get(NAME, "u7").score == 7


def test_replaced_and_abandoned_rows_are_deleted_after_a_while(trained: Store) -> None:
    old = publish(trained, {"a": 1.0, "b": 2.0, "c": 3.0})
    current = publish(trained, {"a": 4.0}, as_of=AS_OF + DAY)
    failed = write(trained, {"a": 5.0})
    trained.runs.fail(failed)
    abandoned = trained.runs.begin(NAME, 1, AS_OF)
    trained.scores.write_batch(abandoned, ["z"], [0.5], [50])

    assert trained.scores.delete_superseded() == 0
    assert rows_of(trained) == 6
    time.sleep(0.002)
    assert trained.scores.delete_superseded(timedelta(0), rows_at_once=2) == 5
    assert rows_of(trained) == 1
    assert trained.scores.get(NAME, "a").score == 4.0
    assert trained.runs.get(old).scores_deleted_at is not None
    assert trained.runs.get(current).scores_deleted_at is None
    assert trained.runs.histogram(old) == b"histogram"
    with pytest.raises(Conflict, match="is failed"):
        trained.scores.write_batch(abandoned, ["y"], [0.5], [50])
    assert trained.scores.delete_superseded(timedelta(0)) == 0


def test_a_user_is_deleted_from_every_run(trained: Store) -> None:
    add_prediction(trained, "other")
    publish(trained, {"anna": 1.0, "ben": 2.0})
    publish(trained, {"anna": 3.0, "ben": 4.0}, as_of=AS_OF + DAY)
    trained.runs.publish(write(trained, {"anna": 5.0}, name="other"))
    assert trained.scores.delete_user("anna") == 3
    assert trained.scores.delete_user("anna") == 0
    assert trained.scores.delete_user("\x00") == 0
    assert rows_of(trained) == 2
    with pytest.raises(NotFound):
        trained.scores.get(NAME, "anna")
    assert trained.scores.get(NAME, "ben").score == 4.0


def test_a_user_deleted_while_a_run_is_under_way_is_not_published(trained: Store) -> None:
    under_way = write(trained, {"anna": 1.0, "ben": 2.0, "cleo": 3.0})
    trained.tombstones.add("anna", permanent=False)
    trained.tombstones.add("cleo", permanent=True)
    assert trained.tombstones.since(AS_OF) == {"anna", "cleo"}
    trained.runs.publish(under_way)
    assert trained.scores.get_many(NAME, ["anna", "ben", "cleo"]).keys() == {"ben"}
    assert trained.runs.get(under_way).users == 1
    # No run needs the first any more; the other hides a user for good.
    assert trained.tombstones.since(AS_OF) == {"cleo"}
    assert trained.tombstones.permanent() == {"cleo"}


def test_without_a_run_under_way_nothing_of_a_deleted_user_stays(trained: Store) -> None:
    publish(trained, {"anna": 1.0})
    trained.tombstones.add("anna", permanent=False)
    assert trained.tombstones.since(AS_OF) == frozenset()
    trained.tombstones.add("anna", permanent=True)
    trained.tombstones.add("anna", permanent=False)
    assert trained.tombstones.permanent() == {"anna"}


def test_a_look_up_reads_by_index_only(trained: Store) -> None:
    publish(trained, {f"u{index}": float(index % 100) for index in range(500)})
    queries = (scores_module._ONE, scores_module._MANY_SQLITE, scores_module._MANY_POSTGRESQL)
    one, many_sqlite, many_postgresql = queries
    if trained.database.dialect == "sqlite":
        wanted = ((one, {"user_id": "u1"}), (many_sqlite, {"user_ids": '["u1"]'}))
        for query, parameters in wanted:
            plan = _plan(trained, f"EXPLAIN QUERY PLAN {query.sqlite}", parameters)
            assert "SEARCH s USING PRIMARY KEY (run_number=? AND user_id=?)" in plan
            assert "SCAN s" not in plan
    else:
        with trained.database.write() as connection:
            # On 500 rows a scan is cheaper; the question is whether an index can answer.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            wanted = ((one, {"user_id": "u1"}), (many_postgresql, {"user_ids": ["u1"]}))
            for query, parameters in wanted:
                rows = connection.exec_driver_sql(
                    f"EXPLAIN {query.postgresql}", parameters | {"name": NAME}
                )
                plan = "\n".join(row[0] for row in rows)
                assert "pk_scores" in plan
                assert "Seq Scan" not in plan


def _plan(store: Store, statement: str, parameters: dict[str, str]) -> str:
    with store.database.read() as connection:
        rows = connection.connection.driver_connection.execute(
            statement, parameters | {"name": NAME}
        )
        return "\n".join(row[3] for row in rows)
