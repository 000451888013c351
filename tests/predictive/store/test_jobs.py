from __future__ import annotations

import pytest

from predictive.errors import Conflict, NotFound
from predictive.store import Store

from .samples import NAME, add_prediction


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
