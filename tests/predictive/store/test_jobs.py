from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from predictive.errors import Conflict, NotFound
from predictive.store import Store

from .samples import NAME, add_prediction

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def test_a_job_goes_from_queued_to_succeeded(trained: Store) -> None:
    jobs = trained.jobs
    job_id = jobs.create("build", NAME, {"as_of": None, "seed": 3})
    queued = jobs.get(job_id)
    assert (queued.state, queued.prediction, queued.kind) == ("queued", NAME, "build")
    assert queued.params == {"as_of": None, "seed": 3}
    assert queued.started_at is None

    assert jobs.progress(job_id, "Backtesting", 0.25, 12.5) is False
    running = jobs.get(job_id)
    assert (running.state, running.stage) == ("running", "Backtesting")
    assert (running.share, running.seconds_left) == (0.25, 12.5)
    assert running.started_at is not None

    jobs.progress(job_id, "Saving")
    jobs.finish(job_id, {"version": 1})
    done = jobs.get(job_id)
    assert (done.state, done.result, done.error) == ("succeeded", {"version": 1}, None)
    assert (done.share, done.seconds_left) == (1.0, 0.0)
    assert done.started_at == running.started_at
    assert done.finished_at is not None


def test_a_failed_job_keeps_its_error(trained: Store) -> None:
    job_id = trained.jobs.create("build", NAME, {})
    trained.jobs.fail(job_id, {"code": "failure", "message": "no"})
    failed = trained.jobs.get(job_id)
    assert (failed.state, failed.error) == ("failed", {"code": "failure", "message": "no"})


def test_a_running_job_hears_that_it_should_stop(trained: Store) -> None:
    job_id = trained.jobs.create("build", NAME, {})
    trained.jobs.progress(job_id, "Counting")
    trained.jobs.request_cancel(job_id)
    assert trained.jobs.get(job_id).state == "running"
    assert trained.jobs.progress(job_id, "Counting", 0.5) is True
    trained.jobs.cancelled(job_id)
    assert trained.jobs.get(job_id).state == "cancelled"


def test_a_queued_job_is_cancelled_at_once(trained: Store) -> None:
    job_id = trained.jobs.create("build", NAME, {})
    trained.jobs.request_cancel(job_id)
    job = trained.jobs.get(job_id)
    assert (job.state, job.cancel_requested) == ("cancelled", True)
    assert job.finished_at is not None


def test_what_is_over_stays_as_it_is(trained: Store) -> None:
    job_id = trained.jobs.create("build", NAME, {})
    trained.jobs.finish(job_id, {"n": 1})
    before = trained.jobs.get(job_id)
    for change in (
        lambda: trained.jobs.progress(job_id, "again"),
        lambda: trained.jobs.finish(job_id, {"n": 2}),
        lambda: trained.jobs.fail(job_id, {}),
        lambda: trained.jobs.cancelled(job_id),
        lambda: trained.jobs.request_cancel(job_id),
    ):
        with pytest.raises(Conflict, match="succeeded already"):
            change()
    assert trained.jobs.get(job_id) == before


def test_jobs_are_listed_newest_first(trained: Store) -> None:
    add_prediction(trained, "other")
    first = trained.jobs.create("build", NAME, {})
    second = trained.jobs.create("build", NAME, {})
    third = trained.jobs.create("build", "other", {})
    assert [job.id for job in trained.jobs.list()] == [third, second, first]
    assert [job.id for job in trained.jobs.list(NAME)] == [second, first]


