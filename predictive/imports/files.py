"""Opening files to import: format, header, and a query for their rows."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from predictive.errors import InvalidInput
from predictive.imports.diagnosis import explained
from predictive.imports.values import Column, kind_of
from predictive.lake.engine import identifier, literal

if TYPE_CHECKING:
    import duckdb

_CSV = {".csv", ".tsv", ".txt"}
_JSON = {".jsonl", ".ndjson", ".json"}
_PARQUET = {".parquet", ".pq"}
_DELIMITERS = ",;\t|"
FORMATS = "a CSV (.csv), Parquet (.parquet) or JSON Lines (.jsonl) file, .gz too"


@dataclass(frozen=True)
class InputFile:
    """A file to import.

    Parameters
    ----------
    path
        The file.
    relation
        What a query can select from.
    columns
        Its columns by name.
    row
        The expression of a row's identity, for its hash.
    shown_row
        The expression of a row as JSON, for those who mend it.
    """

    path: Path
    relation: str
    columns: Mapping[str, Column]
    row: str
    shown_row: str

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns)


def open_file(connection: duckdb.DuckDBPyConnection, path: Path) -> InputFile:
    """Look at a file's format and header.

    Raises
    ------
    InvalidInput
        It is missing, empty, of no known format, truncated or not UTF-8.
    """
    if not path.is_file():
        raise InvalidInput("file", str(path), "an existing file")
    if path.stat().st_size == 0:
        raise InvalidInput("file", str(path), "a file that is not empty")
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    with explained(path):
        if suffix.lower() in _PARQUET and path.suffix != ".gz":
            return _open_parquet(connection, path)
        if suffix.lower() in _JSON:
            return _open_json(connection, path)
        if suffix.lower() in _CSV:
            return _open_csv(path)
    raise InvalidInput("file", str(path), FORMATS)


@contextmanager
def opened_text(path: Path) -> Iterator[IO[str]]:
    """The file as strict UTF-8 text, unpacked."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield file


def _open_csv(path: Path) -> InputFile:
    with opened_text(path) as file:
        first = file.readline(1 << 20)
        file.seek(0)
        delimiter = max(_DELIMITERS, key=first.count)
        header = next(csv.reader(file, delimiter=delimiter), [])
        _check_header(header, path)
        if not file.read(1).strip() and not file.read(1 << 16).strip():
            raise InvalidInput("file", str(path), "a file with rows below its header")
    names = [f"c{index}" for index in range(len(header))]
    types = ", ".join(f"{name}: 'VARCHAR'" for name in names)
    packed = "gzip" if path.suffix == ".gz" else "none"
    relation = (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, columns={{{types}}}, "
        f"delim={literal(delimiter)}, quote='\"', escape='\"', strict_mode=true, "
        f"compression='{packed}')"
    )
    columns = {name: Column(sql, "untyped") for name, sql in zip(header, names, strict=True)}
    return InputFile(path, relation, columns, _identity(columns), _as_json(columns))


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> InputFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InvalidInput(
            "file", str(path), "a whole Parquet file", "It may be truncated or of another format."
        ) from error
    with file:
        header = file.schema_arrow.names
        _check_header(header, path)
        if file.metadata.num_rows == 0:
            raise InvalidInput("file", str(path), "a file with rows")
    relation = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    # DuckDB renames columns whose names differ only in case, and keeps their order.
    columns = {
        name: Column(identifier(row[0]), kind_of(row[1]))
        for name, row in zip(header, described, strict=True)
    }
    return InputFile(path, relation, columns, _identity(columns), _as_json(columns))


def _open_json(connection: duckdb.DuckDBPyConnection, path: Path) -> InputFile:
    with opened_text(path) as file:
        if not file.read(1 << 12).lstrip().startswith("{"):
            raise InvalidInput("file", str(path), "JSON Lines: one JSON object a line")
    packed = "gzip" if path.suffix == ".gz" else "none"
    relation = f"read_ndjson_objects({literal(str(path))}, compression='{packed}')"
    found = connection.execute(
        f"SELECT key, min(place) FROM (SELECT unnest(json_keys(json)) AS key, "
        f"generate_subscripts(json_keys(json), 1) AS place FROM {relation} "
        "WHERE json_type(json) = 'OBJECT') GROUP BY key ORDER BY 2, 1"
    ).fetchall()
    header = [row[0] for row in found]
    _check_header(header, path)
    # All keys at once, because every extraction on its own parses the line again.
    keys = ", ".join(literal(_pointer(name)) for name in header)
    rows = f"(SELECT json, json_extract(json, [{keys}]) AS found FROM {relation})"
    columns = {name: Column(f"found[{place}]", "json") for place, name in enumerate(header, 1)}
    return InputFile(path, rows, columns, "CAST(json AS VARCHAR)", "json")


def _check_header(header: Sequence[str], path: Path) -> None:
    if not any(name.strip() for name in header):
        raise InvalidInput("file", str(path), "a file with a header of column names")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput("file", str(path), f"one column of the name {twice!r}, not several")


def _identity(columns: Mapping[str, Column]) -> str:
    return "concat(" + ", ".join(column.identity for column in columns.values()) + ")"


def _as_json(columns: Mapping[str, Column]) -> str:
    fields = ", ".join(
        f"{literal(name)}, {column.text if column.kind == 'other' else column.sql}"
        for name, column in columns.items()
    )
    return f"json_object({fields})"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")
