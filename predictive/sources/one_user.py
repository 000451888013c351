"""One user of a source, as a source: their history is one small read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from predictive.lake.files import as_batch
from predictive.lake.layout import EVENT_ORDER
from predictive.lake.snapshot import encoded
from predictive.sources.counting import counts_by_name
from predictive.tables import EventTables

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from predictive.conditions.vocabulary import Vocabulary
    from predictive.sources.source import EventSource


class OneUser:
    """Everything that a source holds of one user, in one partition.

    Parameters
    ----------
    source
        Where they are.
    user_id
        Who.
    """

    def __init__(self, source: EventSource, user_id: str) -> None:
        self._source, self._user_id = source, user_id

    @property
    def partitions(self) -> Sequence[int]:
        """One partition."""
        return (0,)

    @property
    def version(self) -> str:
        """The state of the whole source."""
        return self._source.version

    def tables(self, partition: int | None = None) -> EventTables:  # noqa: ARG002  (only one)
        """The user's events and attributes."""
        return self._tables

    def ask(
        self,
        question: Callable[[EventTables], ibis.Table],
        partition: int | None = None,  # noqa: ARG002  (only one)
    ) -> Iterator[tuple[int, pa.Table]]:
        """The answer for this user."""
        yield 0, question(self._tables).to_pyarrow()

    def batches(
        self,
        partition: int,  # noqa: ARG002  (only one)
        columns: Sequence[str],
        before: datetime | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The user's events in one batch; none where there are none."""
        events = self._tables.events
        if before is not None:
            events = events.filter(events.time < before)
        chosen = events.select(*dict.fromkeys([*columns, *EVENT_ORDER])).order_by(EVENT_ORDER)
        table = chosen.to_pyarrow().select(list(columns))
        coded = [
            name for name in columns if name != "event_id" and events.schema()[name].is_string()
        ]
        if table.num_rows:
            yield encoded(as_batch(table), coded)

    def partition_of(self, user_id: str) -> int:  # noqa: ARG002  (only one)
        """The one partition."""
        return 0

    def data_end(self) -> datetime:
        """The end of what the source covers."""
        return self._source.data_end()

    def history_start(self) -> datetime:
        """Time of the first event of anybody."""
        return self._source.history_start()

    def event_counts(self, before: datetime) -> Mapping[str, int]:
        """How many events of each name the user has before a moment."""
        return counts_by_name(self._tables.events, before)

    def vocabulary(self) -> Vocabulary:
        """The names that occur in the source."""
        return self._source.vocabulary()

    @property
    def attribute_names(self) -> Sequence[str]:
        """The names of the attributes that occur in the source."""
        return self._source.attribute_names

    @cached_property
    def _tables(self) -> EventTables:
        whole = self._source.tables(self._source.partition_of(self._user_id))
        return EventTables(
            whole.events.filter(whole.events.user_id == self._user_id),
            whole.attributes.filter(whole.attributes.user_id == self._user_id),
            whole.properties,
        )
