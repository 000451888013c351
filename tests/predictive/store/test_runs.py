from __future__ import annotations

from datetime import timedelta

import pytest

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store import Store

from .samples import AS_OF, DAY, NAME, PlainDefinition, add_model, add_prediction, publish, write


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def test_a_run_goes_from_writing_to_published(trained: Store) -> None:
    runs = trained.runs
    run_id = runs.begin(
        NAME, 1, AS_OF, categories=(40.0, 60.5), data_version="9", code_version="abc"
    )
    assert runs.get(run_id).state == "writing"
    trained.scores.write_batch(run_id, ["a", "b"], [0.1, 0.2], [10, 20])
    runs.finish(run_id, histogram=b"\x00\xff", users=2, archive="lake/scores/x.parquet")
    assert runs.get(run_id).state == "finished"
    assert trained.predictions.get(NAME).current_run_id is None
    runs.publish(run_id)

    run = runs.get(run_id)
    assert run.state == "published"
    assert (run.as_of, run.matures_at) == (AS_OF, AS_OF + timedelta(days=28))
    assert (run.users, run.categories) == (2, (40.0, 60.5))
    assert (run.data_version, run.code_version) == ("9", "abc")
    assert run.archive == "lake/scores/x.parquet"
    assert runs.histogram(run_id) == b"\x00\xff"
    assert runs.current(NAME) == run
    assert trained.predictions.get(NAME).current_run_id == run_id


def test_a_run_matures_by_the_window_its_model_was_trained_for(trained: Store) -> None:
    trained.predictions.create_or_update(PlainDefinition(text="b", window=timedelta(days=7)))
    assert add_model(trained) == 2
    run_id = trained.runs.begin(NAME, 2, AS_OF)
    assert trained.runs.get(run_id).matures_at == AS_OF + timedelta(days=28)
    assert trained.runs.get(run_id).definition_version == 1


def test_the_run_before_is_superseded(trained: Store) -> None:
    first = publish(trained, {"a": 1.0})
    second = publish(trained, {"a": 2.0}, as_of=AS_OF + DAY)
    assert trained.runs.get(first).state == "superseded"
    assert trained.runs.get(first).superseded_at is not None
    assert [run.run_id for run in trained.runs.list(NAME)] == [second, first]


def test_scores_of_an_older_moment_never_replace_newer_ones(trained: Store) -> None:
    newer = publish(trained, {"a": 1.0}, as_of=AS_OF + DAY)
    older = write(trained, {"a": 2.0})
    with pytest.raises(Conflict) as refused:
        trained.runs.publish(older)
    assert str(refused.value) == (
        f"The scores as of 2025-11-01 can't be published: prediction {NAME!r} has newer ones, as "
        "of 2025-11-02."
    )
    assert "더 새로운 점수가 있습니다" in refused.value.sentence.within("ko")
    assert trained.runs.get(older).state == "finished"
    assert trained.predictions.get(NAME).current_run_id == newer
    assert trained.scores.get(NAME, "a").score == 1.0


def test_scores_of_the_same_moment_replace_each_other(trained: Store) -> None:
    publish(trained, {"a": 1.0})
    publish(trained, {"a": 2.0})
    assert trained.scores.get(NAME, "a").score == 2.0


def test_publishing_again_changes_nothing_and_what_was_replaced_stays_so(trained: Store) -> None:
    first = publish(trained, {"a": 1.0})
    trained.runs.publish(first)
    assert trained.runs.get(first).state == "published"
    publish(trained, {"a": 2.0}, as_of=AS_OF + DAY)
    with pytest.raises(Conflict, match="superseded"):
        trained.runs.publish(first)


