"""What is due, at moments of a made-up clock, over a real store and a real lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from predictive import lifecycle
from predictive.definitions import Definition
from predictive.due import DueJob, due_jobs, enqueue_due
from predictive.jobs.queue import request_job
from predictive.settings import Settings
from predictive.workspace import Workspace

NAME = "churn-28d"
TEXT = f"name: {NAME}\nkind: churn\ntarget: {{within_days: 28, all: [{{did_not: purchase}}]}}\n"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: Midnight; the schedule's time is three hours later.
TODAY = datetime(2025, 6, 2, tzinfo=UTC)
THREE = TODAY + 3 * HOUR


class Desk:
    """A workspace with one prediction, and the few things that a test does to it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace.create(folder / "workspace", settings=Settings(), buckets=2)
        self.store = self.workspace.store

    def apply(self, more: str = "", state: Any = "active") -> None:
        self.store.predictions.create_or_update(Definition.from_text(TEXT + more))
        self.store.predictions.set_state(NAME, state, "test", TODAY)

    def data_until(self, end: datetime) -> None:
        number = self.workspace.lake.version
        events = {
            "event_id": [f"e{number}"],
            "user_id": ["anna"],
            "name": ["purchase"],
            "time": pa.array([end - DAY], pa.timestamp("us", "UTC")),
        }
        self.workspace.lake.append_events(pa.table(events))
        self.workspace.lake.set_complete_through(end)

    def train(self, as_of: datetime, *, definition: int = 1, job_id: str | None = None) -> int:
        version = self.store.models.add_version(
            NAME,
            definition_version=definition,
            as_of=as_of,
            seed=0,
            data_version="1",
            code_version="test",
            base_rate=0.3,
            report={},
            folder="none",
            job_id=job_id,
        )
        self.store.models.set_champion(NAME, version)
        return version

    def score(self, as_of: datetime) -> str:
        run_id = self.store.runs.begin(NAME, 1, as_of)
        self.store.scores.write_batch(run_id, ["anna"], [0.5], [50.0])
        self.store.runs.finish(run_id, histogram=b"", users=1)
        self.store.runs.publish(run_id)
        return run_id

    def due(self, now: datetime, *kinds: str) -> list[tuple[str, str | None]]:
        """Kinds and predictions of what is due, without the workspace's own."""
        shown = kinds or ("evaluate", "build", "score")
        return [
            (job.kind, job.prediction) for job in due_jobs(self.workspace, now) if job.kind in shown
        ]

    def job(self, now: datetime, kind: str) -> DueJob:
        (found,) = [job for job in due_jobs(self.workspace, now) if job.kind == kind]
        return found

    def run(self, now: datetime, *, error: bool = False) -> list[str]:
        """Ask for all that is due and end it; the kinds there were of the prediction."""
        kinds = []
        for job_id in enqueue_due(self.workspace, now):
            job = self.store.jobs.get(job_id)
            kinds += [job.kind] if job.prediction else []
            self.end(job_id, error=error)
        return kinds

    def end(self, job_id: str, *, error: bool = False) -> None:
        job = self.store.jobs.get(job_id)
        if error:
            self.store.jobs.fail(job_id, {"code": "failure", "message": "odd"})
            return
        if job.kind == "build":
            self.train(self.data_end(), job_id=job_id)
        if job.kind in ("build", "score"):
            self.score(self.data_end())
        self.store.jobs.finish(job_id, {})

    def data_end(self) -> datetime:
        return self.workspace.lake.data_end()

    def alert(self, kind: str, at: datetime) -> None:
        details: Mapping[str, Any] = {}
        self.store.alerts.open(
            NAME, kind, "all", severity="warning", message="odd", details=details, at=at
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.workspace.close()


@pytest.fixture
def scored(desk: Desk) -> Desk:
    """Trained and scored yesterday; today's data is there."""
    desk.apply()
    desk.data_until(TODAY - DAY)
    desk.train(TODAY - DAY)
    desk.score(TODAY - DAY)
    desk.data_until(TODAY)
    enqueue_due(desk.workspace, THREE - HOUR)  # yesterday's occurrence is served late
    for job in desk.store.jobs.list(unfinished=True):
        desk.end(job.id)
    desk.data_until(TODAY + HOUR)
    return desk


def test_nothing_is_due_without_data_or_predictions(desk: Desk) -> None:
    assert due_jobs(desk.workspace, THREE) == []
    desk.apply()
    assert due_jobs(desk.workspace, THREE) == []


def test_new_data_is_scored_at_its_time_and_once(scored: Desk) -> None:
    assert scored.due(THREE - timedelta(seconds=1)) == []
    assert scored.due(THREE) == [("score", NAME)]
    job = scored.job(THREE, "score")
    assert job.key == f"score:{NAME}:{THREE.isoformat()}"
    assert scored.run(THREE) == ["score"]
    scored.data_until(TODAY + 5 * HOUR)
    assert scored.due(THREE + 12 * HOUR) == []
    assert scored.due(THREE + DAY) == [("score", NAME)]


def test_looking_changes_nothing_and_asking_twice_makes_one_job(scored: Desk) -> None:
    assert due_jobs(scored.workspace, THREE) == due_jobs(scored.workspace, THREE)
    before = len(scored.store.jobs.list())
    first = enqueue_due(scored.workspace, THREE)
    assert enqueue_due(scored.workspace, THREE) == []
    assert len(scored.store.jobs.list()) == before + len(first)
    assert {scored.store.jobs.get(each).requested_by for each in first} == {"schedule"}


def test_data_that_comes_late_is_scored_when_it_comes(scored: Desk) -> None:
    assert scored.run(THREE) == ["score"]
    tomorrow = THREE + DAY
    assert scored.due(tomorrow) == []
    assert scored.due(tomorrow + 4 * HOUR) == []
    scored.data_until(TODAY + DAY)
    assert scored.due(tomorrow + 4 * HOUR) == [("score", NAME)]


def test_a_missed_schedule_runs_once(scored: Desk) -> None:
    scored.data_until(TODAY + 6 * DAY)
    later = THREE + 6 * DAY
    assert scored.due(later) == [("score", NAME)]
    assert scored.run(later) == ["score"]
    assert scored.due(later + HOUR) == []


def test_what_waits_is_not_asked_for_again(scored: Desk) -> None:
    enqueue_due(scored.workspace, THREE)
    scored.data_until(TODAY + DAY)
    assert scored.due(THREE + DAY) == []


def test_a_failed_job_waits_for_the_next_occurrence(scored: Desk) -> None:
    assert scored.run(THREE, error=True) == ["score"]
    assert scored.due(THREE + 20 * HOUR) == []
    assert scored.due(THREE + DAY) == [("score", NAME)]


def test_an_active_prediction_gets_its_first_model(desk: Desk) -> None:
    desk.apply()
    desk.data_until(TODAY)
    assert desk.job(THREE, "build").params == {"reason": "first model"}
    assert desk.run(THREE) == ["build"]
    assert desk.due(THREE + HOUR) == []


def test_a_draft_waits_for_somebody(desk: Desk) -> None:
    desk.store.predictions.create_or_update(Definition.from_text(TEXT))
    desk.data_until(TODAY)
    assert desk.due(THREE) == []


def test_an_archived_prediction_is_left_alone(desk: Desk) -> None:
    desk.apply()
    desk.data_until(TODAY)
    desk.train(TODAY - 40 * DAY)
    desk.score(TODAY - 40 * DAY)
    assert desk.due(THREE) == [("evaluate", NAME), ("build", NAME)]
    desk.store.predictions.set_state(NAME, "archived", "test", TODAY)
    assert desk.due(THREE) == []


def test_archiving_cancels_what_waits(scored: Desk) -> None:
    enqueue_due(scored.workspace, THREE)
    request_job(scored.workspace, "train", NAME, by="test")
    waiting = scored.store.jobs.list(NAME, unfinished=True)
    assert {job.kind for job in waiting} == {"score", "train"}
    lifecycle.set_state(scored.workspace, NAME, "archived", by="test", now=THREE)
    for job in waiting:
        assert scored.store.jobs.get(job.id).state == "cancelled"
    assert [job.kind for job in scored.store.jobs.list(unfinished=True)] == ["check"]


def test_brought_back_it_is_served_at_once(scored: Desk) -> None:
    """Also when a job was running, as soon as that has stopped."""
    scored.data_until(TODAY + 27 * DAY)
    enqueue_due(scored.workspace, THREE)
    build, evaluate = (
        job for kind in ("build", "evaluate") for job in scored.store.jobs.list(NAME, kind=kind)[:1]
    )
    scored.store.jobs.progress(build.id, "Counting users")
    for following in ("archived", "active"):
        lifecycle.set_state(scored.workspace, NAME, following, by="test", now=THREE)
    assert scored.store.jobs.get(evaluate.id).state == "cancelled"
    assert scored.due(THREE + HOUR) == [("evaluate", NAME)]
    scored.store.jobs.cancelled(build.id)
    assert scored.due(THREE + HOUR) == [("evaluate", NAME), ("build", NAME)]
    assert scored.run(THREE + HOUR) == ["evaluate", "build"]
    assert scored.due(THREE + HOUR) == []


def test_what_somebody_cancelled_waits_for_the_next_occurrence(scored: Desk) -> None:
    enqueue_due(scored.workspace, THREE)
    (job,) = scored.store.jobs.list(NAME, unfinished=True)
    scored.store.jobs.request_cancel(job.id)
    assert scored.due(THREE + HOUR) == []
    assert scored.due(THREE + DAY) == [("score", NAME)]


def test_a_draft_again_keeps_what_somebody_asked_for(desk: Desk) -> None:
    desk.apply(state="preview")
    desk.data_until(TODAY)
    enqueue_due(desk.workspace, THREE)
    by_hand = request_job(desk.workspace, "train", NAME, by="test")
    lifecycle.set_state(desk.workspace, NAME, "draft", by="test", now=THREE)
    assert [job.id for job in desk.store.jobs.list(NAME, unfinished=True)] == [by_hand]


def test_a_preview_lives_like_an_active_one(desk: Desk) -> None:
    desk.apply(state="preview")
    desk.data_until(TODAY)
    assert desk.due(THREE) == [("build", NAME)]


def test_a_model_is_trained_again_after_a_fortnight(scored: Desk) -> None:
    days = []
    for day in range(1, 40):
        now = THREE + day * DAY
        scored.data_until(TODAY + day * DAY)
        if "build" in scored.run(now):
            days.append(day)
    assert days == [13, 27]


def test_a_prediction_may_say_how_often(desk: Desk) -> None:
    desk.apply("schedule: weekly mon 03:00\nretraining: {every_days: 3}\n")
    desk.data_until(TODAY)
    desk.train(TODAY)
    desk.score(TODAY)
    found = {}
    for day in range(1, 16):
        desk.data_until(TODAY + day * DAY)
        kinds = [kind for kind in desk.run(THREE + day * DAY) if kind != "evaluate"]
        found |= {day: kinds} if kinds else {}
    # Two June 2025 was a Monday: its own occurrence is served when the first data comes.
    assert found == {1: ["score"], 7: ["build"], 14: ["build"]}


def test_nothing_happens_by_itself_without_a_schedule(desk: Desk) -> None:
    desk.apply("schedule: none\n")
    desk.data_until(TODAY)
    assert desk.due(THREE) == []
    desk.train(TODAY - 30 * DAY)
    run_id = desk.score(TODAY - 30 * DAY)
    assert desk.job(THREE, "evaluate").key.startswith(f"evaluate:{NAME}:{run_id}@")
    assert desk.due(THREE) == [("evaluate", NAME)]


def test_a_failed_training_leaves_the_champion_scoring(scored: Desk) -> None:
    scored.data_until(TODAY + 20 * DAY)
    now = THREE + 20 * DAY
    assert scored.run(now, error=True) == ["build"]
    assert scored.due(now) == [("score", NAME)]
    assert scored.run(now) == ["score"]
    assert scored.due(now + HOUR) == []
    scored.data_until(TODAY + 21 * DAY)
    assert scored.due(now + DAY) == [("build", NAME)]


def test_a_new_definition_is_trained(scored: Desk) -> None:
    scored.store.predictions.create_or_update(
        Definition.from_text(TEXT + "categories: {medium: 40}\n")
    )
    assert scored.job(THREE, "build").params == {"reason": "new definition"}


def test_another_schedule_alone_needs_no_other_model(scored: Desk) -> None:
    for more in ("schedule: every 6h\n", "schedule: every 6h\nretraining: {every_days: 3}\n"):
        scored.store.predictions.create_or_update(Definition.from_text(TEXT + more))
        assert scored.due(THREE + 3 * HOUR) == [("score", NAME)]
    assert scored.run(THREE + 3 * HOUR) == ["score"]
    scored.data_until(TODAY + 4 * DAY)
    reason = "3 days since the last training"
    assert scored.job(THREE + 4 * DAY, "build").params == {"reason": reason}
    scored.store.predictions.create_or_update(
        Definition.from_text(TEXT + more + "exclude_features: [visit]\n")
    )
    assert scored.job(THREE + 4 * DAY, "build").params == {"reason": "new definition"}


def test_an_alert_leads_to_one_training(scored: Desk) -> None:
    build = scored.store.jobs.create("build", NAME, {}, now=THREE - DAY)
    scored.end(build)
    scored.data_until(TODAY + DAY)
    scored.alert("event_stopped", THREE)
    assert scored.due(THREE + DAY) == [("score", NAME)]
    scored.alert("quality_fell", THREE)
    assert scored.job(THREE + DAY, "build").params["reason"].endswith("quality_fell")
    assert scored.run(THREE + DAY) == ["build"]
    for day in range(2, 6):
        scored.data_until(TODAY + day * DAY)
        assert scored.run(THREE + day * DAY) == ["score"]


def test_a_matured_run_is_evaluated_once(scored: Desk) -> None:
    scored.data_until(TODAY + 27 * DAY)
    run_id = scored.store.runs.list(NAME)[-1].run_id
    assert scored.job(THREE, "evaluate").key.startswith(f"evaluate:{NAME}:{run_id}@")
    # An evaluation that could tell nothing is not made again and again.
    scored.run(THREE)
    assert scored.due(THREE + HOUR, "evaluate") == []
    assert scored.due(THREE + DAY, "evaluate") == []


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_an_evaluation_that_failed_is_tried_again_the_next_day_or_import(
    scored: Desk, ended: str
) -> None:
    def end_all(now: datetime) -> None:
        enqueue_due(scored.workspace, now)
        for job in scored.store.jobs.list(unfinished=True):
            if ended == "failed":
                scored.store.jobs.fail(job.id, {"code": "failure", "message": "odd"})
            else:
                scored.store.jobs.request_cancel(job.id)

    scored.data_until(TODAY + 27 * DAY)
    end_all(THREE)
    assert scored.due(THREE + 23 * HOUR, "evaluate") == []
    assert scored.due(THREE + DAY, "evaluate") == [("evaluate", NAME)]
    end_all(THREE + DAY)
    assert scored.due(THREE + DAY, "evaluate") == []
    scored.store.imports.add("i1", "events", {}, THREE + DAY + HOUR)
    assert scored.due(THREE + DAY + HOUR, "evaluate") == [("evaluate", NAME)]
    scored.run(THREE + DAY + HOUR)
    assert scored.due(THREE + 2 * DAY, "evaluate") == []


def test_a_run_is_evaluated_again_when_a_send_is_recorded(scored: Desk) -> None:
    scored.data_until(TODAY + 27 * DAY)
    run_id = scored.store.runs.list(NAME)[-1].run_id
    scored.store.evaluations.add(run_id, {"data_version": "1", "sends": []})
    assert scored.due(THREE, "evaluate") == []
    scored.store.sends.add(NAME, run_id, TODAY + 40 * DAY, 0.5, ["anna"], [])
    assert scored.due(THREE, "evaluate") == []
    scored.store.sends.add(NAME, run_id, TODAY, 0.5, ["anna"], [])
    assert scored.job(THREE, "evaluate").key.startswith(f"evaluate:{NAME}:{run_id}:")
    scored.run(THREE)
    assert scored.due(THREE, "evaluate") == []


def test_the_data_is_checked_daily_and_after_each_import(scored: Desk) -> None:
    def asked(now: datetime) -> list[str]:
        return [job.key for job in due_jobs(scored.workspace, now) if job.kind == "check"]

    assert len(asked(THREE)) == 1
    scored.run(THREE)
    assert asked(THREE + HOUR) == []
    scored.store.imports.add("i1", "events", {}, THREE + HOUR)
    assert len(asked(THREE + HOUR)) == 1
    scored.run(THREE + HOUR)
    assert asked(THREE + 2 * HOUR) == []
    assert len(asked(THREE + DAY)) == 1


def test_evaluations_and_checks_come_before_what_may_answer_them(scored: Desk) -> None:
    scored.data_until(TODAY + 28 * DAY)
    kinds = [job.kind for job in due_jobs(scored.workspace, THREE + 28 * DAY)]
    assert [kind for kind in kinds if kind != "compact"] == ["evaluate", "check", "build"]


def test_the_lake_is_compacted_when_small_files_have_gathered(scored: Desk) -> None:
    scored.workspace.lake.compact()
    assert scored.due(THREE, "compact") == []
    for hour in range(9):
        scored.data_until(TODAY + 2 * HOUR + hour * timedelta(minutes=1))
    assert scored.due(THREE, "compact") == [("compact", None)]
    scored.run(THREE)
    assert scored.due(THREE + timedelta(minutes=59), "compact") == []
    assert scored.due(THREE + HOUR, "compact") == [("compact", None)]


def test_times_of_day_are_the_workspace_s(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.config = desk.workspace.config.model_copy(
        update={"timezone": "America/New_York"}
    )
    desk.apply()
    desk.data_until(TODAY)
    desk.train(TODAY - DAY)
    keys = [job.key for job in due_jobs(desk.workspace, TODAY + 7 * HOUR) if job.kind == "score"]
    assert keys == [f"score:{NAME}:{(TODAY + 7 * HOUR).isoformat()}"]
    desk.workspace.close()
