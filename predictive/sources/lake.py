"""The lake as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from predictive.lake.lake import Lake, no_events
from predictive.lake.layout import bucket_of
from predictive.lake.statistics import Statistics
from predictive.sources.counting import counts_by_name
from predictive.sources.exclusion import Exclusion
from predictive.tables import EventTables

if TYPE_CHECKING:
    from predictive.conditions.vocabulary import Vocabulary

#: Buckets are asked together up to so many bytes of events.
_PARTITION_BYTES = 8 << 20


class LakeSource:
    """The lake as it stood when the source was opened.

    Parameters
    ----------
    lake
        The lake.
    exclusion
        Users to leave out.
    """

    def __init__(self, lake: Lake, exclusion: Exclusion | None = None) -> None:
        self._lake = lake
        self._snapshot = lake.snapshot()
        self._exclusion = exclusion or Exclusion()
        self._compiled: dict[Callable[[EventTables], ibis.Table], str] = {}

    @property
    def partitions(self) -> Sequence[int]:
        """Groups of buckets: each costs a query, so that small ones are asked together."""
        return range(len(self._groups))

    @property
    def version(self) -> str:
        """Versions of the two Delta tables."""
        events, attributes = self._snapshot.events_version, self._snapshot.attributes_version
        return f"lake:events={events},attributes={attributes}"

    def tables(self, partition: int | None = None) -> EventTables:
        """Events and attributes of one partition, or of all, in DuckDB."""
        buckets = None if partition is None else self._groups[partition]
        return self._exclusion.tables(self._snapshot.tables(buckets))

    def ask(
        self, question: Callable[[EventTables], ibis.Table], partition: int | None = None
    ) -> Iterator[tuple[int, pa.Table]]:
        """The answer of every partition, or of one, to the same question.

        Each partition's views have the same names, so that one compiled query serves them
        all: compiling takes longer than a small partition's answer.
        """
        for each in self.partitions if partition is None else (partition,):
            tables = self.tables(each)
            if question not in self._compiled:
                self._compiled[question] = str(ibis.to_sql(question(tables), dialect="duckdb"))
            query = self._compiled[question]
            yield each, tables.events.get_backend().con.sql(query).to_arrow_table()

    def batches(
        self, partition: int, columns: Sequence[str], before: datetime | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Events of a partition in batches of whole users; see `LakeSnapshot.batches`."""
        wanted = columns if not self._exclusion else list(dict.fromkeys([*columns, "user_id"]))
        for bucket in self._groups[partition]:
            for batch in self._exclusion.batches(self._snapshot.batches(bucket, wanted, before)):
                yield batch if wanted is columns else batch.select(list(columns))

    def partition_of(self, user_id: str) -> int:
        """The group that the user's bucket is in."""
        bucket = bucket_of(user_id, self._lake.buckets)
        return next(index for index, group in enumerate(self._groups) if bucket in group)

    def data_end(self) -> datetime:
        """The end of what the lake covers, exclusive."""
        return self._lake.data_end(self._snapshot)

    def history_start(self) -> datetime:
        """Time of the first event."""
        if self._statistics.first is None:
            raise no_events()
        return self._statistics.first

    def event_counts(self, before: datetime) -> Mapping[str, int]:
        """How many events of each name there are before a moment."""
        return counts_by_name(self.tables().events, before)

    def vocabulary(self) -> Vocabulary:
        """The names that occur."""
        from predictive.conditions.vocabulary import Vocabulary  # noqa: PLC0415  (a layer above)

        return Vocabulary(
            frozenset(self._statistics.events),
            self._snapshot.properties,
            frozenset(self._statistics.attributes),
        )

    @property
    def attribute_names(self) -> Sequence[str]:
        """The names of the attributes that occur, sorted."""
        return sorted(self._statistics.attributes)

    @cached_property
    def _groups(self) -> Sequence[Sequence[int]]:
        groups: list[list[int]] = [[]]
        size = 0
        for bucket in range(self._lake.buckets):
            if size >= _PARTITION_BYTES:
                groups.append([])
                size = 0
            groups[-1].append(bucket)
            files = self._snapshot.event_files.get(bucket, ())
            size += sum(file.stat().st_size for file in files)
        return groups

    @cached_property
    def _statistics(self) -> Statistics:
        return self._lake.statistics(self._snapshot)
