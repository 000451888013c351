"""Compaction: each bucket as one sorted file, without a user when one is to be deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.lake.engine import cursor, files_sql, identifiers, literal, stream
from predictive.lake.files import is_sorted
from predictive.lake.layout import ATTRIBUTE_ORDER, EVENT_ORDER
from predictive.lake.parallel import in_parallel
from predictive.lake.snapshot import latest_facts
from predictive.lake.table import BucketedTable
from predictive.lake.writer import BucketWriter
from predictive.progress import Progress

if TYPE_CHECKING:
    import duckdb

    from predictive.lake.lake import Lake


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
    events = _Rewriting(lake.events, EVENT_ORDER, _unchanged, without)
    attributes = _Rewriting(lake.attributes, ATTRIBUTE_ORDER, latest_facts, without)
    return {
        "events": _compact(lake, "events", events, only, progress),
        "attributes": _compact(lake, "attributes", attributes, only, progress),
    }


@dataclass(frozen=True)
class _Rewriting:
    table: BucketedTable
    order: tuple[str, ...]
    chosen: Callable[[str], str]
    without: str | None

    def work(self, only: int | None) -> dict[int, tuple[Path, ...]]:
        """The buckets to rewrite, with their files."""
        return {
            bucket: files
            for bucket, files in self.table.state().files.items()
            if only in (None, bucket) and (self.without is not None or not _in_order(files))
        }

    def rewrite(
        self,
        connection: duckdb.DuckDBPyConnection,
        writer: BucketWriter,
        bucket: int,
        files: tuple[Path, ...],
    ) -> int | None:
        """Write the bucket's rows as one file; how many were left out, None for no change."""
        rows = self.chosen(files_sql(connection, files, writer.schema))
        held = 0
        if self.without is not None:
            user = literal(self.without)
            counted = connection.execute(f"SELECT count(*) FROM ({rows}) WHERE user_id = {user}")
            held = int(counted.fetchall()[0][0])
            if not held:
                return None
            rows = f"SELECT * FROM ({rows}) WHERE user_id <> {user}"
        query = f"SELECT * FROM ({rows}) ORDER BY {identifiers(self.order)}"
        writer.write(bucket, stream(connection, query))
        return held


def _compact(
    lake: Lake, noun: str, rewriting: _Rewriting, only: int | None, progress: Progress
) -> int:
    with (
        BucketWriter(rewriting.table, lake.writing) as writer,
        closing(lake.engine.connect()) as connection,
    ):
        work = rewriting.work(only)
        if not work:
            return 0
        progress.stage(f"Sorting {noun}", total=len(work))

        def one(bucket: int) -> tuple[int, int | None]:
            with closing(cursor(connection)) as own:
                return bucket, rewriting.rewrite(own, writer, bucket, work[bucket])

        removed = 0
        replaced: list[Path] = []
        for bucket, held in in_parallel(one, work, lake.engine.threads):
            progress.advance()
            if held is not None:
                removed += held
                replaced += work[bucket]
        writer.commit(replaced=replaced)
    return removed


def _in_order(files: tuple[Path, ...]) -> bool:
    return len(files) == 1 and is_sorted(files[0])


def _unchanged(query: str) -> str:
    return query
