"""Tables that exist already, read in place through Ibis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from predictive.lake.files import GROUP_ROWS, as_batch, whole_users
from predictive.lake.lake import no_events
from predictive.lake.layout import EVENT_ORDER
from predictive.lake.snapshot import encoded
from predictive.sources.connection import connect, rows
from predictive.sources.counting import counts_by_name
from predictive.sources.exclusion import Exclusion
from predictive.sources.mapping import attributes_table, events_table, properties_of_table
from predictive.tables import EventTables

if TYPE_CHECKING:
    from predictive.conditions.vocabulary import Vocabulary
    from predictive.configuration import SourceConfig

_BATCH_ROWS = 1 << 16


class WarehouseSource:
    """A customer's own tables as one partition.

    Conditions run inside the engine; the events of whole users come out of it ordered. The
    tables are read as they are at each call: unlike the lake, they keep no versions.

    Parameters
    ----------
    config
        Connection URL, tables and columns.
    exclusion
        Users to leave out.
    now
        The present, by which times in the future are known; the clock's when None.

    Raises
    ------
    InvalidInput
        The connection fails, or a table or column is missing or of a wrong type.
    """

    def __init__(
        self,
        config: SourceConfig,
        exclusion: Exclusion | None = None,
        now: datetime | None = None,
    ) -> None:
        backend = connect(config.url)
        events = events_table(backend, config.events, now or datetime.now(UTC))
        self._tables = (exclusion or Exclusion()).tables(
            EventTables(
                events,
                attributes_table(backend, config.attributes, events),
                properties_of_table(backend, config.events),
            )
        )

    @property
    def partitions(self) -> Sequence[int]:
        """One partition."""
        return (0,)

    @property
    def version(self) -> str:
        """Rows and time of the latest event when the source was opened."""
        figures = self._figures
        return f"warehouse:rows={figures['rows']},last={figures['last']}"

    def tables(self, partition: int | None = None) -> EventTables:  # noqa: ARG002  (only one)
        """Events and attributes in the warehouse."""
        return self._tables

    def ask(
        self,
        question: Callable[[EventTables], ibis.Table],
        partition: int | None = None,  # noqa: ARG002  (only one)
    ) -> Iterator[tuple[int, pa.Table]]:
        """The answer of the whole warehouse."""
        yield 0, question(self._tables).to_pyarrow()

    def batches(
        self,
        partition: int,  # noqa: ARG002  (only one)
        columns: Sequence[str],
        before: datetime | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Events in batches of whole users, sorted by the warehouse."""
        events = self._tables.events
        if before is not None:
            events = events.filter(events.time < before)
        chosen = events.select(*dict.fromkeys([*columns, *EVENT_ORDER])).order_by(EVENT_ORDER)
        coded = [
            name for name in columns if name != "event_id" and events.schema()[name].is_string()
        ]
        for table in whole_users(rows(chosen, _BATCH_ROWS), GROUP_ROWS):
            yield encoded(as_batch(table.select(list(columns))), coded)

    def partition_of(self, user_id: str) -> int:  # noqa: ARG002  (only one)
        """The one partition."""
        return 0

    def data_end(self) -> datetime:
        """Just after the latest event, or the next midnight where all times are midnights."""
        last = self._time("last")
        if self._figures["only_midnights"]:
            return last + timedelta(days=1)
        return last + timedelta(microseconds=1)

    def history_start(self) -> datetime:
        """Time of the first event."""
        return self._time("first")

    def event_counts(self, before: datetime) -> Mapping[str, int]:
        """How many events of each name there are before a moment."""
        return counts_by_name(self._tables.events, before)

    def vocabulary(self) -> Vocabulary:
        """The names that occur."""
        from predictive.conditions.vocabulary import Vocabulary  # noqa: PLC0415  (a layer above)

        names = self._tables.events.select("name").distinct().to_pyarrow()["name"].to_pylist()
        return Vocabulary(
            frozenset(names), self._tables.properties, frozenset(self.attribute_names)
        )

    @property
    def attribute_names(self) -> Sequence[str]:
        """The names of the attributes that occur, sorted."""
        names = self._tables.attributes.select("name").distinct().to_pyarrow()["name"]
        return sorted(names.to_pylist())

    def _time(self, name: str) -> datetime:
        moment: datetime | None = self._figures[name]
        if moment is None:
            raise no_events()
        return moment.astimezone(UTC)

    @cached_property
    def _figures(self) -> dict[str, Any]:
        events = self._tables.events
        asked = events.aggregate(
            rows=events.count(),
            first=events.time.min(),
            last=events.time.max(),
            only_midnights=(events.time == events.time.truncate("D")).all(),
        )
        row: dict[str, Any] = asked.to_pyarrow().to_pylist()[0]
        return row
