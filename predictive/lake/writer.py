"""Adding rows: each bucket's as one sorted file, all files in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from predictive.lake.files import WrittenFile, write_sorted
from predictive.lake.lock import WriterLock
from predictive.lake.table import BucketedTable


class BucketWriter:
    """Writes files of a table and commits them together; without a commit nothing is added.

    A context manager that holds the lake's writer lock, so that what it saw of the lake
    stays true until it commits.

    Parameters
    ----------
    table
        The events or the attributes.
    lock
        The lake's writer lock.
    """

    def __init__(self, table: BucketedTable, lock: WriterLock) -> None:
        self._table, self._lock = table, lock
        self._written: list[WrittenFile] = []
        self._new: list[pa.Field] = []
        self.schema = pa.schema([])

    def __enter__(self) -> BucketWriter:
        self._lock.__enter__()
        self.schema = self._table.state().schema
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for file in self._written:
                file.path.unlink()
        finally:
            self._lock.__exit__(kind, error, trace)

    def extend(self, fields: Iterable[pa.Field]) -> pa.Schema:
        """The table's columns and, among ``fields``, the new ones that the commit will add."""
        self._new = [field for field in fields if field.name not in self.schema.names]
        self.schema = pa.schema([*self.schema, *self._new])
        return self.schema

    def write(self, bucket: int, batches: Iterable[pa.RecordBatch]) -> int:
        """Write rows in the table's order; how many there were."""
        file = write_sorted(self._table.new_file(bucket), batches, self.schema)
        if file is None:
            return 0
        self._written.append(file)
        return file.rows

    def commit(
        self, transaction: tuple[str, int] | None = None, replaced: Sequence[Path] = ()
    ) -> int:
        """Make all that was written part of the lake, in place of the files it replaces.

        Returns
        -------
        int
            The number of rows written.
        """
        if self._written or transaction or replaced:
            self._table.add_columns(self._new)
            self._table.commit(self._written, replaced, transaction)
        rows = sum(file.rows for file in self._written)
        self._written = []
        return rows
