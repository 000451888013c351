"""The workspace: one folder with everything that one suite knows.

::

    workspace.toml   format version, time zone, source tables
    lake/            events, attributes, score archives
    models/          model files
    rejects/         rows that an import refused
    meta.db          predictions, runs, scores, keys   (or a schema of PostgreSQL)
    jobs.db          durable jobs                      (or a schema of PostgreSQL)
    mlflow.db        tracking and registry             (or a schema of PostgreSQL)
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from predictive.configuration import (
    DEFAULT_BUCKETS,
    FORMAT_VERSION,
    WorkspaceConfig,
    read_config,
    write_config,
)
from predictive.errors import Conflict, InvalidInput
from predictive.settings import Settings, load_settings

if TYPE_CHECKING:
    from predictive.lake import Lake
    from predictive.store import Store

CONFIG_NAME = "workspace.toml"
#: What DuckDB may hold of the lake before it spills: two buckets of a hundred million events.
LAKE_MEMORY_MIB = 3072
_FOLDERS = ("models", "rejects")
_DRAFT_PREFIX = ".workspace-"


class Workspace:
    """An opened workspace; its lake and store are opened when first asked for.

    Use `create` or `open`. As a context manager it closes its store at the end.

    Parameters
    ----------
    path
        The folder.
    config
        What its ``workspace.toml`` says.
    settings
        What the environment says.
    """

    def __init__(self, path: Path, config: WorkspaceConfig, settings: Settings) -> None:
        self.path, self.config, self.settings = path, config, settings

    @classmethod
    def create(
        cls,
        path: Path | str | None = None,
        timezone: str = "UTC",
        settings: Settings | None = None,
        *,
        buckets: int = DEFAULT_BUCKETS,
    ) -> Workspace:
        """Make a workspace in an empty or a new folder.

        Raises
        ------
        Conflict
            The folder is a workspace already.
        InvalidInput
            The folder holds other files, or the time zone is unknown.
        """
        settings = settings or load_settings()
        folder = workspace_folder(path, settings)
        config = read_config(
            {"format_version": FORMAT_VERSION, "timezone": timezone, "buckets": buckets}
        )
        _refuse_used(folder)
        try:
            for name in _FOLDERS:
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(
                "workspace", str(folder), f"a folder that can be written ({error.strerror})"
            ) from None
        workspace = cls(folder, config, settings)
        try:
            workspace.lake.create()
            workspace.store.check()
        finally:
            workspace.close()
        # Written last: a folder with this file is a whole workspace.
        _write_whole(folder / CONFIG_NAME, write_config(config))
        return workspace

    @classmethod
    def open(cls, path: Path | str | None = None, settings: Settings | None = None) -> Workspace:
        """Open the workspace at ``path``, else the one that the settings name.

        Raises
        ------
        InvalidInput
            No folder is named, it is missing or no workspace, its ``workspace.toml`` is
            wrong, or it was written by a newer version.
        """
        settings = settings or load_settings()
        folder = workspace_folder(path, settings)
        if not folder.is_dir():
            raise InvalidInput(
                "workspace",
                str(folder),
                "an existing folder made by `predictive init`",
                "There is no such folder.",
            )
        return cls(folder, _read(folder / CONFIG_NAME), settings)

    @cached_property
    def lake(self) -> Lake:
        """The event lake."""
        from predictive.lake import Lake  # noqa: PLC0415  (pyarrow, deltalake and duckdb)

        return Lake(self.path / "lake", self.config.buckets, memory_mib=LAKE_MEMORY_MIB)

    @cached_property
    def store(self) -> Store:
        """The store of predictions, runs, scores and keys; upgraded when it is older.

        Raises
        ------
        InvalidInput
            The store was written by a newer version.
        """
        from predictive.store import Store  # noqa: PLC0415  (SQLAlchemy)

        return Store(self.store_url)

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.settings.database_url or self._sqlite("meta.db")

    @property
    def jobs_url(self) -> str:
        """SQLAlchemy URL of the durable jobs."""
        return self.settings.database_url or self._sqlite("jobs.db")

    @property
    def mlflow_tracking_uri(self) -> str:
        """Where models are tracked: the environment's server, else beside the store."""
        if self.settings.mlflow_tracking_uri:
            return self.settings.mlflow_tracking_uri
        if self.settings.database_url is None:
            return self._sqlite("mlflow.db")
        from predictive.store.database import mlflow_url  # noqa: PLC0415  (SQLAlchemy)

        return mlflow_url(self.settings.database_url)

    @property
    def mlflow_artifacts_path(self) -> Path:
        """Folder of MLflow's artefacts when no server keeps them."""
        return self.path / "mlartifacts"

    @property
    def models_path(self) -> Path:
        """Folder of the model files."""
        return self.path / "models"

    @property
    def rejects_path(self) -> Path:
        """Folder of the rows that imports refused."""
        return self.path / "rejects"

    @property
    def segments_path(self) -> Path:
        """Folder of the members of segments; they can be found anew at any time."""
        return self.path / "segments"

    @property
    def exports_path(self) -> Path:
        """Folder of the files of exports, each kept for a day."""
        return self.path / "exports"

    def close(self) -> None:
        """Close the store's connections; the workspace can be used again afterwards."""
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def _sqlite(self, name: str) -> str:
        return f"sqlite:///{self.path.resolve() / name}"


def workspace_folder(path: Path | str | None, settings: Settings) -> Path:
    """The folder that is meant: the one given, else the one that the settings name.

    Raises
    ------
    InvalidInput
        None is named, or its path can't be part of a database's address.
    """
    folder = Path(path) if path is not None and str(path) else settings.workspace
    if folder is None:
        raise InvalidInput(
            "workspace", None, "a folder", "Give --workspace DIR or set PREDICTIVE_WORKSPACE."
        )
    # Databases and tables are opened by URL, where these two mean something else.
    if any(character in str(folder.resolve()) for character in "%?"):
        raise InvalidInput("workspace", str(folder), "a path without the characters % and ?")
    return folder


def _refuse_used(folder: Path) -> None:
    if (folder / CONFIG_NAME).exists():
        raise Conflict(f"{str(folder)!r} is a workspace already. Choose another folder.")
    if folder.exists() and not folder.is_dir():
        raise InvalidInput("workspace", str(folder), "a folder, not a file")
    if folder.is_dir() and _strangers(folder):
        raise InvalidInput(
            "workspace", str(folder), "a new or an empty folder", "This one holds other files."
        )


def _strangers(folder: Path) -> list[str]:
    """Entries that a creation cut short did not leave behind."""
    own = {*_FOLDERS, "lake", "meta.db", "meta.db-wal", "meta.db-shm"}
    names = [entry.name for entry in folder.iterdir()]
    return [name for name in names if name not in own and not name.startswith(_DRAFT_PREFIX)]


def _read(file: Path) -> WorkspaceConfig:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(
            "workspace",
            str(file.parent),
            "a folder made by `predictive init`",
            f"There is no {CONFIG_NAME} in it.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("workspace.toml", str(file), f"valid TOML ({error})") from None
    except OSError as error:
        raise InvalidInput("workspace.toml", str(file), f"readable ({error.strerror})") from None
    return read_config(content)


def _write_whole(file: Path, text: str) -> None:
    """Write the file so that it is there whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=_DRAFT_PREFIX)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
