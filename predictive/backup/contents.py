"""Which files make a workspace whole, given what its databases say at one moment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import Connection, func, select, text

from predictive.backup.header import LakeVersions
from predictive.backup.postgresql import table_names
from predictive.store.database import MLFLOW_SCHEMA
from predictive.store.tables import models, predictions, runs
from predictive.workspace import CONFIG_NAME, Workspace

#: Run states in which the archive of the scores is whole.
_ARCHIVED = ("finished", "published", "superseded")
#: Entries of a workspace that are not found by looking: databases tell what is in them.
_LED_BY_DATABASES = frozenset({"lake", "models", "mlartifacts"})
_DATABASE = re.compile(r".*\.db(-wal|-shm|-journal)?")
_LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint(\.\d+\.\d+)?\.parquet)")


@dataclass(frozen=True)
class StoreContents:
    """What the store speaks of.

    Parameters
    ----------
    predictions, models
        How many there are.
    model_folders
        Folders of the models, relative to the workspace.
    archived_runs
        Ids of the runs whose scores are archived.
    """

    predictions: int
    models: int
    model_folders: tuple[str, ...]
    archived_runs: tuple[str, ...]


@dataclass(frozen=True)
class BackedUpFile:
    """One file and its name in the archive.

    Parameters
    ----------
    name
        With slashes, relative to the workspace.
    path
        Where it stands.
    needed
        Whether the workspace is broken without it.
    """

    name: str
    path: Path
    needed: bool = True


def store_contents(connection: Connection) -> StoreContents:
    """What the store says at the moment that the connection sees."""
    archived = select(runs.c.run_id).where(runs.c.state.in_(_ARCHIVED)).order_by(runs.c.run_number)
    folders = connection.execute(select(models.c.folder)).scalars().all()
    return StoreContents(
        predictions=connection.execute(select(func.count()).select_from(predictions)).scalar_one(),
        models=len(folders),
        model_folders=tuple(sorted(set(folders))),
        archived_runs=tuple(connection.execute(archived).scalars()),
    )


def ended_mlflow_runs(connection: Connection) -> tuple[str, ...]:
    """Ids of the MLflow runs that have ended; the files of others are unfinished."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql and "runs" not in table_names(connection, MLFLOW_SCHEMA):
        return ()
    table = f"{MLFLOW_SCHEMA}.runs" if postgresql else "runs"
    query = f"SELECT run_uuid FROM {table} WHERE status NOT IN ('RUNNING', 'SCHEDULED')"
    return tuple(connection.execute(text(query)).scalars())


def database_files(workspace: Workspace, contents: StoreContents) -> Iterator[BackedUpFile]:
    """Model folders and score archives: whole since before the store spoke of them."""
    for folder in contents.model_folders:
        files = list(_below(workspace.path / folder))
        yield from _named(workspace, files or [workspace.path / folder])
    for run_id in contents.archived_runs:
        yield from _named(workspace, [workspace.lake.scores.path(run_id)])


def artifact_files(workspace: Workspace, ended: Iterable[str] | None) -> Iterator[BackedUpFile]:
    """MLflow's files of the runs that have ended; all there are where MLflow is elsewhere."""
    files = _below(workspace.mlflow_artifacts_path)
    if ended is not None:
        known = frozenset(ended)
        # <prediction>/<run>/artifacts/…
        files = (file for file in files if not known.isdisjoint(file.parts))
    yield from _named(workspace, files)


def lake_files(workspace: Workspace) -> tuple[LakeVersions, list[BackedUpFile]]:
    """Both tables of the lake as they stand now: their versions, and log and data files.

    Files that a compaction replaced are among them while they are there, so that versions of
    the lake that could be read still can.
    """
    snapshot = workspace.lake.snapshot()
    tables = (
        (workspace.lake.events.path, snapshot.events_version, snapshot.event_files),
        (workspace.lake.attributes.path, snapshot.attributes_version, snapshot.attribute_files),
    )
    files: list[BackedUpFile] = []
    for folder, version, live in tables:
        log = _log_files(folder / "_delta_log", version)
        needed = {file for of_bucket in live.values() for file in of_bucket}
        dead = {path for path in _added(folder, log) if path.exists()} - needed
        files += _named(workspace, sorted(needed))
        files += _named(workspace, sorted(dead), needed=False)
        files += _named(workspace, log)
    versions = LakeVersions(
        events_version=snapshot.events_version, attributes_version=snapshot.attributes_version
    )
    return versions, files


def other_files(workspace: Workspace) -> Iterator[BackedUpFile]:
    """Whatever else stands in the folder: settings, rejected rows, recipes, files of others."""
    for entry in sorted(workspace.path.iterdir()):
        if entry.name in _LED_BY_DATABASES or _DATABASE.fullmatch(entry.name):
            continue
        files = _below(entry) if entry.is_dir() else [entry]
        kept = [file for file in files if file.suffix != ".lock" and not _is_hidden(file, entry)]
        yield from _named(workspace, kept, needed=entry.name == CONFIG_NAME)


def _named(
    workspace: Workspace, files: Iterable[Path], *, needed: bool = True
) -> Iterator[BackedUpFile]:
    for file in files:
        yield BackedUpFile(file.relative_to(workspace.path).as_posix(), file, needed)


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _is_hidden(file: Path, entry: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(entry.parent).parts)


def _log_files(log: Path, version: int) -> list[Path]:
    """The part of a Delta log that leads to a version."""
    found = []
    for file in sorted(log.iterdir()):
        match = _LOG_FILE.fullmatch(file.name)
        if match and int(match[1]) <= version:
            found.append(file)
    pointer = log / "_last_checkpoint"
    if pointer.exists() and json.loads(pointer.read_bytes())["version"] <= version:
        found.append(pointer)
    return found


def _added(folder: Path, log: Iterable[Path]) -> Iterator[Path]:
    """Data files that the commits of a log ever added."""
    for commit in log:
        if commit.suffix != ".json":
            continue
        # A commit that is cleared away meanwhile is missed when it is to be copied.
        with suppress(FileNotFoundError):
            for line in commit.read_text(encoding="utf-8").splitlines():
                path = json.loads(line).get("add", {}).get("path")
                if path is not None:
                    yield folder / unquote(path)
