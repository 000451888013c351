"""Queue and lock of builds in PostgreSQL, in a schema of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from predictive.definitions import Definition
from predictive.errors import Conflict
from predictive.jobs import lock
from predictive.jobs.lock import only_worker
from predictive.jobs.queue import SCHEMA, queue_client, reconcile, request_job
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.predictive.test_worker import WORKER

DEFINITION = Definition.from_text(
    "name: churn-28d\nkind: churn\ntarget: {within_days: 28, all: [{did_not: purchase}]}\n"
)


@pytest.fixture
def workspace(tmp_path: Path, postgres_url: str) -> Iterator[Workspace]:
    settings = Settings(database_url=postgres_url)
    with Workspace.create(tmp_path / "workspace", settings=settings) as made:
        made.store.predictions.create_or_update(DEFINITION)
        yield made


def test_a_build_waits_in_its_own_schema(workspace: Workspace) -> None:
    build_id = request_job(workspace, "build", "churn-28d", {"seed": 3}, by="test")
    with queue_client(workspace) as client:
        reconcile(workspace, client, datetime(2024, 3, 1, tzinfo=UTC))
        waiting = client.list_workflows()
    assert [(build.workflow_id, build.status) for build in waiting] == [(build_id, "ENQUEUED")]
    engine = sqlalchemy.create_engine(workspace.jobs_url)
    assert "workflow_status" in sqlalchemy.inspect(engine).get_table_names(SCHEMA)
    assert "workflow_status" not in sqlalchemy.inspect(engine).get_table_names("public")
    engine.dispose()


def test_one_worker_a_database(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(lock.time, "sleep", waited.append)
    with only_worker(workspace) as holds:
        holds()
        with pytest.raises(Conflict), only_worker(workspace):
            pass
    with only_worker(workspace) as holds:
        holds()
    # A worker whose connection was lost ends before the next one begins.
    assert waited == [pytest.approx(5.0)] * 2


@pytest.mark.slow
def test_a_worker_runs_it(workspace: Workspace, postgres_url: str, tmp_path: Path) -> None:
    build_id = request_job(workspace, "build", "churn-28d", {"seed": 3}, by="test")
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    command = [sys.executable, script, tmp_path / "log", "--workspace", workspace.path]
    environment = os.environ | {"PREDICTIVE_DATABASE_URL": postgres_url}
    with subprocess.Popen([str(part) for part in command], env=environment) as worker:
        deadline = time.monotonic() + 60
        while workspace.store.jobs.get(build_id).state != "succeeded":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        worker.terminate()


@pytest.mark.slow
def test_a_worker_whose_lock_was_lost_ends(
    workspace: Workspace, postgres_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "predictive.worker", "--workspace", workspace.path]
    environment = os.environ | {"PREDICTIVE_DATABASE_URL": postgres_url}
    holder = sqlalchemy.text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND objsubid = 1 AND d.datname = current_database()"
    )
    with workspace.store.database.write() as connection:
        assert connection.execute(holder).all() == []
    with subprocess.Popen([str(part) for part in command], env=environment) as worker:
        deadline = time.monotonic() + 60
        ended: list[Any] = []
        while not ended:
            assert time.monotonic() < deadline
            time.sleep(0.2)
            with workspace.store.database.write() as connection:
                ended = list(connection.execute(holder).all())
        assert worker.wait(timeout=60) == 1
