"""Making a workspace from a backup."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

from predictive.backup import sqlite
from predictive.backup.archive import HEADER, MANIFEST
from predictive.backup.drafts import abandoned, draft_folder
from predictive.backup.header import Header
from predictive.backup.locations import relocate
from predictive.backup.unpacking import NEWER, damaged, unpack
from predictive.configuration import read_config
from predictive.errors import Conflict, InvalidInput
from predictive.progress import NoProgress, Progress
from predictive.settings import Settings, load_settings
from predictive.store.schema import REVISION
from predictive.workspace import CONFIG_NAME, workspace_folder

_DRAFT_PREFIX = ".restore-"
#: Folders that every workspace has; an empty one is in no archive.
_FOLDERS = ("models", "rejects", "lake/scores", "lake/staging")
#: What an archive holds beside the workspace's own entries.
_ABOUT = frozenset({HEADER, MANIFEST, "postgresql"})


def restore(
    file: Path | str,
    path: Path | str | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a workspace from a backup, in an empty folder and, if it needs one, database.

    All of the file is checked before anything is made of it. A restore that fails or is killed
    leaves no workspace and can be repeated.

    Parameters
    ----------
    file
        What `predictive.backup.backup` made.
    path
        A new or an empty folder; by default the one that the settings name.
    settings
        What the environment says; its database is filled when the backup is of one.
    progress
        Told how far it is.

    Returns
    -------
    dict
        ``workspace``, and what the backup's own report says of its content.

    Raises
    ------
    InvalidInput
        The file is no whole backup, was made by a newer version or for another kind of
        database, or the folder can't be used.
    Conflict
        The folder or the database holds something.
    """
    settings = settings or load_settings()
    archive, folder = Path(file), workspace_folder(path, settings)
    listener = progress or NoProgress()
    if not archive.is_file():
        raise InvalidInput("file", str(archive), "a file made by `predictive backup`")
    made_here = _prepare(folder)
    try:
        with draft_folder(folder, _DRAFT_PREFIX) as draft:
            report = _restore(archive, folder, draft, settings, listener)
    except BaseException:
        if made_here:
            folder.rmdir()
        raise
    return {"workspace": str(folder)} | report


def _restore(
    archive: Path, folder: Path, draft: Path, settings: Settings, progress: Progress
) -> dict[str, Any]:
    content = draft / "content"
    content.mkdir()
    header, missing = _unpack(archive, content, settings, progress)
    for name in _FOLDERS:
        (content / name).mkdir(parents=True, exist_ok=True)
    artifacts = (folder.resolve() / "mlartifacts").as_uri()
    if settings.database_url is None:
        _relocate(content / sqlite.MLFLOW, artifacts)
    with _moved(draft, content, folder):
        if settings.database_url is not None:
            try:
                _fill(settings.database_url, content, header, artifacts, progress)
            except ValueError as error:
                raise damaged(archive, str(error)) from error
        os.sync()
        # Last: a folder with this file is a whole workspace.
        (content / CONFIG_NAME).replace(folder / CONFIG_NAME)
    return header.report() | {"missing": missing}


def _prepare(folder: Path) -> bool:
    """Have an empty folder; whether it was made for this."""
    if (folder / CONFIG_NAME).exists():
        raise Conflict(f"{str(folder)!r} is a workspace already. Choose another folder.")
    made_here = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            "workspace", str(folder), f"a folder that can be written ({error.strerror})"
        ) from None
    for draft in abandoned(folder, _DRAFT_PREFIX):
        _clear(draft, folder)
    if any(folder.iterdir()):
        raise Conflict(f"{str(folder)!r} is not empty. Choose a new or an empty folder.")
    return made_here


def _clear(draft: Path, folder: Path) -> None:
    """Remove what a killed restore left: its draft and what it had moved out of it."""
    names = draft / "moving.json"
    for name in json.loads(names.read_bytes()) if names.exists() else ():
        entry = folder / name
        if entry.is_dir():
            rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    rmtree(draft)


