"""Making a backup while the workspace is in use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

from sqlalchemy import Connection, text

from predictive.backup import postgresql, sqlite
from predictive.backup.archive import ArchiveWriter, is_compressed
from predictive.backup.contents import (
    BackedUpFile,
    StoreContents,
    artifact_files,
    database_files,
    ended_mlflow_runs,
    lake_files,
    other_files,
    store_contents,
)
from predictive.backup.drafts import abandoned, draft_folder
from predictive.backup.header import FORMAT, Header
from predictive.code_version import code_version
from predictive.errors import Conflict, InvalidInput
from predictive.progress import NoProgress, Progress
from predictive.store.database import MLFLOW_SCHEMA, SCHEMA, Database
from predictive.store.moments import now as clock
from predictive.store.schema import REVISION
from predictive.store.upgrade import revision
from predictive.workspace import Workspace

_DRAFT_PREFIX = ".backup-"
#: A deletion of a customer takes files away while they are copied; then all is copied anew.
_ATTEMPTS = 5


@dataclass(frozen=True)
class _Databases:
    """The databases at their moments.

    Parameters
    ----------
    told
        What the header keeps of them.
    contents
        What the store speaks of.
    ended_mlflow_runs
        Ids of the MLflow runs that have ended; None where MLflow is elsewhere.
    files
        The copies.
    """

    told: dict[str, Any]
    contents: StoreContents
    ended_mlflow_runs: tuple[str, ...] | None
    files: tuple[BackedUpFile, ...]


def backup(
    workspace: Workspace,
    file: Path | str,
    progress: Progress | None = None,
    *,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Keep a whole workspace in one file, while others train, score and read.

    Parameters
    ----------
    workspace
        What to keep.
    file
        A file that does not exist yet, outside the workspace; its name ends with ``.tar``,
        ``.tar.gz`` or ``.tgz``. It appears whole or not at all.
    progress
        Told how far it is.
    now
        What the archive calls the moment it was made; by default the clock's.

    Returns
    -------
    dict
        ``file``, ``bytes``, ``created_at``, ``code_version``, ``database``, ``lake`` (its two
        versions), ``predictions``, ``models``, ``runs`` (whose scores are in it), ``files``,
        ``mlflow`` (``included``, ``elsewhere``) and ``missing``: files that belong to the
        workspace but were not there.

    Raises
    ------
    InvalidInput
        The file's name or place is not allowed.
    Conflict
        There is such a file, or something was deleted each time it was copied.
    """
    target = Path(file)
    compressed = is_compressed(target)
    _check_place(target, workspace)
    moment = now or clock()
    for folder in abandoned(target.parent, _DRAFT_PREFIX):
        rmtree(folder)
    before: list[str] = []
    for _ in range(_ATTEMPTS):
        with draft_folder(target.parent, _DRAFT_PREFIX) as draft:
            made = draft / "archive"
            report = _save(workspace, draft, made, compressed, moment, progress or NoProgress())
            # Files missing twice are missing for good; others went while they were copied.
            if report["missing"] == before or not report["missing"]:
                _put_in_place(made, target)
                return {"file": str(target)} | report
            before = report["missing"]
    raise Conflict(
        "Customers or predictions were deleted each time the workspace was copied. Try again later."
    )


def _check_place(target: Path, workspace: Workspace) -> None:
    if target.exists():
        raise Conflict(f"{str(target)!r} exists already. Choose another name.")
    if not target.absolute().parent.is_dir():
        raise InvalidInput("file", str(target), "a file in an existing folder")
    if target.resolve().is_relative_to(workspace.path.resolve()):
        raise InvalidInput("file", str(target), "a file outside the workspace")


def _save(
    workspace: Workspace,
    draft: Path,
    made: Path,
    compressed: bool,
    moment: datetime,
    progress: Progress,
) -> dict[str, Any]:
    """Write the archive; what is in it."""
    databases = _copy_databases(workspace, draft, progress)
    # Read before the lake: an end of the data that is told too early would be a lie.
    coverage = _content(workspace.path / "lake" / "coverage.json")
    lake, of_lake = lake_files(workspace)
    contents = databases.contents
    header = Header(
        format=FORMAT,
        created_at=moment,
        code_version=code_version(),
        lake=lake,
        predictions=contents.predictions,
        models=contents.models,
        runs=len(contents.archived_runs),
        **databases.told,
    )
    files = [
        *databases.files,
        *database_files(workspace, contents),
        *artifact_files(workspace, databases.ended_mlflow_runs),
        *of_lake,
        *other_files(workspace),
    ]
    progress.stage("Copying files", total=sum(map(_size, files)))
    with made.open("wb") as stream:
        writer = ArchiveWriter(stream, header, progress, compressed=compressed)
        if coverage is not None:
            writer.add_bytes("lake/coverage.json", coverage)
        missing = sorted(_copy_files(writer, files))
        count = writer.finish(missing)
        stream.flush()
        os.fsync(stream.fileno())
    return header.report() | {
        "bytes": made.stat().st_size,
        "files": count,
        "missing": missing,
    }


