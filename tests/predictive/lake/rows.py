"""Events and attributes as tables, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from predictive.lake import Lake
from predictive.lake.layout import ATTRIBUTE_SCHEMA, EVENT_SCHEMA

START = datetime(2024, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def events(rows: Iterable[Mapping[str, Any]], properties: Sequence[pa.Field] = ()) -> pa.Table:
    """Rows as a table of events: ``name`` and ``time`` have defaults, ids are counted."""
    full = [
        {"event_id": f"e{i}", "name": "purchase", "time": START, **row}
        for i, row in enumerate(rows)
    ]
    fields = [field for field in EVENT_SCHEMA if field.name != "received_at"]
    return pa.Table.from_pylist(full, schema=pa.schema([*fields, *properties]))


def attributes(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    fields = [field for field in ATTRIBUTE_SCHEMA if field.name != "received_at"]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))


def read(lake: Lake, columns: Sequence[str], before: datetime | None = None) -> list[list[dict]]:
    """All batches of all buckets as lists of rows."""
    snapshot = lake.snapshot()
    return [
        batch.to_pylist()
        for bucket in range(lake.buckets)
        for batch in snapshot.batches(bucket, columns, before)
    ]
