"""The event lake of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from predictive.errors import InsufficientData, InvalidInput
from predictive.lake.append import append_attributes, append_events
from predictive.lake.compaction import TAIL_FILES, compact
from predictive.lake.coverage import Coverage, read_coverage, write_coverage
from predictive.lake.engine import Engine
from predictive.lake.layout import ATTRIBUTE_SCHEMA, EVENT_SCHEMA, bucket_of
from predictive.lake.lock import WriterLock
from predictive.lake.scores import ScoreArchive
from predictive.lake.snapshot import LakeSnapshot
from predictive.lake.statistics import Statistics, statistics
from predictive.lake.table import BucketedTable
from predictive.lake.writer import BucketWriter
from predictive.progress import NoProgress, Progress
from predictive.tables import EventTables, Property

#: How long files that a compaction replaced stay readable for jobs that began before it.
RETENTION = timedelta(days=7)


class Lake:
    """Events and timed attributes as Delta tables, and the archives of scoring runs.

    Parameters
    ----------
    path
        Folder of the lake.
    buckets
        Number of partitions by user; fixed once the lake is made.
    memory_mib
        Memory limit of one DuckDB connection, in MiB.
    threads
        Threads of one DuckDB connection; None for every core.
    """

    def __init__(
        self, path: Path, buckets: int, *, memory_mib: int = 1536, threads: int | None = None
    ) -> None:
        self.path, self.buckets = Path(path), buckets
        self.events = BucketedTable(self.path / "events", EVENT_SCHEMA)
        self.attributes = BucketedTable(self.path / "attributes", ATTRIBUTE_SCHEMA)
        self.scores = ScoreArchive(self.path / "scores")
        self.engine = Engine(self.path / "spill", memory_mib, threads)
        self.writing = WriterLock(self.path / "writer.lock")

    def create(self) -> None:
        """Make an empty lake, unless there is one."""
        for folder in (self.path, self.scores.folder, self.staging):
            folder.mkdir(parents=True, exist_ok=True)
        with self.writing:
            self.events.create()
            self.attributes.create()

    @property
    def staging(self) -> Path:
        """Folder for the unfinished work of imports."""
        return self.path / "staging"

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self.events.state().version + self.attributes.state().version

    @property
    def properties(self) -> Mapping[str, Property]:
        """The properties that events have had so far."""
        return self.snapshot().properties

    def snapshot(self) -> LakeSnapshot:
        """The lake as it stands now, to be read while it changes."""
        events, attributes = self.events.state(), self.attributes.state()
        return LakeSnapshot(
            self.engine,
            events.schema,
            events.files,
            attributes.files,
            events.version,
            attributes.version,
        )

    def tables(
        self, buckets: Sequence[int] | None = None, as_of: datetime | None = None
    ) -> EventTables:
        """Events and attributes as Ibis tables; see `LakeSnapshot.tables`."""
        return self.snapshot().tables(buckets, as_of)

    def batches(
        self, bucket: int, columns: Sequence[str], before: datetime | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Events in batches of whole users; see `LakeSnapshot.batches`."""
        return self.snapshot().batches(bucket, columns, before)

    def statistics(self, snapshot: LakeSnapshot | None = None) -> Statistics:
        """Event names, counts and times, counted once per version."""
        return statistics(
            snapshot or self.snapshot(), self.coverage.timezone, self.path / "statistics.json"
        )

    def event_writer(self) -> BucketWriter:
        """For importers: writes sorted files of events and commits them together."""
        return BucketWriter(self.events, self.writing)

    def attribute_writer(self) -> BucketWriter:
        """For importers: writes sorted files of attributes and commits them together."""
        return BucketWriter(self.attributes, self.writing)

    def append_events(self, table: pa.Table, transaction: tuple[str, int] | None = None) -> int:
        """Add events, leaving out those that are there already; how many were new.

        Parameters
        ----------
        table
            Columns of the lake, ``property_…`` columns among them; those left out are null.
        transaction
            Application id and version: a replay of the same or an older one does nothing.

        Raises
        ------
        InvalidInput
            An unknown column, a null in a column that must have values, or a property of
            another type than it had before.
        """
        return append_events(self, table, transaction)

    def append_attributes(self, table: pa.Table, transaction: tuple[str, int] | None = None) -> int:
        """Add attributes; of facts with the same user, name and time the newest counts."""
        return append_attributes(self, table, transaction)

    def compact(self, progress: Progress | None = None, *, overdue: bool = False) -> None:
        """Merge the files of each bucket into one, sorted, and delete long dead ones.

        Parameters
        ----------
        progress
            Told of every bucket.
        overdue
            Only buckets behind whose sorted file many small ones have gathered, as after
            each import; the others are read just as well, a little slower.
        """
        compact(self, progress or NoProgress(), overdue=overdue)
        self.vacuum()

    def is_overdue(self) -> bool:
        """Whether many small files have gathered in a bucket, so that it should be compacted."""
        tables = (self.events.state(), self.attributes.state())
        return any(len(files) > TAIL_FILES for table in tables for files in table.files.values())

    def vacuum(self, retention: timedelta = RETENTION) -> int:
        """Delete files that have been dead for longer than ``retention``; how many."""
        with self.writing:
            return self.events.vacuum(retention) + self.attributes.vacuum(retention)

    def delete_user(self, user_id: str) -> dict[str, int]:
        """Remove a user's rows, in history files too; how many were removed of each kind.

        Versions of the lake before the deletion can no longer be read where they shared the
        user's bucket.
        """
        bucket = bucket_of(user_id, self.buckets)
        with self.writing:
            removed = compact(self, NoProgress(), only=bucket, without=user_id)
            self.events.purge(bucket)
            self.attributes.purge(bucket)
            removed["scores"] = self.scores.delete_user(user_id)
        return removed

    @property
    def coverage(self) -> Coverage:
        """What imports told about the time that the data covers."""
        return read_coverage(self._coverage_path)

    def set_complete_through(self, moment: datetime | None, *, timezone: str | None = None) -> None:
        """Keep up to when the data is complete, and the zone whose midnights are dates.

        Parameters
        ----------
        moment
            End of what the data covers, exclusive; None keeps what was told before.
        timezone
            The zone that naive times in files are read in; None keeps the present one.

        Raises
        ------
        InvalidInput
            The moment is not after the first event.
        """
        with self.writing:
            known, figures = self.coverage, self.statistics()
            if moment is not None and figures.first is not None and moment <= figures.first:
                raise InvalidInput(
                    "complete_through",
                    moment.isoformat(),
                    f"a moment after the first event ({figures.first.isoformat()})",
                )
            write_coverage(
                self._coverage_path,
                Coverage(
                    moment or known.complete_through,
                    figures.last if moment else known.latest_then,
                    timezone or known.timezone,
                ),
            )

    def data_end(self, snapshot: LakeSnapshot | None = None) -> datetime:
        """The end of what the data covers, exclusive.

        Raises
        ------
        InsufficientData
            The lake holds no event.
        """
        figures = self.statistics(snapshot)
        if figures.last is None:
            raise no_events()
        return self.coverage.end(figures.last, figures.only_midnights)

    def archive_scores(self, run_id: str, batches: Iterable[pa.RecordBatch]) -> int:
        """Keep the scores of a run in one file, whole or not at all; how many there were."""
        return self.scores.write(run_id, batches)

    def read_scores(self, run_id: str) -> Iterator[pa.RecordBatch]:
        """The archived scores of a run, in batches."""
        return self.scores.read(run_id)

    @property
    def _coverage_path(self) -> Path:
        return self.path / "coverage.json"


def no_events() -> InsufficientData:
    """The error of a lake or source without a single event."""
    return InsufficientData(
        "events", 0, "at least one event", "Import some: predictive import events FILE."
    )