def _copy_databases(workspace: Workspace, draft: Path, progress: Progress) -> _Databases:
    url = workspace.settings.database_url
    if url is None:
        return _copy_sqlite(workspace, draft, progress)
    return _copy_postgresql(workspace, url, draft, progress)


def _store_revision(connection: Connection) -> str:
    """The revision of the store, which is not upgraded: what is saved is what there is."""
    found = revision(connection)
    if found is None or found > REVISION:
        raise InvalidInput(
            "store revision",
            found,
            f"{REVISION} or older",
            "Make the backup with the version of predictive that the workspace is used with.",
        )
    return found


def _copy_sqlite(workspace: Workspace, draft: Path, progress: Progress) -> _Databases:
    files = []
    for source in sqlite.databases(workspace.path):
        copy = draft / source.name
        sqlite.copy_database(source, copy, progress)
        files.append(BackedUpFile(source.name, copy))
    with _reading(draft / sqlite.STORE) as connection:
        store_revision = _store_revision(connection)
        contents = store_contents(connection)
    elsewhere = workspace.settings.mlflow_tracking_uri is not None
    ended: tuple[str, ...] | None = None if elsewhere else ()
    if not elsewhere and (draft / sqlite.MLFLOW).exists():
        with _reading(draft / sqlite.MLFLOW) as connection:
            ended = ended_mlflow_runs(connection)
    told = {"database": "sqlite", "revision": store_revision, "mlflow_elsewhere": elsewhere}
    return _Databases(told, contents, ended, tuple(files))


@contextmanager
def _reading(copy: Path) -> Iterator[Connection]:
    engine = sqlite.reading(copy)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _copy_postgresql(workspace: Workspace, url: str, draft: Path, progress: Progress) -> _Databases:
    elsewhere = workspace.settings.mlflow_tracking_uri is not None
    schemas: Sequence[str] = (SCHEMA,) if elsewhere else (SCHEMA, MLFLOW_SCHEMA)
    folder = draft / "postgresql"
    with closing(Database(url)) as database, database.read() as connection:
        store_revision = _store_revision(connection)
        contents = store_contents(connection)
        ended = None if elsewhere else ended_mlflow_runs(connection)
        rows = postgresql.dump(connection, schemas, folder, progress)
        mlflow_revision = None
        if not elsewhere and rows[MLFLOW_SCHEMA].tables:
            query = f"SELECT version_num FROM {MLFLOW_SCHEMA}.alembic_version"
            mlflow_revision = connection.execute(text(query)).scalar_one()
    files = tuple(
        BackedUpFile(f"postgresql/{schema}/{table}", folder / schema / table)
        for schema, kept in rows.items()
        for table in kept.tables
    )
    told = {
        "database": "postgresql",
        "revision": store_revision,
        "mlflow_elsewhere": elsewhere,
        "mlflow_revision": mlflow_revision,
        "rows": rows,
    }
    return _Databases(told, contents, ended, files)


def _copy_files(writer: ArchiveWriter, files: Sequence[BackedUpFile]) -> list[str]:
    """Add the files; the names of those that are needed and were not there."""
    missing = []
    for file in files:
        try:
            writer.add_file(file.name, file.path)
        except (FileNotFoundError, IsADirectoryError):
            if file.needed:
                missing.append(file.name)
    return missing


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _size(file: BackedUpFile) -> int:
    try:
        return file.path.stat().st_size
    except FileNotFoundError:
        return 0


def _put_in_place(made: Path, target: Path) -> None:
    made.chmod(0o600)
    made.replace(target)
    folder = os.open(target.absolute().parent, os.O_RDONLY)
    try:
        # The name, too, has to outlive a power cut.
        os.fsync(folder)
    finally:
        os.close(folder)
