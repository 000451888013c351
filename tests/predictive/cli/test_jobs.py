"""Jobs on the command line, as they stand in a store that a worker would write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from predictive.definitions import Definition
from predictive.settings import Settings
from predictive.store.jobs import Jobs
from predictive.workspace import Workspace
from tests.predictive.cli.runner import CommandLine

NAME = "churn-28d"
NOW = datetime(2025, 6, 2, 3, tzinfo=UTC)


@pytest.fixture
def jobs(predictive: CommandLine) -> Iterator[Jobs]:
    text = f"{{name: {NAME}, kind: churn, target: {{within_days: 28, all: [{{did_not: buy}}]}}}}"
    with Workspace.create(predictive.workspace, settings=Settings()) as workspace:
        workspace.store.predictions.create_or_update(Definition.from_text(text))
        yield workspace.store.jobs


def failed(jobs: Jobs) -> str:
    job_id = jobs.create("build", NAME, {}, requested_by="schedule", now=NOW)
    jobs.progress(job_id, "Reading events")
    jobs.log(job_id, "Reading events")
    jobs.log(job_id, "Too little history.", "error")
    jobs.fail(job_id, {"code": "insufficient_data", "message": "Too little history."})
    return job_id


def test_jobs_are_listed(predictive: CommandLine, jobs: Jobs) -> None:
    assert "no such job" in predictive("jobs", "list").ok().out
    first, second = failed(jobs), jobs.create("check", None, {}, requested_by="schedule")
    listed = predictive("jobs", "list", "--json").ok().document["jobs"]
    assert [job["id"] for job in listed] == [second, first]
    assert "result" not in listed[0]
    text = predictive("jobs", "list").ok().out
    assert first in text
    assert second in text
    assert "the workspace" in predictive("jobs", "show", second).ok().out

    def shown(*options: str) -> list[str]:
        found = predictive("jobs", "list", *options, "--json").ok().document["jobs"]
        return [job["id"] for job in found]

    assert shown(NAME) == [first]
    assert shown("--kind", "check") == [second]
    assert shown("--unfinished") == [second]
    assert shown("--limit", "1") == [second]
    assert "There are older ones" in predictive("jobs", "list", "--limit", "1").ok().out
    assert "There are older ones" not in predictive("jobs", "list", "--limit", "2").ok().out


def test_a_job_is_shown_with_its_log_and_error(predictive: CommandLine, jobs: Jobs) -> None:
    job_id = failed(jobs)
    document = predictive("jobs", "show", job_id, "--json").ok().document
    assert document["error"]["code"] == "insufficient_data"
    assert [line["message"] for line in document["log"]] == [
        "Reading events",
        "Too little history.",
    ]
    text = predictive("jobs", "show", job_id).ok().out
    assert "2025-06-02 03:00 UTC by schedule" in text
    assert "Too little history." in text


def test_a_job_that_is_done_says_where_to_see_what_came_of_it(
    predictive: CommandLine, jobs: Jobs
) -> None:
    for kind, prediction, command in (
        ("build", NAME, f"predictive models show {NAME}"),
        ("check", None, "predictive alerts list"),
    ):
        job_id = jobs.create(kind, prediction, {})
        assert command not in predictive("jobs", "show", job_id).ok().out
        jobs.finish(job_id, {})
        assert command in predictive("jobs", "show", job_id).ok().out


def test_a_running_job_says_how_far_it_is(predictive: CommandLine, jobs: Jobs) -> None:
    job_id = jobs.create("build", NAME, {})
    jobs.progress(job_id, "Backtesting", 0.5, 95.0)
    assert "Backtesting, 50 %, 1 min 35 s left" in predictive("jobs", "show", job_id).ok().out


def test_a_waiting_job_is_cancelled_at_once(predictive: CommandLine, jobs: Jobs) -> None:
    job_id = jobs.create("build", NAME, {})
    assert "Cancelled" in predictive("jobs", "cancel", job_id).ok().out
    assert predictive("jobs", "cancel", job_id).code == 2
    running = jobs.create("build", NAME, {})
    jobs.progress(running, "Backtesting")
    assert predictive("jobs", "cancel", running, "--json").ok().document["cancel_requested"]
    assert "jobs follow" in predictive("jobs", "cancel", running).ok().out


def test_a_job_is_followed_to_its_end(predictive: CommandLine, jobs: Jobs) -> None:
    job_id = jobs.create("build", NAME, {})
    jobs.progress(job_id, "Backtesting", 0.5)
    # Ended by another thread while it is watched, as a worker would from another process.
    timer = threading.Timer(1.0, jobs.finish, (job_id, {"train": {"auc": 0.7}}))
    timer.start()
    ran = predictive("jobs", "follow", job_id, "--json").ok()
    timer.join()
    assert ran.document["result"] == {"train": {"auc": 0.7}}
    assert "Backtesting" in ran.err


def test_following_a_job_that_failed_fails(predictive: CommandLine, jobs: Jobs) -> None:
    assert predictive("jobs", "follow", failed(jobs)).code == 1


def test_wrong_jobs(predictive: CommandLine, jobs: Jobs) -> None:
    for command in ("show", "cancel", "follow"):
        ran = predictive("jobs", command, "nope", "--json")
        assert (ran.code, ran.document["error"]["code"]) == (2, "not_found")
    ran = predictive("jobs", "list", "--kind", "trian", "--json")
    assert (ran.code, ran.document["error"]["field"]) == (2, "kind")
    assert "Did you mean 'train'?" in ran.document["error"]["hint"]
