"""Test users and bots, left out wherever events are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from predictive.tables import EventTables


@dataclass(frozen=True)
class Exclusion:
    """Which users are left out.

    Parameters
    ----------
    users
        Their ids.
    prefixes
        What their ids begin with.
    """

    users: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.users or self.prefixes)

    def tables(self, tables: EventTables) -> EventTables:
        """The tables without these users."""
        if not self:
            return tables
        return EventTables(
            self._kept(tables.events), self._kept(tables.attributes), tables.properties
        )

    def batches(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, which have a column ``user_id``, without these users."""
        if not self:
            yield from batches
            return
        for batch in batches:
            kept = batch.filter(self._mask(batch.column("user_id")))
            if kept.num_rows:
                yield kept

    def _kept(self, table: ibis.Table) -> ibis.Table:
        if self.users:
            table = table.filter(table.user_id.notin(self.users))
        for prefix in self.prefixes:
            table = table.filter(~table.user_id.startswith(prefix))
        return table

    def _mask(self, users: pa.DictionaryArray) -> pa.Array:
        # Asked once for each user of the batch, not for each event.
        names = users.dictionary
        kept = pc.invert(pc.is_in(names, pa.array(self.users, names.type)))
        for prefix in self.prefixes:
            kept = pc.and_not(kept, pc.starts_with(names, prefix))
        return kept.take(users.indices)
