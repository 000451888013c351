"""Rows as NDJSON, CSV or Parquet: a stream of bytes, in memory that does not grow with the rows.

Text is made a column at a time by Arrow: a million rows take about as long as reading them
from the database, where a model for each row would take ten times that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from predictive.errors import InvalidInput, nearest_hint

Format: TypeAlias = Literal["ndjson", "csv", "parquet"]

#: The media type of each format, the default first.
MEDIA_TYPES: Mapping[Format, str] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

#: Bytes that stand in a JSON string as they are, whatever comes before or after them.
_PLAIN = np.zeros(256, dtype=bool)
_PLAIN[0x20:0x7F] = True
_PLAIN[[ord('"'), ord("\\")]] = False
#: What JSON wants escaped, and what some readers take for the end of a line.
_ESCAPED = '["\\\\\\x00-\\x1f\\x7f\\x{85}\\x{2028}\\x{2029}]'
#: Rows in one row group of a Parquet file.
_GROUP_ROWS = 100_000


@dataclass(frozen=True)
class Shape:
    """What rows are made of.

    Parameters
    ----------
    schema
        Names and types of the columns: strings and floats.
    keys
        What stands before the value of each column in a line of JSON.
    end
        What ends the line, without the line break.
    """

    schema: pa.Schema
    keys: tuple[str, ...]
    end: str = "}"


def flat(schema: pa.Schema) -> Shape:
    """Rows whose JSON has one key a column."""
    keys = [
        f"{'{' if index == 0 else ','}{json.dumps(name)}:"
        for index, name in enumerate(schema.names)
    ]
    return Shape(schema, tuple(keys))


def checked_format(name: str) -> Format:
    """The same format.

    Raises
    ------
    InvalidInput
        There is no such format.
    """
    for known in MEDIA_TYPES:
        if name == known:
            return known
    raise InvalidInput("format", name, ", ".join(MEDIA_TYPES), nearest_hint(name, MEDIA_TYPES))


def encoded(
    batches: Iterable[pa.RecordBatch], shape: Shape, form: Format, *, begun: bool = False
) -> Iterator[bytes]:
    """Rows as pieces of a file; what is yielded is all there is in memory.

    Parameters
    ----------
    batches
        Rows with the columns of the shape; strings may be dictionaries.
    form
        The format.
    begun
        Whether these rows go on a text that was begun before: then CSV has no header.
    """
    match form:
        case "ndjson":
            return (json_lines(batch, shape) for batch in batches)
        case "csv":
            return _csv(batches, shape.schema, header=not begun)
        case "parquet":
            return _parquet(batches, shape.schema)


def json_lines(batch: pa.RecordBatch, shape: Shape) -> bytes:
    r"""A batch as lines of JSON.

    Examples
    --------
    >>> batch = pa.record_batch({"user_id": ['a"b', "c"], "score": [78.21, None]})
    >>> print(json_lines(batch, flat(batch.schema)).decode(), end="")
    {"user_id":"a\"b","score":78.21}
    {"user_id":"c","score":null}
    """
    if batch.num_rows == 0:
        return b""
    pieces: list[str | pa.Array] = []
    for key, column in zip(shape.keys, batch.columns, strict=True):
        pieces += [key, _json_values(column)]
    lines = pc.binary_join_element_wise(*pieces, shape.end + "\n", "")
    _, offsets, content = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)
    first, last = int(ends[lines.offset]), int(ends[lines.offset + len(lines)])
    return content[first:last].to_pybytes()  # type: ignore[no-any-return]


def _json_values(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        values = _json_values(column.dictionary).take(column.indices)
    elif pa.types.is_floating(column.type):
        values = pc.cast(column, pa.string())
    else:
        values = _json_strings(column)
    return values if values.null_count == 0 else pc.fill_null(values, "null")


def _json_strings(column: pa.Array) -> pa.Array:
    if not _all_plain(column):
        special = pc.match_substring_regex(column, _ESCAPED)
        wanted = column.filter(special)
        if len(wanted):
            return _with_escapes(column, special, wanted)
    return pc.binary_join_element_wise('"', column, '"', "")


def _with_escapes(column: pa.Array, special: pa.Array, wanted: pa.Array) -> pa.Array:
    """Quoted strings; the few that need it are escaped one by one."""
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    escaped = pa.array([json.dumps(text) for text in wanted.to_pylist()], pa.string())
    return pc.replace_with_mask(quoted, special.fill_null(False), escaped)


def _all_plain(column: pa.Array) -> bool:
    _, offsets, content = column.buffers()
    if content is None:
        return True
    ends = np.frombuffer(offsets, np.int32)
    first, last = ends[column.offset], ends[column.offset + len(column)]
    return bool(_PLAIN[np.frombuffer(content, np.uint8)[first:last]].all())


def _csv(batches: Iterable[pa.RecordBatch], schema: pa.Schema, *, header: bool) -> Iterator[bytes]:
    sink = _Sink()
    options = pyarrow.csv.WriteOptions(include_header=header)
    with pyarrow.csv.CSVWriter(sink, schema, write_options=options) as writer:
        for batch in batches:
            writer.write_table(_plain(batch, schema))
            yield sink.taken()
    yield sink.taken()


def _parquet(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[bytes]:
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _groups(batches):
            writer.write_table(_plain(group, schema), row_group_size=_GROUP_ROWS)
            yield sink.taken()
    yield sink.taken()


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together to row groups: many small ones would pack badly."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(each.num_rows for each in held) >= _GROUP_ROWS:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _plain(rows: pa.RecordBatch | pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows in exactly these columns, without dictionaries."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    return table.rename_columns(schema.names).cast(schema)


class _Sink:
    """A file that can't be sought: what was written is taken away piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._position = 0

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        self._position += len(content)
        return len(content)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """What was written can still be taken."""

    def writable(self) -> bool:
        return True

    def taken(self) -> bytes:
        content = b"".join(self._written)
        self._written.clear()
        return content
