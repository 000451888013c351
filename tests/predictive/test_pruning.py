"""What was over long ago goes; what waits or runs is never touched. On both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy
from dbos import DBOSClient

from predictive.errors import NotFound
from predictive.jobs.pruning import prune
from predictive.jobs.queue import SCHEMA, queue_client, reconcile, request_job
from predictive.settings import Settings
from predictive.store.tables import jobs
from predictive.workspace import Workspace
from tests.predictive.test_worker import DEFINITION, WORKER

DAY = timedelta(days=1)
#: Where the queue keeps what belongs to one workflow.
QUEUE_TABLES = ("workflow_status", "operation_outputs", "workflow_input", "workflow_output")


class Queue:
    """A workspace whose worker's jobs only take a while."""

    def __init__(self, workspace: Workspace, folder: Path, environment: dict[str, str]) -> None:
        self.workspace, self._environment = workspace, environment
        self._script, self._log = folder / "worker.py", folder / "log"
        self._script.write_text(WORKER)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker, killed at the end."""
        command = [sys.executable, self._script, self._log, "--workspace", self.workspace.path]
        with subprocess.Popen(
            [str(part) for part in command], env=os.environ | self._environment
        ) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGKILL)

    def state(self, job_id: str) -> str | None:
        """Of a job; None when it is forgotten."""
        try:
            return self.workspace.store.jobs.get(job_id).state
        except NotFound:
            return None

    def age(self, days: int) -> None:
        """As if all that is over had been so long ago."""
        past = datetime.now(UTC) - days * DAY
        with self.workspace.store.database.write() as connection:
            finished = sqlalchemy.update(jobs).where(jobs.c.finished_at.is_not(None))
            connection.execute(finished.values(finished_at=past))
        self._ask(
            "UPDATE {}workflow_status SET completed_at = :past WHERE completed_at IS NOT NULL",
            past=int(past.timestamp() * 1000),
        )

    def rows(self) -> dict[str, int]:
        """How many rows the queue keeps of workflows."""
        return {
            table: int(self._ask(f"SELECT count(*) FROM {{}}{table}").scalar_one())
            for table in QUEUE_TABLES
        }

    def _ask(self, statement: str, **values: int) -> sqlalchemy.CursorResult[tuple[int]]:
        engine = sqlalchemy.create_engine(self.workspace.jobs_url)
        schema = "" if engine.dialect.name == "sqlite" else f"{SCHEMA}."
        with engine.begin() as connection:
            found = connection.execute(sqlalchemy.text(statement.format(schema)), values)
            result = found.freeze() if found.returns_rows else None
        engine.dispose()
        return result() if result else found


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queue]:
    environment: dict[str, str] = {}
    if request.param == "postgresql":
        environment["PREDICTIVE_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    settings = Settings(database_url=environment.get("PREDICTIVE_DATABASE_URL"))
    with Workspace.create(tmp_path / "workspace", settings=settings) as workspace:
        workspace.store.predictions.create_or_update(DEFINITION)
        yield Queue(workspace, tmp_path, environment)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def statuses(client: DBOSClient) -> dict[str, str]:
    return {one.workflow_id: one.status for one in client.list_workflows()}


@pytest.mark.slow
def test_a_worker_forgets_what_was_over_long_ago_and_nothing_that_is_to_be_done(
    queue: Queue,
) -> None:
    workspace = queue.workspace
    cancelled = request_job(workspace, "score", DEFINITION.name, by="test")
    workspace.store.jobs.request_cancel(cancelled)
    done = request_job(workspace, "check", None, by="test")
    with queue.worker():
        until(lambda: queue.state(done) == "succeeded")
        running = request_job(workspace, "score", DEFINITION.name, by="test")
        until(lambda: queue.state(running) == "running")
    waiting = request_job(workspace, "score", DEFINITION.name, by="test")
    with queue_client(workspace) as client:
        reconcile(workspace, client, datetime.now(UTC))
        nothing = {"workflows": 0, "jobs": 0, "checks": 0, "rejects": 0}
        assert prune(workspace, client, datetime.now(UTC) + 89 * DAY) == nothing
    old = workspace.rejects_path / "old.jsonl"
    old.write_text("{}\n")
    os.utime(old, (time.time(), time.time() - 91 * 86_400))
    queue.age(91)

    with queue.worker():
        until(lambda: queue.state(done) is None and queue.state(cancelled) is None)
        until(lambda: queue.state(running) == queue.state(waiting) == "succeeded")
        until(lambda: not old.exists())
        # The queue writes down that a workflow is over a moment after the job has said so.
        with queue_client(workspace) as client:
            until(lambda: statuses(client) == {running: "SUCCESS", waiting: "SUCCESS"})
    with queue_client(workspace) as client:
        gone = prune(workspace, client, datetime.now(UTC) + 91 * DAY)
        assert (gone["workflows"], gone["jobs"]) == (2, 2)
    assert queue.rows() == dict.fromkeys(QUEUE_TABLES, 0)


def test_what_is_to_be_done_again_keeps_its_place_in_the_queue(queue: Queue) -> None:
    """After restoring a backup the queue may think that a job is over which is not."""
    workspace = queue.workspace
    waiting = request_job(workspace, "score", DEFINITION.name, by="test")
    given_up = request_job(workspace, "score", DEFINITION.name, by="test")
    with queue_client(workspace) as client:
        reconcile(workspace, client, datetime.now(UTC))
        client.cancel_workflow(given_up)
        later = datetime.now(UTC) + 91 * DAY
        assert prune(workspace, client, later)["workflows"] == 0
        reconcile(workspace, client, datetime.now(UTC))
        assert queue.state(given_up) == "failed"
        assert prune(workspace, client, later)["workflows"] == 1
        assert [one.workflow_id for one in client.list_workflows()] == [waiting]


def test_they_can_be_kept_for_ever(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "workspace", job_days=0)
    with Workspace.create(settings=settings) as workspace, queue_client(workspace) as client:
        job_id = workspace.store.jobs.create("check", None, {})
        workspace.store.jobs.finish(job_id, {})
        prune(workspace, client, datetime.now(UTC) + 9999 * DAY)
        assert workspace.store.jobs.get(job_id).state == "succeeded"