def _unpack(
    archive: Path, content: Path, settings: Settings, progress: Progress
) -> tuple[Header, list[str]]:
    """Unpack and check everything that can be checked before anything is made."""

    def check(header: Header) -> None:
        _check_header(archive, header, settings)
        if settings.database_url is not None:
            _check_database(archive, settings.database_url, header)

    progress.stage("Unpacking", total=archive.stat().st_size)
    header, missing = unpack(archive, content, check, progress)
    try:
        config = (content / CONFIG_NAME).read_text(encoding="utf-8")
        read_config(tomllib.loads(config))
    except (OSError, ValueError) as error:
        raise damaged(archive, f"its {CONFIG_NAME} can't be read ({error})") from error
    return header, missing


def _check_header(archive: Path, header: Header, settings: Settings) -> None:
    if header.revision > REVISION:
        allowed = f"a backup of store revision {REVISION} or older"
        raise InvalidInput("file", str(archive), allowed, NEWER)
    wanted = "sqlite" if settings.database_url is None else "postgresql"
    if header.database != wanted:
        hint = "Set it to an empty database" if wanted == "sqlite" else "Unset it"
        raise InvalidInput(
            "file",
            str(archive),
            f"a backup of a workspace on {wanted}, which PREDICTIVE_DATABASE_URL asks for",
            f"This one is of {header.database}. {hint} to restore it.",
        )


def _check_database(archive: Path, url: str, header: Header) -> None:
    from predictive.backup.postgresql import used  # noqa: PLC0415  (the driver)
    from predictive.store.database import SCHEMA, Database  # noqa: PLC0415

    if SCHEMA not in header.rows:
        raise damaged(archive, "it holds no store")
    _check_mlflow(header.mlflow_revision)
    with closing(Database(url)) as database, database.read() as connection:
        found = used(connection)
    if found is not None:
        raise Conflict(f"The database is not empty: it has {found}. Restore into a new database.")


def _check_mlflow(saved: str | None) -> None:
    from models.tracking import tables_revision  # noqa: PLC0415  (MLflow)

    if saved is not None and saved != tables_revision():
        raise InvalidInput(
            "MLflow's tables",
            saved,
            f"revision {tables_revision()}, which the installed MLflow has",
            "Restore with the version of predictive that made the backup, then upgrade.",
        )


def _relocate(database: Path, artifacts: str) -> None:
    if not database.exists():
        return
    engine = sqlite.writing(database)
    try:
        with engine.begin() as connection:
            relocate(connection, artifacts)
    finally:
        engine.dispose()


def _fill(url: str, content: Path, header: Header, artifacts: str, progress: Progress) -> None:
    """Make the tables and their rows, all in one transaction."""
    from models.tracking import make_tables  # noqa: PLC0415  (MLflow)
    from predictive.backup.postgresql import load  # noqa: PLC0415  (the driver)
    from predictive.store.database import MLFLOW_SCHEMA, SCHEMA, Database, mlflow_url  # noqa: PLC0415
    from predictive.store.upgrade import make_schemas, migrate  # noqa: PLC0415

    rows, folder = header.rows, content / "postgresql"
    has_mlflow = header.mlflow_revision is not None
    with closing(Database(url)) as database:
        with database.write() as connection:
            make_schemas(connection)
        # MLflow makes its tables by itself, and empty ones stand in nobody's way.
        if has_mlflow:
            make_tables(mlflow_url(url))
        progress.stage(
            "Filling the database", total=sum(len(kept.tables) for kept in rows.values())
        )
        with database.write() as connection:
            migrate(connection, header.revision)
            load(connection, SCHEMA, rows[SCHEMA], folder, progress)
            if has_mlflow:
                load(connection, MLFLOW_SCHEMA, rows[MLFLOW_SCHEMA], folder, progress)
                relocate(connection, artifacts, MLFLOW_SCHEMA)
    rmtree(folder)


@contextmanager
def _moved(draft: Path, content: Path, folder: Path) -> Iterator[None]:
    """The content in its place, all but the settings; taken back when the block fails."""
    names = sorted(
        entry.name
        for entry in content.iterdir()
        if entry.name not in _ABOUT and entry.name != CONFIG_NAME
    )
    # For whoever comes after this process was killed.
    (draft / "moving.json").write_text(json.dumps(names))
    moved = []
    try:
        for name in names:
            (content / name).replace(folder / name)
            moved.append(name)
        yield
    except BaseException:
        for name in moved:
            (folder / name).replace(content / name)
        raise
