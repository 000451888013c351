from __future__ import annotations

import pytest

from predictive.errors import Conflict, NotFound
from predictive.store import Store

from .samples import NAME, add_prediction


@pytest.fixture
def trained(store: Store) -> Store:
    add_prediction(store)
    return store


def test_a_build_goes_from_queued_to_succeeded(trained: Store) -> None:
    builds = trained.builds
    build_id = builds.create("build", NAME, {"as_of": None, "seed": 3})
    queued = builds.get(build_id)
    assert (queued.state, queued.prediction, queued.kind) == ("queued", NAME, "build")
    assert queued.params == {"as_of": None, "seed": 3}
    assert queued.started_at is None

    assert builds.progress(build_id, "Backtesting", 0.25, 12.5) is False
    running = builds.get(build_id)
    assert (running.state, running.stage) == ("running", "Backtesting")
    assert (running.share, running.seconds_left) == (0.25, 12.5)
    assert running.started_at is not None

    builds.progress(build_id, "Saving")
    builds.finish(build_id, {"version": 1})
    done = builds.get(build_id)
    assert (done.state, done.result, done.error) == ("succeeded", {"version": 1}, None)
    assert (done.share, done.seconds_left) == (1.0, 0.0)
    assert done.started_at == running.started_at
    assert done.finished_at is not None


def test_a_failed_build_keeps_its_error(trained: Store) -> None:
    build_id = trained.builds.create("build", NAME, {})
    trained.builds.fail(build_id, {"code": "failure", "message": "no"})
    failed = trained.builds.get(build_id)
    assert (failed.state, failed.error) == ("failed", {"code": "failure", "message": "no"})


def test_a_running_build_hears_that_it_should_stop(trained: Store) -> None:
    build_id = trained.builds.create("build", NAME, {})
    trained.builds.progress(build_id, "Counting")
    trained.builds.request_cancel(build_id)
    assert trained.builds.get(build_id).state == "running"
    assert trained.builds.progress(build_id, "Counting", 0.5) is True
    trained.builds.cancelled(build_id)
    assert trained.builds.get(build_id).state == "cancelled"


def test_a_queued_build_is_cancelled_at_once(trained: Store) -> None:
    build_id = trained.builds.create("build", NAME, {})
    trained.builds.request_cancel(build_id)
    build = trained.builds.get(build_id)
    assert (build.state, build.cancel_requested) == ("cancelled", True)
    assert build.finished_at is not None


def test_what_is_over_stays_as_it_is(trained: Store) -> None:
    build_id = trained.builds.create("build", NAME, {})
    trained.builds.finish(build_id, {"n": 1})
    before = trained.builds.get(build_id)
    for change in (
        lambda: trained.builds.progress(build_id, "again"),
        lambda: trained.builds.finish(build_id, {"n": 2}),
        lambda: trained.builds.fail(build_id, {}),
        lambda: trained.builds.cancelled(build_id),
        lambda: trained.builds.request_cancel(build_id),
    ):
        with pytest.raises(Conflict, match="succeeded already"):
            change()
    assert trained.builds.get(build_id) == before


def test_builds_are_listed_newest_first(trained: Store) -> None:
    add_prediction(trained, "other")
    first = trained.builds.create("build", NAME, {})
    second = trained.builds.create("build", NAME, {})
    third = trained.builds.create("build", "other", {})
    assert [build.id for build in trained.builds.list()] == [third, second, first]
    assert [build.id for build in trained.builds.list(NAME)] == [second, first]


def test_what_does_not_exist_is_named(trained: Store) -> None:
    for ask in (
        lambda: trained.builds.create("build", "nobody", {}),
        lambda: trained.builds.progress("none", "x"),
        lambda: trained.builds.get("none"),
        lambda: trained.builds.request_cancel("none"),
        lambda: trained.builds.list("nobody"),
    ):
        with pytest.raises(NotFound):
            ask()