def test_only_what_is_finished_can_be_published(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    with pytest.raises(Conflict, match="is writing"):
        trained.runs.publish(run_id)
    with pytest.raises(Conflict, match="no histogram"):
        trained.runs.histogram(run_id)
    trained.runs.fail(run_id)
    with pytest.raises(Conflict, match="is failed"):
        trained.runs.publish(run_id)
    with pytest.raises(Conflict, match="can't finish"):
        trained.runs.finish(run_id, histogram=b"")


def test_a_run_with_rows_missing_is_not_finished(trained: Store) -> None:
    run_id = trained.runs.begin(NAME, 1, AS_OF)
    trained.scores.write_batch(run_id, ["a"], [0.5], [50])
    with pytest.raises(Conflict, match="holds 1 rows instead of 2"):
        trained.runs.finish(run_id, histogram=b"", users=2)
    assert trained.runs.get(run_id).state == "writing"


def test_failing_a_published_run_changes_nothing(trained: Store) -> None:
    run_id = publish(trained, {"a": 1.0})
    trained.runs.fail(run_id)
    assert trained.runs.get(run_id).state == "published"


def test_matured_runs_are_those_whose_window_has_passed(trained: Store) -> None:
    first = publish(trained, {"a": 1.0})
    second = publish(trained, {"a": 1.0}, as_of=AS_OF + DAY)
    write(trained, {"a": 1.0}, as_of=AS_OF - DAY)
    end = AS_OF + timedelta(days=28)
    assert trained.runs.matured(end - timedelta(microseconds=1)) == []
    assert [run.run_id for run in trained.runs.matured(end, NAME)] == [first]
    assert [run.run_id for run in trained.runs.matured(end + DAY)] == [second, first]


def test_a_run_is_found_only_under_its_own_prediction(trained: Store) -> None:
    add_prediction(trained, "other")
    run_id = publish(trained, {"a": 1.0})
    assert trained.runs.get(run_id, NAME).run_id == run_id
    with pytest.raises(NotFound, match="scoring run"):
        trained.runs.get(run_id, "other")
    with pytest.raises(NotFound, match="prediction"):
        trained.runs.get(run_id, "nobody")
    assert trained.runs.list("other") == []
    assert trained.runs.current("other") is None


def test_what_does_not_exist_is_named(trained: Store) -> None:
    runs = trained.runs
    for ask in (
        lambda: runs.begin("nobody", 1, AS_OF),
        lambda: runs.begin(NAME, 2, AS_OF),
        lambda: runs.finish("none", histogram=b""),
        lambda: runs.publish("none"),
        lambda: runs.fail("none"),
        lambda: runs.get("none"),
        lambda: runs.histogram("none"),
        lambda: runs.list("nobody"),
        lambda: trained.evaluations.add("none", {}),
        lambda: trained.evaluations.list("nobody"),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("bounds", [(80.0, 20.0), (-1.0, 50.0), (50.0, 100.5)])
def test_bounds_out_of_order_are_refused(trained: Store, bounds: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match="categories"):
        trained.runs.begin(NAME, 1, AS_OF, categories=bounds)


def test_a_moment_without_a_time_zone_is_refused(trained: Store) -> None:
    with pytest.raises(Exception, match="no time zone"):
        trained.runs.begin(NAME, 1, AS_OF.replace(tzinfo=None))


def test_the_newest_evaluation_is_of_the_newest_run(trained: Store) -> None:
    assert trained.evaluations.newest(NAME) is None
    second = publish(trained, {"a": 1.0}, as_of=AS_OF + DAY)
    first = write(trained, {"a": 1.0})
    trained.evaluations.add(second, {"n": 1})
    trained.evaluations.add(second, {"n": 2})
    trained.evaluations.add(first, {"n": 3})
    newest = trained.evaluations.newest(NAME)
    assert newest is not None
    assert (newest.run_id, newest.report, newest.as_of) == (second, {"n": 2}, AS_OF + DAY)
    assert [found.report["n"] for found in trained.evaluations.list(NAME)] == [2, 1, 3]


def test_a_job_finds_the_run_it_began_last(trained: Store) -> None:
    assert trained.runs.of_job("job 1") is None
    first = trained.runs.begin(NAME, 1, AS_OF, job_id="job 1")
    trained.runs.fail(first)
    second = trained.runs.begin(NAME, 1, AS_OF, job_id="job 1")
    trained.runs.begin(NAME, 1, AS_OF)
    found = trained.runs.of_job("job 1")
    assert found is not None
    assert (found.run_id, found.job_id, found.state) == (second, "job 1", "writing")


def test_a_run_keeps_its_profile(trained: Store) -> None:
    run_id = publish(trained, {"a": 1.0})
    assert trained.runs.get(run_id).profile is None
    trained.runs.set_profile(run_id, {"target_count": [1, 2, 3]})
    assert trained.runs.get(run_id).profile == {"target_count": [1, 2, 3]}
    with pytest.raises(NotFound):
        trained.runs.set_profile("none", {})
