"""Last step of an import: bucket by bucket, what is new goes to the lake, in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from predictive.imports.orders import ORDER_PROPERTIES, orders_sql
from predictive.imports.properties import property_values
from predictive.imports.settling import Settled
from predictive.lake.append import new_to, once
from predictive.lake.engine import cursor, files_sql, identifier, identifiers, literal, stream
from predictive.lake.layout import EVENT_ORDER, EVENT_SCHEMA, schema_with
from predictive.lake.parallel import in_parallel
from predictive.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from predictive.lake import Lake

_STAGED = [name for name in EVENT_SCHEMA.names if name not in ("event_id", "received_at")]


@dataclass
class Loaded:
    """What was added, of one bucket or of all.

    Parameters
    ----------
    events
        Events found in the files, orders as one.
    imported
        Those that were added.
    unpaid, refunds
        Among these, amounts of 0 and negative ones.
    """

    events: int = 0
    imported: int = 0
    unpaid: int = 0
    refunds: int = 0

    @property
    def duplicates(self) -> int:
        """Events that were there already."""
        return self.events - self.imported

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(*(sum(pair) for pair in zip(astuple(self), astuple(other), strict=True)))

    def counting(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, counted as they pass."""
        for batch in batches:
            amounts = batch["amount"]
            self.imported += batch.num_rows
            self.unpaid += pc.sum(pc.equal(amounts, 0.0)).as_py() or 0
            self.refunds += pc.sum(pc.less(amounts, 0.0)).as_py() or 0
            yield batch


def load(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    settled: Settled,
    *,
    given_ids: bool,
    grouped: bool,
    now: datetime,
    progress: Progress,
) -> Loaded:
    """Add the settled rows that the lake does not have.

    Parameters
    ----------
    connection
        DuckDB.
    lake
        The lake.
    settled
        The rows.
    given_ids
        Whether the rows' ids were given, or are hashes of the rows.
    grouped
        Whether rows with the same order id become one event.
    now
        When the events were received.
    progress
        Advanced by each bucket.
    """
    new = schema_with({**settled.types, **(ORDER_PROPERTIES if grouped else {})})
    with lake.event_writer() as writer:
        writer.extend(new)
        there = lake.events.state().files

        def add(bucket: int) -> Loaded:
            found = Loaded()
            with closing(cursor(connection)) as own:
                events = _events(settled, bucket, given_ids=given_ids)
                if grouped:
                    found.events, events = _as_orders(own, events, settled)
                rows = stream(own, _new_rows(own, events, there.get(bucket, ()), now))
                writer.write(bucket, found.counting(rows))
            return found

        buckets = settled.staging.buckets()
        progress.stage("Sorting", total=len(buckets))
        loaded = Loaded()
        for found in in_parallel(add, buckets, lake.engine.threads):
            loaded = loaded + found
            progress.advance()
        writer.commit()
    return loaded if grouped else replace(loaded, events=settled.rows)


def _events(settled: Settled, bucket: int, *, given_ids: bool) -> str:
    """A bucket's rows as events, each id once."""
    values = "".join(
        f", {sql} AS {identifier(column)}"
        for column, sql in property_values(settled.names, settled.types).items()
    )
    rows = f"SELECT * FROM ({settled.staging.rows(bucket)}) WHERE ({settled.problem}) IS NULL"
    if given_ids:
        return once(f"SELECT event_id, {identifiers(_STAGED)}{values} FROM ({rows})")
    # The second of two identical rows gets another id, in every file the same one.
    numbered = f"SELECT *, row_number() OVER (PARTITION BY file, event_id) AS ordinal FROM ({rows})"
    events = (
        "SELECT CASE WHEN ordinal > 1 THEN concat(event_id, '-', ordinal) ELSE event_id END "
        f"AS event_id, {identifiers(_STAGED)}{values} FROM ({numbered})"
    )
    return events if settled.files == 1 else once(events)


def _as_orders(
    connection: duckdb.DuckDBPyConnection, lines: str, settled: Settled
) -> tuple[int, str]:
    """The orders of a bucket: how many, and a query for them."""
    properties = list(property_values(settled.names, settled.types))
    connection.execute(f"CREATE TEMP TABLE orders AS {orders_sql(lines, properties)}").fetchall()
    count = connection.execute("SELECT count(*) FROM orders").fetchall()[0][0]
    return int(count), "SELECT * FROM orders"


def _new_rows(
    connection: duckdb.DuckDBPyConnection,
    events: str,
    there: Sequence[Path],
    now: datetime,
) -> str:
    """The events that the lake's files do not have, sorted."""
    known = files_sql(connection, there, EVENT_SCHEMA)
    new = new_to(events, known) if there else events
    return (
        f"SELECT * FROM (SELECT *, TIMESTAMPTZ {literal(now.isoformat())} AS received_at "
        f"FROM ({new})) ORDER BY {identifiers(EVENT_ORDER)}"
    )
