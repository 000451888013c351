"""Queue and lock of builds in PostgreSQL, in a schema of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from predictive.definitions import Definition
from predictive.errors import Conflict
from predictive.jobs.lock import only_worker
from predictive.jobs.queue import SCHEMA, enqueue_build, queue_client
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
    build_id = enqueue_build(workspace, "churn-28d", None, 3)
    with queue_client(workspace) as client:
        waiting = client.list_workflows()
    assert [(build.workflow_id, build.status) for build in waiting] == [(build_id, "ENQUEUED")]
    engine = sqlalchemy.create_engine(workspace.jobs_url)
    assert "workflow_status" in sqlalchemy.inspect(engine).get_table_names(SCHEMA)
    assert "workflow_status" not in sqlalchemy.inspect(engine).get_table_names("public")
    engine.dispose()


def test_one_worker_a_database(workspace: Workspace) -> None:
    with only_worker(workspace) as holds:
        holds()
        with pytest.raises(Conflict), only_worker(workspace):
            pass
    with only_worker(workspace) as holds:
        holds()


@pytest.mark.slow
def test_a_worker_runs_it(workspace: Workspace, postgres_url: str, tmp_path: Path) -> None:
    build_id = enqueue_build(workspace, "churn-28d", None, 3)
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
