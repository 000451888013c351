"""A Delta table whose files we write ourselves: commits, live files, vacuum."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from predictive.lake.files import WrittenFile

_PARTITION = pa.field("bucket", pa.int32(), nullable=False)


@dataclass(frozen=True)
class TableState:
    """A table at one version.

    Parameters
    ----------
    version
        Number of the commit.
    schema
        The columns, without ``bucket``.
    files
        The live files of each bucket that has any, oldest first.
    """

    version: int
    schema: pa.Schema
    files: Mapping[int, tuple[Path, ...]]


class BucketedTable:
    """A Delta table partitioned by ``bucket``.

    Parameters
    ----------
    path
        Folder of the table.
    initial
        Columns of a new table, without ``bucket``.
    """

    def __init__(self, path: Path, initial: pa.Schema) -> None:
        self.path = path
        self._initial = initial
        self._delta: Any = None
        self._state: TableState | None = None
        # Delta's table object may not be read by one thread while another moves it on.
        self._mutex = threading.RLock()

    def create(self) -> None:
        """Make an empty table, unless there is one."""
        from deltalake import DeltaTable  # noqa: PLC0415  (heavy)

        DeltaTable.create(
            str(self.path),
            schema=pa.schema([_PARTITION, *self._initial]),
            mode="ignore",
            partition_by=["bucket"],
        )

    def state(self) -> TableState:
        """The table at its latest version; all of it of that one version."""
        with self._mutex:
            table = self._latest()
            if self._state is None or self._state.version != table.version():
                self._state = TableState(table.version(), _schema(table), self._files(table))
            return self._state

    def new_file(self, bucket: int) -> Path:
        """A path for a file to be written and committed later."""
        folder = self.path / f"bucket={bucket}"
        folder.mkdir(exist_ok=True)
        # The time comes first, so that names sort by age.
        return folder / f"{time.time_ns():020d}-{uuid.uuid4().hex}.parquet"

    def add_columns(self, fields: Sequence[pa.Field]) -> None:
        """Add nullable columns; older files read as null there."""
        from deltalake import Field  # noqa: PLC0415  (heavy)

        if fields:
            with self._mutex:
                self._latest().alter.add_columns([Field.from_arrow(field) for field in fields])

    def commit(
        self,
        added: Iterable[WrittenFile],
        removed: Iterable[Path] = (),
        transaction: tuple[str, int] | None = None,
    ) -> None:
        """Make files live and others dead in one step that readers see whole."""
        from deltalake import CommitProperties, Transaction  # noqa: PLC0415  (heavy)

        now = time.time_ns() // 1_000_000
        marks = [Transaction(*transaction)] if transaction else None
        actions = [
            *(self._add_action(file, now) for file in added),
            *(self._remove_action(path, now) for path in removed),
        ]
        with self._mutex:
            table = self._latest()
            table.create_write_transaction(
                actions,
                mode="append",
                schema=table.schema(),
                partition_by=["bucket"],
                commit_properties=CommitProperties(app_transactions=marks),
            )

    def holds(self, transaction: tuple[str, int]) -> bool:
        """Whether a commit carried this application transaction, or a later one of it."""
        app_id, version = transaction
        with self._mutex:
            latest = self._latest().transaction_version(app_id)
        return latest is not None and latest >= version

    def vacuum(self, retention: timedelta) -> int:
        """Delete files that have been dead for longer than ``retention``; how many."""
        hours = max(0, int(retention.total_seconds() // 3600))
        with self._mutex:
            deleted = self._latest().vacuum(
                retention_hours=hours, enforce_retention_duration=False, dry_run=False, full=True
            )
        return len(deleted)

    def purge(self, bucket: int) -> None:
        """Delete every dead file of a bucket at once, however young."""
        live = set(self.state().files.get(bucket, ()))
        for file in (self.path / f"bucket={bucket}").glob("*.parquet"):
            if file not in live:
                file.unlink()

    def _latest(self) -> Any:
        from deltalake import DeltaTable  # noqa: PLC0415  (heavy)

        if self._delta is None:
            self._delta = DeltaTable(str(self.path))
        else:
            self._delta.update_incremental()
        return self._delta

    def _files(self, table: Any) -> dict[int, tuple[Path, ...]]:
        found: dict[int, list[Path]] = {}
        for name in sorted(pa.table(table.get_add_actions())["path"].to_pylist()):
            bucket = int(name.split("/")[0].removeprefix("bucket="))
            found.setdefault(bucket, []).append(self.path / name)
        return {bucket: tuple(files) for bucket, files in sorted(found.items())}

    def _add_action(self, file: WrittenFile, now: int) -> Any:
        from deltalake.transaction import AddAction  # noqa: PLC0415  (heavy)

        # No bounds of the user ids: a deleted user must not live on in the log.
        bounds = {
            key: {"time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
            for key, moment in (("minValues", file.first), ("maxValues", file.last))
            if moment is not None
        }
        return AddAction(
            self._relative(file.path),
            file.path.stat().st_size,
            self._partition(file.path),
            now,
            True,
            json.dumps({"numRecords": file.rows, **bounds}),
        )

    def _remove_action(self, path: Path, now: int) -> Any:
        from deltalake.transaction import RemoveAction  # noqa: PLC0415  (heavy)

        return RemoveAction(
            self._relative(path),
            data_change=True,
            deletion_timestamp=now,
            partition_values=self._partition(path),
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()

    def _partition(self, path: Path) -> dict[str, str | None]:
        return {"bucket": path.parent.name.removeprefix("bucket=")}


def _schema(table: Any) -> pa.Schema:
    fields = pa.schema(table.schema().to_arrow())
    # Delta engines name the string type in several ways; here it has one.
    return pa.schema([_plain(field) for field in fields if field.name != "bucket"])


def _plain(field: pa.Field) -> pa.Field:
    kind = field.type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return field.with_type(pa.string())
    return field
