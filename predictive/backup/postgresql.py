"""PostgreSQL: the rows of our schemas at one moment, and back into an empty database.

Rows only: the tables are made by the migrations that made them before, so that nothing of an
archive is ever run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from predictive.backup.header import SchemaRows
from predictive.jobs.queue import SCHEMA as QUEUE_SCHEMA
from predictive.progress import Progress
from predictive.store.database import MLFLOW_SCHEMA, SCHEMA

_CHUNK_BYTES = 1 << 20

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"
_COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = :schema AND table_name = :table AND is_generated = 'NEVER'
    ORDER BY ordinal_position
"""
_SEQUENCES = """
    SELECT sequencename, last_value FROM pg_sequences
    WHERE schemaname = :schema AND last_value IS NOT NULL ORDER BY sequencename
"""
_REFERENCES = """
    SELECT own.relname, other.relname
    FROM pg_constraint
    JOIN pg_class AS own ON own.oid = conrelid
    JOIN pg_class AS other ON other.oid = confrelid
    JOIN pg_namespace AS schema ON schema.oid = own.relnamespace
    WHERE contype = 'f' AND conrelid <> confrelid AND schema.nspname = :schema
"""


def table_names(connection: Connection, schema: str) -> list[str]:
    """The tables of a schema; none when there is no such schema."""
    return list(connection.execute(text(_TABLES), {"schema": schema}).scalars())


def dump(
    connection: Connection, schemas: Sequence[str], folder: Path, progress: Progress
) -> dict[str, SchemaRows]:
    """Write the rows of every table of some schemas, one file a table.

    Parameters
    ----------
    connection
        In a transaction that sees one moment.
    schemas
        The schemas.
    folder
        Where ``<schema>/<table>`` files are made.
    progress
        Told of every table.

    Returns
    -------
    dict
        What was saved of each schema.
    """
    names = {schema: table_names(connection, schema) for schema in schemas}
    progress.stage("Copying the database", total=sum(map(len, names.values())))
    kept = {}
    for schema, tables in names.items():
        (folder / schema).mkdir(parents=True)
        columns: dict[str, tuple[str, ...]] = {}
        for table in tables:
            columns[table] = _columns(connection, schema, table)
            _copy_out(connection, schema, table, columns[table], folder / schema / table)
            progress.advance()
        # Read after the rows: numbers that were given out since are only skipped.
        sequences = connection.execute(text(_SEQUENCES), {"schema": schema})
        last = {row.sequencename: row.last_value for row in sequences}
        kept[schema] = SchemaRows(tables=columns, sequences=last)
    return kept


def load(
    connection: Connection, schema: str, kept: SchemaRows, folder: Path, progress: Progress
) -> None:
    """Put rows into the tables of a schema, which has the same tables with no rows of worth.

    Parameters
    ----------
    connection
        In the transaction that does all of it or nothing.
    schema
        The schema.
    kept
        What `dump` told of it.
    folder
        Where its files stand.
    progress
        Told of every table.

    Raises
    ------
    ValueError
        The schema has other tables or columns than those that were saved.
    """
    tables = kept.tables
    _require_same(connection, schema, tables)
    everything = ", ".join(_quoted(schema, table) for table in tables)
    connection.execute(text(f"TRUNCATE {everything}"))
    for table in _referred_first(connection, schema, tables):
        _copy_in(connection, schema, table, tables[table], folder / schema / table)
        progress.advance()
    for sequence, number in kept.sequences.items():
        connection.execute(
            text("SELECT setval(cast(:name AS regclass), :number)"),
            {"name": _quoted(schema, sequence), "number": number},
        )


def used(connection: Connection) -> str | None:
    """What a database holds that stands in the way of a restored workspace, or None."""
    for schema in (SCHEMA, QUEUE_SCHEMA):
        if table_names(connection, schema):
            return f"tables in the schema {schema!r}"
    tables = set(table_names(connection, MLFLOW_SCHEMA))
    for table in sorted(tables & {"runs", "registered_models"}):
        query = text(f"SELECT EXISTS (SELECT 1 FROM {_quoted(MLFLOW_SCHEMA, table)})")
        if connection.execute(query).scalar():
            return f"rows in the table {table!r} of the schema {MLFLOW_SCHEMA!r}"
    return None


def _columns(connection: Connection, schema: str, table: str) -> tuple[str, ...]:
    return tuple(connection.execute(text(_COLUMNS), {"schema": schema, "table": table}).scalars())


def _require_same(connection: Connection, schema: str, tables: Mapping[str, Sequence[str]]) -> None:
    found = {
        table: _columns(connection, schema, table) for table in table_names(connection, schema)
    }
    for table in sorted({*found, *tables}):
        if sorted(found.get(table, ())) != sorted(tables.get(table, ())):
            raise ValueError(
                f"tables is without the columns of {schema}.{table} in this database; "
                f"allowed: the same tables and columns."
            )


def _referred_first(connection: Connection, schema: str, tables: Iterable[str]) -> list[str]:
    """The tables in an order in which every row finds those it refers to."""
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(tables, ()))
    for own, other in connection.execute(text(_REFERENCES), {"schema": schema}):
        order.add(own, other)
    return list(order.static_order())


def _copy_out(
    connection: Connection, schema: str, table: str, columns: Sequence[str], file: Path
) -> None:
    statement = f"COPY {_quoted(schema, table)} ({_listed(columns)}) TO STDOUT"
    with (
        file.open("wb") as rows,
        _driver(connection).cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        rows.writelines(copy)


def _copy_in(
    connection: Connection, schema: str, table: str, columns: Sequence[str], file: Path
) -> None:
    statement = f"COPY {_quoted(schema, table)} ({_listed(columns)}) FROM STDIN"
    with (
        file.open("rb") as rows,
        _driver(connection).cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        while chunk := rows.read(_CHUNK_BYTES):
            copy.write(chunk)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(_name(column) for column in columns)


def _quoted(schema: str, table: str) -> str:
    return f"{_name(schema)}.{_name(table)}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
