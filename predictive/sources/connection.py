"""Connecting to a warehouse by its URL."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from predictive.environment import with_variables
from predictive.errors import InvalidInput
from predictive.lake.engine import NO_DOWNLOADS, literal

_FIELD = "source.url"


def connect(url: str) -> Any:
    """An Ibis backend for a connection URL; ``${NAME}`` is read from the environment.

    Raises
    ------
    InvalidInput
        A variable is not set, a DuckDB file is missing, or the connection fails. The message
        shows the URL as written, so that no password appears in it.
    """
    full = with_variables(url, _FIELD)
    scheme, _, rest = full.partition("://")
    if scheme == "duckdb":
        return _connect_duckdb(Path(rest.partition("?")[0]))
    try:
        backend = ibis.connect(full)
    # Every driver has errors of its own, and each of them means the same here.
    except Exception as error:
        raise InvalidInput(
            _FIELD,
            _shown(url),
            "a connection URL of an engine that Ibis reads, with its driver installed",
            f"Connecting failed with {type(error).__name__}.",
        ) from error
    # Tables keep their backend alive; with the last of them the connection goes.
    weakref.finalize(backend, backend.con.close)
    return backend


def table_names(backend: Any, schema: str | None) -> list[str]:
    """The tables and views of a schema, or of the default one."""
    if backend.name != "duckdb":
        return sorted(backend.list_tables(database=schema))
    # Ibis 12 asks DuckDB 2 by names it no longer has; here and in `rows`.
    found = backend.con.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = "
        + (literal(schema) if schema else "current_schema()")
    ).fetchall()
    return sorted(row[0] for row in found)


def rows(table: ibis.Table, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of a table in batches, never all of them at once."""
    backend = table.get_backend()
    if backend.name == "duckdb":
        query = str(ibis.to_sql(table, dialect="duckdb"))
        yield from backend.con.sql(query).to_arrow_reader(batch_rows)
    else:
        yield from table.to_pyarrow_batches(chunk_size=batch_rows)


def _connect_duckdb(path: Path) -> Any:
    if not path.is_file():
        raise InvalidInput(_FIELD, f"duckdb://{path}", "an existing DuckDB file")
    try:
        return ibis.duckdb.connect(path, read_only=True, **NO_DOWNLOADS)
    except Exception as error:
        raise InvalidInput(
            _FIELD, f"duckdb://{path}", "a DuckDB file that can be read", str(error)
        ) from error


def _shown(url: str) -> str:
    # A password may stand in the file all the same.
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)
