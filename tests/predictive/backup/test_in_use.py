"""Backups made while real processes train, score, publish and import; on both databases.

Every copy is restored and read whole, and the jobs that it caught half-way are finished by a
worker of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from predictive.backup import backup, restore
from predictive.errors import Conflict
from predictive.imports import import_events
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.postgresql import new_database
from tests.predictive.backup.conftest import COLUMNS, DEFINITION, NAME
from tests.predictive.backup.whole import assert_whole
from tests.shop import make_shop

pytestmark = pytest.mark.slow

#: Imports small pieces for ever, merging the lake's files now and then.
IMPORTER = """
import sys, time
from datetime import UTC, datetime
import pyarrow as pa
from predictive.workspace import Workspace

lake = Workspace.open(sys.argv[1]).lake
end = lake.data_end()
for number in range(10_000):
    users = [f"new{number}-{n}" for n in range(50)]
    lake.append_events(pa.table({
        "event_id": [f"e{user}" for user in users], "user_id": users, "name": ["visit"] * 50,
        "time": pa.array([end] * 50, pa.timestamp("us", "UTC")),
    }))
    if number % 5 == 4:
        lake.compact()
    print(number, flush=True)
    time.sleep(0.5)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def new_settings(request: pytest.FixtureRequest) -> Iterator[Callable[[], Settings]]:
    """Settings for one more workspace, with a database of its own."""
    if request.param == "sqlite":
        yield Settings
        return
    socket = request.getfixturevalue("postgres")
    with ExitStack() as stack:
        yield lambda: Settings(database_url=stack.enter_context(new_database(socket)))


@contextmanager
def process(workspace: Workspace, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process over a workspace; killed at the end."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREDICTIVE_")}
    if workspace.settings.database_url is not None:
        environment["PREDICTIVE_DATABASE_URL"] = workspace.settings.database_url
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


def worker(workspace: Workspace) -> tuple[str, ...]:
    return ("-m", "predictive.worker", "--workspace", str(workspace.path))


def states(workspace: Workspace) -> list[str]:
    """Of the builds; the worker also does what is due of itself."""
    return [job.state for job in workspace.store.jobs.list(kind="build")]


def stages(workspace: Workspace) -> list[str | None]:
    return [job.stage for job in workspace.store.jobs.list(kind="build")]


@pytest.mark.timeout(1800)
def test_every_copy_made_in_use_is_whole(
    tmp_path: Path, new_settings: Callable[[], Settings]
) -> None:
    events, _ = make_shop(customers=250, days=60).write(tmp_path / "files")
    with Workspace.create(tmp_path / "workspace", settings=new_settings()) as original:
        import_events(original, [events], COLUMNS)
        original.store.predictions.create_or_update(DEFINITION)
        for seed in range(2):
            original.store.jobs.create("build", NAME, {"as_of": None, "seed": seed})
        copies = []
        with (
            process(original, *worker(original)) as working,
            process(original, "-c", IMPORTER, str(original.path)) as importing,
        ):
            assert importing.stdout is not None
            importing.stdout.readline()
            before = None
            while {"queued", "running"} & set(states(original)):
                assert working.poll() is None
                if stages(original) == before:
                    time.sleep(0.05)
                    continue
                before = stages(original)
                copies.append(tmp_path / f"kept-{len(copies)}.tar")
                assert backup(original, copies[-1])["missing"] == []
            assert importing.poll() is None
        assert states(original) == ["succeeded"] * 2

        seen = []
        half_way = None
        # Some of them, the first and the last among them: each costs seconds.
        chosen = [*copies[: -1 : max(1, len(copies) // 5)], copies[-1]]
        for number, archive in enumerate(chosen):
            settings = new_settings()
            restore(archive, tmp_path / f"copy-{number}", settings)
            with Workspace.open(tmp_path / f"copy-{number}", settings) as copy:
                seen.append(assert_whole(copy))
                if {"queued", "running"} <= set(states(copy)):
                    half_way = copy
            taken = copy.path if settings.database_url is None else tmp_path / "same-database"
            with pytest.raises(Conflict):
                restore(archive, taken, settings)
            assert not (tmp_path / "same-database").exists()
    assert len(copies) >= 3
    # They differ: they were made while things changed.
    assert seen[-1]["models"] > seen[0]["models"]
    assert seen[-1]["events"] > seen[0]["events"]
    assert half_way is not None
    with half_way, process(half_way, *worker(half_way)):
        deadline = time.monotonic() + 240
        while {"queued", "running"} & set(states(half_way)):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert states(half_way) == ["succeeded"] * 2
        assert assert_whole(half_way)["runs"] >= 2
        # A build that the copy caught half-way left one model, not two.
        made_by = [version.job_id for version in half_way.store.models.list(NAME)]
        assert len(made_by) == len(set(made_by))
        assert {job.id for job in half_way.store.jobs.list(kind="build")} <= set(made_by)
