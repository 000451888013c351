"""Compaction: each bucket as one sorted file, without a user when one is to be deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.lake.engine import files_sql, identifiers, literal, stream
from predictive.lake.files import is_sorted, write_sorted
from predictive.lake.layout import ATTRIBUTE_ORDER, EVENT_ORDER
from predictive.lake.snapshot import latest_facts
from predictive.progress import Progress

if TYPE_CHECKING:
    from predictive.lake.engine import Engine
    from predictive.lake.lake import Lake
    from predictive.lake.table import BucketedTable


def compact(
    lake: Lake, progress: Progress, *, only: int | None = None, without: str | None = None
) -> dict[str, int]:
    """Merge each bucket's files into one; the number of rows that went, by kind.

    Parameters
    ----------
    lake
        The lake.
    progress
        Told of every bucket.
    only
        Only this bucket.
    without
        Leave out this user's rows. Buckets that are in order are rewritten then too.
    """
    kinds: Mapping[str, tuple[BucketedTable, tuple[str, ...], Callable[[str], str]]] = {
        "events": (lake.events, EVENT_ORDER, _unchanged),
        "attributes": (lake.attributes, ATTRIBUTE_ORDER, latest_facts),
    }
    removed = dict.fromkeys(kinds, 0)
    with lake.writing:
        for kind, (table, order, chosen) in kinds.items():
            work = {
                bucket: files
                for bucket, files in table.files().items()
                if only in (None, bucket) and (without is not None or not _in_order(files))
            }
            if work:
                progress.stage(f"Sorting {kind}", total=len(work))
            for bucket, files in work.items():
                removed[kind] += _rewrite(lake.engine, table, bucket, files, order, chosen, without)
                progress.advance()
    return removed


def _in_order(files: tuple[Path, ...]) -> bool:
    return len(files) == 1 and is_sorted(files[0])


def _rewrite(
    engine: Engine,
    table: BucketedTable,
    bucket: int,
    files: tuple[Path, ...],
    order: tuple[str, ...],
    chosen: Callable[[str], str],
    without: str | None,
) -> int:
    schema = table.schema()
    with closing(engine.connect()) as connection:
        rows = chosen(files_sql(connection, files, schema))
        held = 0
        if without is not None:
            user = literal(without)
            counted = connection.execute(f"SELECT count(*) FROM ({rows}) WHERE user_id = {user}")
            held = int(counted.fetchall()[0][0])
            if not held:
                return 0
            rows = f"SELECT * FROM ({rows}) WHERE user_id <> {user}"
        query = f"SELECT * FROM ({rows}) ORDER BY {identifiers(order)}"
        written = write_sorted(table.new_file(bucket), stream(connection, query), schema)
    table.commit([written] if written else [], files)
    return held


def _unchanged(query: str) -> str:
    return query
