"""DuckDB connections that stay within a memory limit and never reach for the network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

#: Rows of one Arrow batch that DuckDB hands over.
BATCH_ROWS = 1 << 17

#: DuckDB settings under which it uses only what it ships with.
NO_DOWNLOADS = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


@dataclass(frozen=True)
class Engine:
    """How to connect to DuckDB.

    Parameters
    ----------
    spill
        Folder for what does not fit the memory limit.
    memory_mib
        Memory limit of one connection, in MiB.
    threads
        Threads of one connection; None for every core.
    """

    spill: Path
    memory_mib: int = 1536
    threads: int | None = None

    def settings(self) -> dict[str, Any]:
        """The settings of a connection; extensions are never downloaded."""
        return {
            **NO_DOWNLOADS,
            "memory_limit": f"{self.memory_mib}MiB",
            "preserve_insertion_order": False,
            "temp_directory": str(self.spill),
            "threads": self.threads or os.cpu_count() or 1,
        }

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A new in-memory database; naive times mean UTC."""
        import duckdb  # noqa: PLC0415  (heavy)

        connection = duckdb.connect(config=self.settings())
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        return connection


@contextmanager
def scratch(engine: Engine) -> Iterator[Path]:
    """A folder for one piece of work, beside what spills; gone afterwards."""
    engine.spill.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=engine.spill) as folder:
        yield Path(folder)


def cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another cursor for another thread: it shares the memory limit, not the time zone."""
    another = connection.cursor()
    another.execute("SET TimeZone = 'UTC'").fetchall()
    return another


def stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """The rows of a query as Arrow batches, never all of them at once."""
    yield from connection.sql(query).to_arrow_reader(BATCH_ROWS)


def literal(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str]) -> str:
    """Names as a comma-separated list of SQL identifiers."""
    return ", ".join(identifier(name) for name in names)


_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}


def files_sql(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path], schema: pa.Schema
) -> str:
    """A query for the rows of Parquet files in the columns of a schema.

    A column that no file has is null, so that files written before a property was first
    seen, and no files at all, read like all others.
    """
    names = ", ".join(literal(str(file)) for file in files)
    if not names:
        columns = ", ".join(_null(field) for field in schema)
        return f"SELECT {columns} WHERE false"
    scan = f"read_parquet([{names}], union_by_name=true, hive_partitioning=false)"
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}
    columns = ", ".join(
        identifier(field.name) if field.name in there else _null(field) for field in schema
    )
    return f"SELECT {columns} FROM {scan}"


def _null(field: pa.Field) -> str:
    return f"CAST(NULL AS {_SQL_TYPES[field.type]}) AS {identifier(field.name)}"
