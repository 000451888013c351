"""Queue and lock of builds in PostgreSQL, in a schema of their own."""

from __future__ import annotations

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
from tests.predictive.store.conftest import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

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
