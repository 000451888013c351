"""Running a job step by step, with steps that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from predictive.definitions import Definition
from predictive.errors import Conflict, NotFound
from predictive.jobs import run
from predictive.jobs.kinds import KINDS
from predictive.jobs.run import conclude, run_job, run_step
from predictive.settings import Settings
from predictive.store.database import Unavailable
from predictive.workspace import Workspace

NAME = "churn-28d"
TEXT = f"{{name: {NAME}, kind: churn, target: {{within_days: 28, all: [{{did_not: buy}}]}}}}"
NOW = datetime(2025, 6, 2, 3, tzinfo=UTC)
Act = Callable[..., dict[str, Any]]


class Bench:
    """A workspace with one prediction, and steps put in the place of the real ones."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace = Workspace.create(folder / "workspace", settings=Settings())
        self.store = self.workspace.store
        self.store.predictions.create_or_update(Definition.from_text(TEXT))
        self._monkeypatch = monkeypatch

    def steps(self, kind: str, **acts: Act) -> None:
        self._monkeypatch.setattr(run, "KINDS", dict(KINDS) | {kind: acts})

    def ask(self, kind: Any, prediction: str | None = NAME, key: str | None = None) -> str:
        return self.store.jobs.create(kind, prediction, {"seed": 3}, key=key)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench(tmp_path, monkeypatch)
    yield made
    made.workspace.close()


def failing(error: Exception) -> Act:
    def act(*_: Any) -> dict[str, Any]:
        raise error

    return act


def test_each_step_hears_what_those_before_it_reported(bench: Bench) -> None:
    def train(workspace: Any, job: Any, done: Any, progress: Any, now: Any) -> dict[str, Any]:
        assert (workspace, done, now) == (bench.workspace, {}, NOW)
        progress.stage("Training", total=2.0)
        progress.advance(1.0)
        return {"seed": job.params["seed"]}

    def score(_: Any, job: Any, done: Any, progress: Any, __: Any) -> dict[str, Any]:
        progress.stage("Scoring")
        return {"after": done["train"]["seed"], "of": job.prediction}

    bench.steps("build", train=train, score=score)
    job_id = bench.ask("build")
    job = run_job(bench.workspace, job_id, now=NOW)
    assert job.state == "succeeded"
    assert job.result == {"train": {"seed": 3}, "score": {"after": 3, "of": NAME}}
    log = [line.message for line in bench.store.jobs.read_log(job_id)]
    assert log == ["Training", "Scoring", "Done."]


def test_what_follows_a_failed_step_is_not_done(bench: Bench) -> None:
    never = failing(AssertionError("never"))
    bench.steps("build", train=failing(Conflict("It is archived.")), score=never)
    job_id = bench.ask("build")
    job = run_job(bench.workspace, job_id, now=NOW)
    assert (job.state, job.result) == ("failed", None)
    assert job.error is not None
    assert (job.error["code"], job.error["message"]) == ("conflict", "It is archived.")
    (line,) = bench.store.jobs.read_log(job_id)
    assert (line.level, line.message) == ("error", "It is archived.")


def test_an_unforeseen_failure_ends_the_job_in_words(bench: Bench) -> None:
    bench.steps("score", score=failing(ZeroDivisionError("odd")))
    job = run_job(bench.workspace, bench.ask("score"), now=NOW)
    assert job.error is not None
    assert (job.error["code"], job.error["message"]) == (
        "failure",
        "Unforeseen: ZeroDivisionError: odd",
    )


def test_a_lost_store_is_no_outcome(bench: Bench) -> None:
    def lost(_: Any, __: Any, ___: Any, progress: Any, ____: Any) -> dict[str, Any]:
        progress.stage("Scoring")
        raise Unavailable(None)

    bench.steps("score", score=lost)
    job_id = bench.ask("score")
    with pytest.raises(Unavailable):
        run_job(bench.workspace, job_id, now=NOW)
    bench.steps("score", score=lambda *_: {})
    assert run_job(bench.workspace, job_id, now=NOW).state == "succeeded"
    log = [line.message for line in bench.store.jobs.read_log(job_id)]
    assert log == ["Scoring", "Taken up again after the worker ended.", "Done."]


