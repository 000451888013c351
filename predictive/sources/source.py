"""What every source of events can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from predictive.tables import EventTables

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from predictive.conditions.vocabulary import Vocabulary


class EventSource(Protocol):
    """Events and attributes of known users, as they stood when the source was opened.

    Users that the workspace excludes never appear.
    """

    @property
    def partitions(self) -> Sequence[int]:
        """The partitions; a user's rows all stand in one of them."""

    @property
    def version(self) -> str:
        """Names the state of the data, as reports keep it."""

    def tables(self, partition: int | None = None) -> EventTables:
        """Events and attributes of one partition, or of all."""

    def ask(
        self, question: Callable[[EventTables], ibis.Table], partition: int | None = None
    ) -> Iterator[tuple[int, pa.Table]]:
        """The answer of every partition, or of one, to the same question, compiled once.

        ``question`` turns a partition's tables into a query over nothing else.
        """

    def batches(
        self, partition: int, columns: Sequence[str], before: datetime | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Events before a moment in batches of whole users.

        Ordered by user, time and event id. Text columns but ``event_id`` are dictionaries
        with int32 codes; each batch has dictionaries of its own.
        """

    def partition_of(self, user_id: str) -> int:
        """The partition in which the rows of a user stand."""

    def data_end(self) -> datetime:
        """The end of what the data covers, exclusive; InsufficientData without events."""

    def history_start(self) -> datetime:
        """Time of the first event; InsufficientData without events."""

    def event_counts(self, before: datetime) -> Mapping[str, int]:
        """How many events of each name there are before a moment."""

    def vocabulary(self) -> Vocabulary:
        """The names that occur."""

    @property
    def attribute_names(self) -> Sequence[str]:
        """The names of the attributes that occur, sorted."""
