"""The lake as it stood at one version: what a long job reads while events keep coming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from predictive.lake.engine import Engine, files_sql, identifiers, literal, stream
from predictive.lake.files import (
    GROUP_ROWS,
    as_batch,
    is_sorted,
    read_whole_users,
    whole_users,
)
from predictive.lake.layout import (
    ATTRIBUTE_SCHEMA,
    EVENT_ORDER,
    properties_of,
)
from predictive.tables import EventTables, Property

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class LakeSnapshot:
    """Files and columns of the lake at one version.

    Parameters
    ----------
    engine
        How to connect to DuckDB.
    schema
        Columns of the events.
    event_files, attribute_files
        Live files of each bucket that has any.
    events_version, attributes_version
        Versions of the two Delta tables.
    """

    engine: Engine
    schema: pa.Schema
    event_files: Mapping[int, tuple[Path, ...]]
    attribute_files: Mapping[int, tuple[Path, ...]]
    events_version: int
    attributes_version: int

    @property
    def properties(self) -> Mapping[str, Property]:
        """The properties that events have had so far."""
        return properties_of(self.schema)

    def tables(
        self, buckets: Sequence[int] | None = None, as_of: datetime | None = None
    ) -> EventTables:
        """Events and attributes as Ibis tables on a DuckDB connection of their own.

        Parameters
        ----------
        buckets
            Only these buckets; None for all.
        as_of
            Only what was known before this moment, and untimed attributes.
        """
        backend = ibis.duckdb.connect(**self.engine.settings())
        connection = backend.con
        connection.execute(f"CREATE VIEW events AS {self.events_sql(connection, buckets)}")
        connection.execute(f"CREATE VIEW attributes AS {self.attributes_sql(connection, buckets)}")
        events = backend.table("events")
        attributes = backend.table("attributes").drop("received_at")
        if as_of is not None:
            events = events.filter(events.time < as_of)
            attributes = attributes.filter(attributes.time.isnull() | (attributes.time < as_of))
        return EventTables(events, attributes, self.properties)

    def batches(
        self, bucket: int, columns: Sequence[str], before: datetime | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The events of a bucket's users, in batches of whole users.

        Ordered by user, time and event id. A batch has about half a million rows, more only
        where one user has more. Text columns but ``event_id`` are dictionaries with int32
        codes, each batch with dictionaries of its own.

        Parameters
        ----------
        bucket
            Which bucket.
        columns
            Columns wanted, in this order.
        before
            Only events before this moment.
        """
        files = self.event_files.get(bucket, ())
        coded = self.coded(columns)
        if len(files) == 1 and is_sorted(files[0]):
            for batch in read_whole_users(files[0], columns, before, coded):
                yield self._completed(batch, columns, coded)
        elif files:
            yield from self._sorted(files, columns, before, coded)

    def coded(self, columns: Sequence[str]) -> list[str]:
        """Which of the columns are delivered as dictionaries."""
        return [
            name
            for name in columns
            if name != "event_id" and pa.types.is_string(self.schema.field(name).type)
        ]

    def events_sql(
        self, connection: duckdb.DuckDBPyConnection, buckets: Sequence[int] | None = None
    ) -> str:
        """The events as a DuckDB query."""
        return files_sql(connection, _chosen(self.event_files, buckets), self.schema)

    def attributes_sql(
        self, connection: duckdb.DuckDBPyConnection, buckets: Sequence[int] | None = None
    ) -> str:
        """The attributes as a DuckDB query; of facts on one moment, the one that came last."""
        files = _chosen(self.attribute_files, buckets)
        query = files_sql(connection, files, ATTRIBUTE_SCHEMA)
        compacted = len({file.parent for file in files}) == len(files)
        return query if compacted else latest_facts(query)

    def _sorted(
        self,
        files: Sequence[Path],
        columns: Sequence[str],
        before: datetime | None,
        coded: Sequence[str],
    ) -> Iterator[pa.RecordBatch]:
        connection = self.engine.connect()
        needed = dict.fromkeys([*columns, "user_id"])
        query = f"SELECT {identifiers(needed)} FROM ({files_sql(connection, files, self.schema)})"
        if before is not None:
            query += f" WHERE time < TIMESTAMPTZ {literal(before.isoformat())}"
        query += f" ORDER BY {identifiers(EVENT_ORDER)}"
        for table in whole_users(stream(connection, query), GROUP_ROWS):
            yield encoded(as_batch(table.select(list(columns))), coded)

    def _completed(
        self, batch: pa.RecordBatch, columns: Sequence[str], coded: Sequence[str]
    ) -> pa.RecordBatch:
        if batch.schema.names == list(columns):
            return batch
        arrays = [
            batch.column(name)
            if name in batch.schema.names
            else _nulls(self.schema.field(name).type, batch.num_rows, name in coded)
            for name in columns
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def latest_facts(query: str) -> str:
    """Of attributes with the same user, name and time, the one received last."""
    return (
        f"SELECT * FROM ({query}) QUALIFY row_number() OVER ("
        "PARTITION BY user_id, name, time "
        "ORDER BY received_at DESC, text DESC, number DESC, flag DESC) = 1"
    )


def _chosen(files: Mapping[int, tuple[Path, ...]], buckets: Sequence[int] | None) -> list[Path]:
    chosen = files if buckets is None else buckets
    return [file for bucket in chosen for file in files.get(bucket, ())]


def encoded(batch: pa.RecordBatch, coded: Sequence[str]) -> pa.RecordBatch:
    """The batch with some columns as dictionaries with int32 codes."""
    arrays = [
        pc.dictionary_encode(batch.column(name)) if name in coded else batch.column(name)
        for name in batch.schema.names
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _nulls(kind: pa.DataType, rows: int, coded: bool) -> pa.Array:
    return pa.nulls(rows, pa.dictionary(pa.int32(), kind) if coded else kind)