def test_a_job_is_cancelled_while_it_runs_and_between_its_steps(bench: Bench) -> None:
    def cancelled_inside(_: Any, job: Any, __: Any, progress: Any, ___: Any) -> dict[str, Any]:
        progress.stage("Training")
        bench.store.jobs.request_cancel(job.id)
        progress.stage("Saving")
        raise AssertionError("never")

    def cancelled_at_the_end(_: Any, job: Any, __: Any, progress: Any, ___: Any) -> dict[str, Any]:
        progress.stage("Training")
        bench.store.jobs.request_cancel(job.id)
        return {}

    for train in (cancelled_inside, cancelled_at_the_end):
        bench.steps("build", train=train, score=failing(AssertionError("never")))
        job = run_job(bench.workspace, bench.ask("build"), now=NOW)
        assert (job.state, job.result, job.error) == ("cancelled", None, None)


def test_a_job_that_archiving_could_not_stop_any_more_is_cancelled(bench: Bench) -> None:
    """Past its last word of progress it is refused by the store; nobody is told that it failed."""

    def score(_: Any, job: Any, __: Any, progress: Any, ___: Any) -> dict[str, Any]:
        progress.stage("Scoring")
        bench.store.predictions.set_state(NAME, "archived", "test", NOW)
        raise Conflict("It is archived.")

    bench.steps("score", score=score)
    job = run_job(bench.workspace, bench.ask("score", key="today"), now=NOW)
    assert (job.state, job.error) == ("cancelled", None)
    assert bench.store.alerts.list() == []


def test_a_job_that_is_over_stays_as_it_ended(bench: Bench) -> None:
    bench.steps("score", score=lambda *_: {"users": 7})
    job_id = bench.ask("score")
    run_job(bench.workspace, job_id, now=NOW)
    assert run_step(bench.workspace, job_id, "score", {}, now=NOW) == {"cancelled": True}
    conclude(bench.workspace, job_id, {"score": {"error": {"message": "late"}}}, now=NOW)
    assert bench.store.jobs.get(job_id).result == {"score": {"users": 7}}


def test_people_are_told_of_a_failed_job_of_the_schedule_until_one_succeeds(bench: Bench) -> None:
    alerts = bench.store.alerts
    bench.steps("score", score=failing(Conflict("It can't be.")))
    run_job(bench.workspace, bench.ask("score"), now=NOW)
    assert alerts.list() == []
    for occasion in ("one", "two"):
        run_job(bench.workspace, bench.ask("score", key=occasion), now=NOW)
    (alert,) = alerts.list(open_only=True)
    assert (alert.prediction, alert.kind, alert.subject) == (NAME, "job_failed", "score")
    assert alert.times_seen == 2
    assert "It can't be." in alert.message
    bench.steps("score", score=lambda *_: {})
    run_job(bench.workspace, bench.ask("score"), now=NOW)
    assert alerts.list(open_only=True) == []


def test_a_build_makes_up_for_a_scoring_that_failed(bench: Bench) -> None:
    bench.steps("score", score=failing(Conflict("It can't be.")))
    run_job(bench.workspace, bench.ask("score", key="one"), now=NOW)
    assert len(bench.store.alerts.list(open_only=True)) == 1
    bench.steps("build", train=lambda *_: {}, score=lambda *_: {})
    run_job(bench.workspace, bench.ask("build"), now=NOW)
    assert bench.store.alerts.list(open_only=True) == []


def test_a_failed_job_of_the_workspace_is_told_too(bench: Bench) -> None:
    bench.steps("compact", compact=failing(OSError("disk full")))
    run_job(bench.workspace, bench.ask("compact", None, key="today"), now=NOW)
    (alert,) = bench.store.alerts.list(open_only=True)
    assert (alert.prediction, alert.subject) == (None, "compact")


def test_compacting_says_which_versions_it_led_from_and_to(bench: Bench) -> None:
    job = run_job(bench.workspace, bench.ask("compact", None), now=NOW)
    assert job.result is not None
    assert set(job.result["compact"]) == {"lake_version_before", "lake_version"}


def test_an_unknown_job(bench: Bench) -> None:
    with pytest.raises(NotFound):
        run_job(bench.workspace, "nope", now=NOW)
