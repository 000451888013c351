"""Compaction: each bucket as one sorted file, without a user when one is to be deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


#: A bucket is merged when so many small files have gathered behind its sorted one, or when they
#: hold this share of its bytes: a day's import then costs as much as the day, not the history.
TAIL_FILES, _TAIL_SHARE = 8, 0.1


def compact(
    lake: Lake,
    progress: Progress,
    *,
    only: int | None = None,
    without: str | None = None,
    overdue: bool = False,
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
    overdue
        Only buckets behind whose sorted file many small ones have gathered.
    """
    events = _Rewriting(lake.events, EVENT_ORDER, _unchanged, without, overdue)
    attributes = _Rewriting(lake.attributes, ATTRIBUTE_ORDER, latest_facts, without, overdue)
    return {
        "events": _compact(lake, "events", events, only, progress),
        "attributes": _compact(lake, "attributes", attributes, only, progress),
    }


def tail_is_long(files: Sequence[Path]) -> bool:
    """Whether a bucket's files, oldest first, should be merged into one by now."""
    if len(files) <= 1:
        return not _in_order(files)
    if len(files) > TAIL_FILES:
        return True
    sizes = [file.stat().st_size for file in files]
    return sum(sizes) - max(sizes) > _TAIL_SHARE * max(sizes)


@dataclass(frozen=True)
class _Rewriting:
    table: BucketedTable
    order: tuple[str, ...]
    chosen: Callable[[str], str]
    without: str | None
    overdue: bool

    def work(self, only: int | None) -> dict[int, tuple[Path, ...]]:
        """The buckets to rewrite, with their files."""
        return {
            bucket: files
            for bucket, files in self.table.state().files.items()
            if only in (None, bucket) and self._wanted(files)
        }

    def _wanted(self, files: tuple[Path, ...]) -> bool:
        if self.without is not None:
            return True
        return tail_is_long(files) if self.overdue else not _in_order(files)

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
    with BucketWriter(rewriting.table, lake.writing) as writer:
        work = rewriting.work(only)
        if not work:
            return 0
        progress.stage(f"Sorting {noun}", total=len(work))
        removed = 0
        replaced: list[Path] = []
        for bucket, held in _rewritten(lake, rewriting, writer, work):
            progress.advance()
            if held is not None:
                removed += held
                replaced += work[bucket]
        writer.commit(replaced=replaced)
    return removed


def _rewritten(
    lake: Lake,
    rewriting: _Rewriting,
    writer: BucketWriter,
    work: Mapping[int, tuple[Path, ...]],
) -> Iterator[tuple[int, int | None]]:
    """Each bucket of the work once it is written, with what `_Rewriting.rewrite` tells."""
    with closing(lake.engine.connect()) as connection:

        def one(bucket: int) -> tuple[int, int | None]:
            with closing(cursor(connection)) as own:
                return bucket, rewriting.rewrite(own, writer, bucket, work[bucket])

        yield from in_parallel(one, work, lake.engine.threads)


def _in_order(files: Sequence[Path]) -> bool:
    return len(files) == 1 and is_sorted(files[0])


def _unchanged(query: str) -> str:
    return query
