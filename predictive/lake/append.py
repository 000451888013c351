"""Appending rows that are at hand as an Arrow table, as a stream's flushes are."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from predictive.errors import InvalidInput, nearest_hint
from predictive.lake.engine import files_sql, identifiers, stream
from predictive.lake.layout import (
    ARROW_TYPES,
    ATTRIBUTE_ORDER,
    EVENT_ORDER,
    EVENT_SCHEMA,
    MAX_PROPERTIES,
    bucket_sql,
    check_case,
    properties_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from predictive.lake.lake import Lake


def append_events(lake: Lake, table: pa.Table, transaction: tuple[str, int] | None) -> int:
    """Add events that the lake does not have; how many were new."""
    with lake.event_writer() as writer, closing(lake.engine.connect()) as connection:
        if transaction and lake.events.holds(transaction):
            return 0
        extra = [field for field in table.schema if field.name.startswith("property_")]
        _check_properties(writer.schema, extra)
        schema, files = writer.extend(extra), lake.events.state().files
        for bucket, rows in _by_bucket(connection, _shaped(table, schema), lake.buckets):
            new = once(rows)
            if there := files.get(bucket):
                new = new_to(new, files_sql(connection, there, EVENT_SCHEMA))
            writer.write(bucket, stream(connection, _sorted(new, schema, EVENT_ORDER)))
        return writer.commit(transaction)


def append_attributes(lake: Lake, table: pa.Table, transaction: tuple[str, int] | None) -> int:
    """Add attributes; how many."""
    with lake.attribute_writer() as writer, closing(lake.engine.connect()) as connection:
        if transaction and lake.attributes.holds(transaction):
            return 0
        shaped = _shaped(table, writer.schema)
        for bucket, rows in _by_bucket(connection, shaped, lake.buckets):
            query = _sorted(rows, writer.schema, ATTRIBUTE_ORDER)
            writer.write(bucket, stream(connection, query))
        return writer.commit(transaction)


def once(events: str) -> str:
    """A query for events of which each is there once: an id is unique for its user."""
    return (
        f"SELECT * FROM ({events}) QUALIFY row_number() OVER "
        "(PARTITION BY user_id, event_id ORDER BY time, name, amount, product_id) = 1"
    )


def new_to(events: str, there: str) -> str:
    """A query for the events whose user and id are not among others."""
    return (
        f"SELECT incoming.* FROM ({events}) AS incoming "
        f"ANTI JOIN (SELECT user_id, event_id FROM ({there})) AS there "
        "ON incoming.user_id = there.user_id AND incoming.event_id = there.event_id"
    )


def _by_bucket(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, buckets: int
) -> Iterator[tuple[int, str]]:
    """The buckets of some rows, each with a query for its part."""
    connection.register("incoming", rows)
    bucket = bucket_sql("user_id", buckets)
    connection.execute(
        f"CREATE TEMP TABLE bucketed AS SELECT *, {bucket} AS bucket FROM incoming"
    ).fetchall()
    found = connection.execute("SELECT DISTINCT bucket FROM bucketed ORDER BY 1").fetchall()
    for (number,) in found:
        yield number, f"SELECT * FROM bucketed WHERE bucket = {number}"


def _sorted(query: str, schema: pa.Schema, order: Sequence[str]) -> str:
    return f"SELECT {identifiers(schema.names)} FROM ({query}) ORDER BY {identifiers(order)}"


def _check_properties(known: pa.Schema, extra: list[pa.Field]) -> None:
    for field in extra:
        if field.type not in ARROW_TYPES.values():
            allowed = "float64, string or bool"
            raise InvalidInput(f"events.{field.name}", str(field.type), allowed)
        if field.name in known.names and known.field(field.name).type != field.type:
            raise InvalidInput(
                f"events.{field.name}", str(field.type), f"{known.field(field.name).type}"
            )
    names = {**properties_of(known), **properties_of(pa.schema(extra))}
    check_case(names)
    if len(names) > MAX_PROPERTIES:
        raise InvalidInput("events", f"{len(names)} properties", f"at most {MAX_PROPERTIES}")


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for name in table.schema.names:
        if name not in schema.names:
            hint = nearest_hint(name, schema.names)
            raise InvalidInput("column", name, "a column of the lake", hint)
    now = pa.scalar(datetime.now(UTC), pa.timestamp("us", "UTC"))
    for field in schema:
        if field.name in table.schema.names:
            column = table[field.name].cast(field.type)
        elif field.name == "received_at":
            column = pa.repeat(now, table.num_rows)
        else:
            column = pa.nulls(table.num_rows, field.type)
        if not field.nullable and pc.any(pc.is_null(column)).as_py():
            raise InvalidInput(f"column.{field.name}", None, "a value in every row")
        columns.append(column)
    return pa.table(columns, schema=schema)