def test_what_does_not_exist_is_named(trained: Store) -> None:
    for ask in (
        lambda: trained.jobs.create("build", "nobody", {}),
        lambda: trained.jobs.progress("none", "x"),
        lambda: trained.jobs.get("none"),
        lambda: trained.jobs.request_cancel("none"),
        lambda: trained.jobs.list("nobody"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_one_occasion_has_one_job(trained: Store) -> None:
    key = "score:churn-28d:2026-11-24T03:00:00+00:00"
    first = trained.jobs.create("score", NAME, {"n": 1}, key=key, requested_by="schedule", now=AT)
    again = trained.jobs.create("train", None, {"n": 2}, key=key)
    assert again == first
    job = trained.jobs.get(first)
    assert (job.kind, job.params, job.prediction) == ("score", {"n": 1}, NAME)
    assert (job.key, job.requested_by, job.created_at) == (key, "schedule", AT)
    assert trained.jobs.create("score", NAME, {}, key="another") != first
    assert trained.jobs.of_keys([key, "none"]) == {key: trained.jobs.get(first)}
    # A job that is over still stands for its occasion.
    trained.jobs.fail(first, {})
    assert trained.jobs.create("score", NAME, {}, key=key) == first


def test_a_job_may_give_its_occasion_back_when_it_is_cancelled(trained: Store) -> None:
    waiting, running = (trained.jobs.create("score", NAME, {}, key=key) for key in "ab")
    trained.jobs.progress(running, "Scoring")
    for job_id in (waiting, running):
        trained.jobs.request_cancel(job_id, free_key=True)
    assert [trained.jobs.get(one).state for one in (waiting, running)] == ["cancelled", "running"]
    assert trained.jobs.of_keys("ab") == {}
    assert trained.jobs.create("score", NAME, {}, key="a") != waiting


def test_the_newest_job_of_several_occasions(trained: Store) -> None:
    day = timedelta(days=1)
    for number, key in enumerate(("e:1_2@a", "e:1_2@b", "e:1x2@c", "e:1_25@d")):
        trained.jobs.create("evaluate", NAME, {}, key=key, now=AT + number * day)
    newest = trained.jobs.newest_of("e:1_2@")
    assert newest is not None
    assert newest.key == "e:1_2@b"
    assert trained.jobs.newest_of("e:2@") is None


def test_many_that_ask_for_one_occasion_at_once_make_one_job(trained: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = pool.map(lambda _: trained.jobs.create("check", None, {}, key="k"), range(8))
        assert len(set(asked)) == 1
    assert len(trained.jobs.list()) == 1


def test_a_job_of_the_workspace_has_no_prediction(trained: Store) -> None:
    job_id = trained.jobs.create("check", None, {})
    assert trained.jobs.get(job_id).prediction is None
    assert [job.id for job in trained.jobs.list()] == [job_id]
    assert trained.jobs.list(NAME) == []
    trained.predictions.delete(NAME)
    assert [job.id for job in trained.jobs.list()] == [job_id]


def test_jobs_are_picked_by_kind_and_by_being_unfinished(trained: Store) -> None:
    jobs = trained.jobs
    done, queued = (jobs.create("score", NAME, {}) for _ in range(2))
    running = jobs.create("train", NAME, {})
    jobs.progress(running, "Counting")
    jobs.finish(done, {})
    assert [job.id for job in jobs.list(kind="score")] == [queued, done]
    assert [job.id for job in jobs.list(unfinished=True)] == [running, queued]
    assert [job.id for job in jobs.list(NAME, kind="score", unfinished=True)] == [queued]
    assert [job.id for job in jobs.list(limit=1)] == [running]


def test_a_job_keeps_a_log_that_can_be_read_on(trained: Store) -> None:
    jobs = trained.jobs
    job_id, other = jobs.create("score", NAME, {}), jobs.create("score", NAME, {})
    jobs.log(job_id, "began")
    jobs.log(other, "of another")
    jobs.log(job_id, "a disk is nearly full", "warning")
    lines = jobs.read_log(job_id)
    assert [(line.number, line.level, line.message) for line in lines] == [
        (1, "info", "began"),
        (2, "warning", "a disk is nearly full"),
    ]
    assert lines[0].at <= lines[1].at
    jobs.finish(job_id, {})
    jobs.log(job_id, "done")  # also of one that is over
    assert [line.message for line in jobs.read_log(job_id, after=2)] == ["done"]
    for ask in (lambda: jobs.log("none", "x"), lambda: jobs.read_log("none")):
        with pytest.raises(NotFound):
            ask()


def over(store: Store, kind: str, at: datetime, *, ended: bool = True, **more: Any) -> str:
    """A job of a moment that ended a second ago by the clock; or one that waits."""
    job_id = store.jobs.create(kind, NAME, {}, now=at, **more)
    store.jobs.log(job_id, "Asked.")
    if ended:
        store.jobs.finish(job_id, {})
    return job_id


def test_jobs_that_were_over_long_ago_go_in_batches(
    trained: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictive.store.jobs._ROWS_AT_ONCE", 2)
    jobs, later = trained.jobs, datetime.now(UTC) + timedelta(days=1)
    by_hand = [over(trained, "score", AT + timedelta(hours=hour)) for hour in range(5)]
    waiting = over(trained, "score", AT, ended=False)
    running = over(trained, "score", AT, ended=False)
    jobs.progress(running, "Scoring")
    assert jobs.forget(before=later - timedelta(days=2)) == 0
    assert jobs.forget(before=later) == 5
    assert {job.id for job in jobs.list()} == {waiting, running}
    for gone in by_hand:
        with pytest.raises(NotFound):
            jobs.read_log(gone)
    assert len(jobs.read_log(waiting)) == 1


def test_the_newest_occasion_of_each_kind_stays_taken(trained: Store) -> None:
    jobs, later = trained.jobs, datetime.now(UTC) + timedelta(days=1)
    first = over(trained, "score", AT, key="score:1")
    newest = over(trained, "score", AT + timedelta(days=1), key="score:2")
    other = over(trained, "build", AT, key="build:1")
    by_hand = over(trained, "score", AT + timedelta(days=2))
    whole = jobs.create("check", None, {}, key="check:1", now=AT)
    jobs.finish(whole, {})
    assert jobs.forget(before=later) == 2
    assert {job.id for job in jobs.list()} == {newest, other, whole}
    assert {first, by_hand}.isdisjoint(job.id for job in jobs.list())
    assert set(jobs.of_keys(["score:1", "score:2", "build:1", "check:1"])) == {
        "score:2", "build:1", "check:1",
    }  # fmt: skip


def test_a_job_stays_while_somebody_is_still_to_be_told(trained: Store) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    job_id = over(trained, "export", AT, callback_url="https://example.com/")
    assert trained.jobs.forget(before=later) == 0
    (callback,) = trained.callbacks.due(later)
    trained.callbacks.delivered(callback.id, later)
    assert trained.jobs.forget(before=later) == 1
    assert trained.callbacks.of_jobs([job_id]) == {}
