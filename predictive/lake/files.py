"""Parquet files of one bucket: sorted by user, each row group holding whole users.

Because a row group ends where a user ends, a pass over whole users is a plain read of
row groups: no sort, no copy, no user cut in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Rows after which a row group ends, at the next end of a user; fewer where columns are many.
GROUP_ROWS = 1 << 19
_FEW_COLUMNS = 16
_LAYOUT_KEY = b"predictive.layout"
_LAYOUT = b"whole-users-1"
_DICTIONARY_BYTES = 64 << 20


@dataclass(frozen=True)
class WrittenFile:
    """What was written: the file, its number of rows and the span of their times."""

    path: Path
    rows: int
    first: datetime | None
    last: datetime | None


def write_sorted(
    path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema
) -> WrittenFile | None:
    """Write rows that come sorted by user; None, and no file, when there are none.

    Parameters
    ----------
    path
        File to write; nothing is left of it when writing fails.
    batches
        Rows, all of a user together; a column they lack is null.
    schema
        Columns of the file.
    """
    marked = schema.with_metadata({_LAYOUT_KEY: _LAYOUT})
    rows, first, last = 0, None, None
    writer = None
    try:
        for table in whole_users(batches, _group_rows(schema)):
            group = conformed(table, schema)
            writer = writer or _writer(path, marked)
            writer.write_table(group, row_group_size=group.num_rows)
            span = pc.min_max(group["time"]).as_py()
            first = min(filter(None, (first, span["min"])), default=None)
            last = max(filter(None, (last, span["max"])), default=None)
            rows += group.num_rows
        if writer is not None:
            writer.close()
    except BaseException:
        if writer is not None:
            writer.close()
        path.unlink(missing_ok=True)
        raise
    return WrittenFile(path, rows, first, last) if rows else None


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of a schema, null where the table has none."""
    there = table.schema.names
    columns = [
        table[field.name].cast(field.type)
        if field.name in there
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def whole_users(batches: Iterable[pa.RecordBatch], target_rows: int) -> Iterator[pa.Table]:
    """Cut a stream sorted by user into tables of whole users.

    A table has about ``target_rows`` rows, more only where one user has more.
    """
    waiting: list[pa.RecordBatch] = []
    rows, wanted = 0, target_rows
    for batch in batches:
        if batch.num_rows == 0:
            continue
        waiting.append(batch)
        rows += batch.num_rows
        if rows < wanted:
            continue
        table = pa.Table.from_batches(waiting)
        users = table["user_id"]
        boundary = pc.index(users, users[-1]).as_py()
        if boundary:
            yield table.slice(0, boundary)
            waiting = table.slice(boundary).to_batches()
            rows, wanted = rows - boundary, target_rows
        else:
            # One user fills all of it: look again when there is twice as much.
            wanted = 2 * rows
    if rows:
        yield pa.Table.from_batches(waiting)


def is_sorted(path: Path) -> bool:
    """Whether the file was written by `write_sorted`."""
    metadata = pq.read_schema(path, memory_map=True).metadata or {}
    return bool(metadata.get(_LAYOUT_KEY) == _LAYOUT)


def read_whole_users(
    path: Path, columns: Sequence[str], before: datetime | None, coded: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """The row groups of a sorted file, one batch each.

    Parameters
    ----------
    path
        A file of `write_sorted`.
    columns
        Columns wanted; one that the file lacks is not delivered.
    before
        Only rows with ``time`` before it.
    coded
        Columns delivered as dictionaries with int32 codes.
    """
    file = pq.ParquetFile(path, read_dictionary=list(coded), memory_map=True)
    present = [name for name in columns if name in file.schema_arrow.names]
    for group in range(file.num_row_groups):
        first, last = _span(file.metadata.row_group(group))
        if before is not None and first >= before:
            continue
        late = before is not None and last >= before
        wanted = [*present, "time"] if late and "time" not in present else present
        batch = _row_group(file, group, wanted)
        kept = batch.filter(pc.less(batch["time"], pa.scalar(before))) if late else batch
        if kept.num_rows:
            yield kept.select(present)


def as_batch(table: pa.Table) -> pa.RecordBatch:
    """A table that has rows as one batch, with one dictionary a column."""
    return table.unify_dictionaries().combine_chunks().to_batches()[0]


def _row_group(file: pq.ParquetFile, group: int, columns: Sequence[str]) -> pa.RecordBatch:
    rows = file.metadata.row_group(group).num_rows
    batches = list(file.iter_batches(batch_size=rows, row_groups=[group], columns=columns))
    # Arrow splits a row group where a column's dictionary overflowed.
    return batches[0] if len(batches) == 1 else as_batch(pa.Table.from_batches(batches))


def _group_rows(schema: pa.Schema) -> int:
    return max(1, GROUP_ROWS * _FEW_COLUMNS // max(_FEW_COLUMNS, len(schema)))


def _span(group: pq.RowGroupMetaData) -> tuple[datetime, datetime]:
    for index in range(group.num_columns):
        column = group.column(index)
        if column.path_in_schema == "time":
            return column.statistics.min, column.statistics.max
    raise ValueError("the file has no column 'time'")


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    coded = [f.name for f in schema if pa.types.is_string(f.type) and f.name != "event_id"]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=coded,
        # Room for the ids of all users of a row group, so that reading stays a look-up.
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        store_schema=True,
    )
