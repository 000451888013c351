"""Backups of a workspace on PostgreSQL, restored into other databases."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from predictive.backup import backup, postgresql, restore, restoring
from predictive.backup.postgresql import used
from predictive.errors import Conflict, InvalidInput
from predictive.settings import Settings
from predictive.store.database import Database
from predictive.workspace import Workspace
from tests.postgresql import new_database
from tests.predictive.backup.conftest import DEFINITION, NAME

HISTOGRAM = b"\x00\\x01\xff"
#: What COPY has to write with care.
ODD_IDS = ["tab\tand\nline", "\\N", "back\\slash", "🙂", "quote'\"", "\\."]


@pytest.fixture
def original(tmp_path: Path, postgres_url: str) -> Iterator[Workspace]:
    """A workspace with a published run, without the cost of training."""
    settings = Settings(database_url=postgres_url)
    with Workspace.create(tmp_path / "workspace", settings=settings) as made:
        store = made.store
        store.predictions.create_or_update(DEFINITION)
        store.predictions.set_state(NAME, "active")
        _publish(made)
        yield made


def _publish(workspace: Workspace) -> None:
    import numpy as np
    import pyarrow as pa

    from predictive.store.moments import now
    from tests.predictive.store.samples import add_model

    version = add_model(workspace.store, NAME)
    run = workspace.store.runs.begin(NAME, version, now())
    ids = pa.array(sorted(ODD_IDS))
    values = np.linspace(0.1, 0.9, len(ODD_IDS))
    workspace.store.scores.write_batch(run, ids, values, 100 * values)
    batch = pa.RecordBatch.from_arrays([ids, pa.array(values)], names=["user_id", "score"])
    workspace.lake.archive_scores(run, [batch])
    workspace.store.runs.finish(run, histogram=HISTOGRAM, users=len(ODD_IDS))
    workspace.store.runs.publish(run)


@pytest.fixture
def empty(postgres: Path) -> Iterator[Settings]:
    """Settings with another, empty database."""
    with new_database(postgres) as url:
        yield Settings(database_url=url)


def rows(settings: Settings) -> dict[str, list[str]]:
    """Every row of the store, as text."""
    with closing(Database(str(settings.database_url))) as database, database.read() as connection:
        return {
            table: sorted(
                connection.execute(text(f'SELECT t::text FROM predictive."{table}" t')).scalars()
            )
            for table in postgresql.table_names(connection, "predictive")
        }


def test_every_row_comes_back(original: Workspace, tmp_path: Path, empty: Settings) -> None:
    said = backup(original, tmp_path / "kept.tar")
    assert said["database"] == "postgresql"
    restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
    assert rows(empty) == rows(original.settings)
    with Workspace.open(tmp_path / "copy", empty) as copy:
        run = copy.store.runs.current(NAME)
        assert run is not None
        assert copy.store.runs.histogram(run.run_id) == HISTOGRAM
        assert {one.user_id for one in copy.store.scores.page(NAME).scores} == set(ODD_IDS)
        # Numbers go on where they were: none is given out twice.
        _publish(copy)
        assert len({each.run_id for each in copy.store.runs.list(NAME)}) == 2


def test_a_used_database_is_left_alone(original: Workspace, tmp_path: Path) -> None:
    backup(original, tmp_path / "kept.tar")
    before = rows(original.settings)
    with pytest.raises(Conflict, match="it has tables in the schema 'predictive'"):
        restore(tmp_path / "kept.tar", tmp_path / "copy", original.settings)
    assert rows(original.settings) == before
    assert not (tmp_path / "copy").exists()


def test_the_database_has_to_be_named(original: Workspace, tmp_path: Path) -> None:
    backup(original, tmp_path / "kept.tar")
    with pytest.raises(InvalidInput, match="Set it to an empty database"):
        restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    assert not (tmp_path / "copy").exists()


def test_what_fails_leaves_the_database_empty(
    original: Workspace, tmp_path: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(original, tmp_path / "kept.tar")

    def fails(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(postgresql, "_copy_in", fails)
        with pytest.raises(OSError, match="no space"):
            restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
    assert not (tmp_path / "copy").exists()
    with closing(Database(str(empty.database_url))) as database, database.read() as connection:
        assert used(connection) is None
    restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
    assert rows(empty) == rows(original.settings)


KILLED = """
import sys
from predictive.backup import postgresql, restore

def hang(*_):
    print("there", flush=True)
    sys.stdin.read()

postgresql._copy_in = hang
restore(*sys.argv[1:])
"""


def test_a_restore_killed_while_it_fills_the_database_can_be_repeated(
    original: Workspace, tmp_path: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(original, tmp_path / "kept.tar")
    monkeypatch.setenv("PREDICTIVE_DATABASE_URL", str(empty.database_url))
    command = [sys.executable, "-c", KILLED, tmp_path / "kept.tar", tmp_path / "copy"]
    with subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"there\n"
        running.send_signal(signal.SIGKILL)
    assert not (tmp_path / "copy" / "workspace.toml").exists()
    restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
    assert rows(empty) == rows(original.settings)


def test_other_tables_of_mlflow_are_named(
    original: Workspace, tmp_path: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models import tracking

    tracking.make_tables(original.mlflow_tracking_uri)
    backup(original, tmp_path / "kept.tar")
    with monkeypatch.context() as patched:
        patched.setattr(tracking, "tables_revision", lambda: "other")
        with pytest.raises(InvalidInput, match="revision other, which the installed MLflow has"):
            restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
    restore(tmp_path / "kept.tar", tmp_path / "copy", empty)


def test_an_archive_without_the_store_is_refused(
    original: Workspace, tmp_path: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(original, tmp_path / "kept.tar")
    check = restoring._check_database

    def without(archive: Path, url: str, header: object) -> None:
        check(archive, url, header.model_copy(update={"rows": {}}))  # type: ignore[attr-defined]

    monkeypatch.setattr(restoring, "_check_database", without)
    with pytest.raises(InvalidInput, match="it holds no store"):
        restore(tmp_path / "kept.tar", tmp_path / "copy", empty)
