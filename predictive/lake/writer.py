"""Adding events: each bucket's new rows as one sorted file, all files in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType

import pyarrow as pa

from predictive.lake.files import WrittenFile, write_sorted
from predictive.lake.layout import properties_of
from predictive.lake.lock import WriterLock
from predictive.lake.table import BucketedTable
from predictive.tables import Property


class EventWriter:
    """Writes files of events and commits them together; without a commit nothing is added.

    A context manager that holds the lake's writer lock, so that what it saw of the lake
    stays true until it commits.

    Parameters
    ----------
    table
        The events table.
    lock
        The lake's writer lock.
    """

    def __init__(self, table: BucketedTable, lock: WriterLock) -> None:
        self._table, self._lock = table, lock
        self._written: list[WrittenFile] = []
        self._new: list[pa.Field] = []

    def __enter__(self) -> EventWriter:
        self._lock.__enter__()
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

    @property
    def properties(self) -> Mapping[str, Property]:
        """The properties that the lake has now."""
        return properties_of(self._table.schema())

    def schema(self, extra: Iterable[pa.Field] = ()) -> pa.Schema:
        """Columns to write: the table's, and new ones that the commit will add."""
        schema = self._table.schema()
        self._new = [field for field in extra if field.name not in schema.names]
        return pa.schema([*schema, *self._new])

    def write(self, bucket: int, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
        """Write rows sorted by user, time and event id; how many there were."""
        file = write_sorted(self._table.new_file(bucket), batches, schema)
        if file is None:
            return 0
        self._written.append(file)
        return file.rows

    def commit(self, transaction: tuple[str, int] | None = None) -> None:
        """Make all that was written part of the lake."""
        if self._written or transaction:
            self._table.add_columns(self._new)
            self._table.commit(self._written, transaction=transaction)
        self._written = []
