"""Appending rows that are at hand as an Arrow table, as a stream's flushes are."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from predictive.errors import InvalidInput, nearest_hint
from predictive.lake.engine import files_sql, identifiers, stream
from predictive.lake.files import write_sorted
from predictive.lake.layout import (
    ARROW_TYPES,
    ATTRIBUTE_ORDER,
    ATTRIBUTE_SCHEMA,
    EVENT_ORDER,
    EVENT_SCHEMA,
    MAX_PROPERTIES,
    bucket_sql,
    check_case,
    properties_of,
)

if TYPE_CHECKING:
    from predictive.lake.lake import Lake


def append_events(lake: Lake, table: pa.Table, transaction: tuple[str, int] | None) -> int:
    """Add events that the lake does not have; how many were new."""
    with lake.event_writer() as writer:
        if transaction and lake.events.holds(transaction):
            return 0
        extra = [field for field in table.schema if field.name.startswith("property_")]
        _check_properties(lake.events.schema(), extra)
        schema = writer.schema(extra)
        rows = _shaped(table, schema)
        files, added = lake.events.files(), 0
        with closing(lake.engine.connect()) as connection:
            connection.register("incoming", rows)
            connection.execute(_bucketed(lake.buckets))
            for bucket in _buckets(connection):
                incoming = f"SELECT * FROM bucketed WHERE bucket = {bucket}"
                there = files_sql(connection, files.get(bucket, ()), EVENT_SCHEMA)
                query = (
                    f"SELECT {identifiers(schema.names)} FROM ({unseen(incoming, there)}) "
                    f"ORDER BY {identifiers(EVENT_ORDER)}"
                )
                added += writer.write(bucket, stream(connection, query), schema)
        writer.commit(transaction)
    return added


def append_attributes(lake: Lake, table: pa.Table, transaction: tuple[str, int] | None) -> int:
    """Add attributes; how many."""
    with lake.writing:
        if transaction and lake.attributes.holds(transaction):
            return 0
        rows = _shaped(table, ATTRIBUTE_SCHEMA)
        written = []
        with closing(lake.engine.connect()) as connection:
            connection.register("incoming", rows)
            connection.execute(_bucketed(lake.buckets))
            for bucket in _buckets(connection):
                query = (
                    f"SELECT {identifiers(ATTRIBUTE_SCHEMA.names)} FROM bucketed "
                    f"WHERE bucket = {bucket} ORDER BY {identifiers(ATTRIBUTE_ORDER)}"
                )
                path = lake.attributes.new_file(bucket)
                file = write_sorted(path, stream(connection, query), ATTRIBUTE_SCHEMA)
                written += [file] if file else []
        if written or transaction:
            lake.attributes.commit(written, transaction=transaction)
    return int(rows.num_rows)


def unseen(incoming: str, there: str) -> str:
    """A query for the incoming events that are new, each once.

    An event is known by its user and its id: an id is unique for its user.
    """
    return (
        f"SELECT incoming.* FROM (SELECT * FROM ({incoming}) QUALIFY row_number() OVER "
        "(PARTITION BY user_id, event_id ORDER BY time, name) = 1) AS incoming "
        f"ANTI JOIN (SELECT user_id, event_id FROM ({there})) AS there "
        "ON incoming.user_id = there.user_id AND incoming.event_id = there.event_id"
    )


def _bucketed(buckets: int) -> str:
    bucket = bucket_sql("user_id", buckets)
    return f"CREATE TEMP TABLE bucketed AS SELECT *, {bucket} AS bucket FROM incoming"


def _buckets(connection: object) -> list[int]:
    found = connection.execute("SELECT DISTINCT bucket FROM bucketed ORDER BY 1").fetchall()
    return [row[0] for row in found]


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
