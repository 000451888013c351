"""What is replayed: one file of events for the time before, and one a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from predictive.configuration import DEFAULT_BUCKETS
from predictive.errors import InvalidInput
from predictive.imports.columns import EventColumns
from predictive.lake.engine import identifier, literal
from predictive.lake.layout import TIMESTAMP

if TYPE_CHECKING:
    from predictive.lake.snapshot import LakeSnapshot
    from predictive.replay.shop import SyntheticShop
    from predictive.workspace import Workspace

_HISTORY = "history"
#: Events before the first day that is replayed, unless told otherwise: enough to train on.
USUAL_HISTORY = timedelta(days=120)
#: Columns of the lake under names that no property has.
_BASE = (
    "event_id", "user_id", "name", "time", "amount", "quantity", "currency", "product_id",
    "order_id",
)  # fmt: skip
_BASE_ALIAS = "replayed:"
_BUCKET_BYTES = 64 << 20


@dataclass(frozen=True)
class Recording:
    """Files to be imported one after another.

    Parameters
    ----------
    folder
        Where they stand: ``history.parquet`` and ``YYYY-MM-DD.parquet``; a day on which
        nothing happened has none.
    columns
        How they are read.
    start, end
        The first day that is replayed, and the day after the last one, in UTC.
    attributes
        Rows for `Lake.append_attributes`, without ``received_at``; None for none.
    synthetic
        Whether it is known when something is wrong in it, and when nothing is.
    """

    folder: Path
    columns: EventColumns
    start: date
    end: date
    attributes: pa.Table | None = None
    synthetic: bool = False

    @property
    def buckets(self) -> int:
        """Buckets of a lake for it: each costs an import its own small files and queries."""
        size = sum(file.stat().st_size for file in self.folder.glob("*.parquet"))
        return min(DEFAULT_BUCKETS, 1 + size // _BUCKET_BYTES)

    @property
    def days(self) -> int:
        """How many days are replayed."""
        return (self.end - self.start).days

    def dates(self) -> Iterator[date]:
        """The days that are replayed."""
        return (self.start + timedelta(days=number) for number in range(self.days))

    def history(self) -> Path | None:
        """The events before the first day; None when there are none."""
        return _existing(self.folder / f"{_HISTORY}.parquet")

    def events(self, day: date) -> Path | None:
        """The events of a day; None when there are none."""
        return _existing(self.folder / f"{day}.parquet")

    def facts(self, day: date | None) -> pa.Table | None:
        """The attributes that became known on a day, or before the first one; None for none."""
        if self.attributes is None:
            return None
        times = self.attributes["time"]
        if day is None:
            known = pc.or_kleene(pc.is_null(times), pc.less(times, pa.scalar(midnight(self.start))))
        else:
            since = pc.greater_equal(times, pa.scalar(midnight(day)))
            until = pc.less(times, pa.scalar(midnight(day) + timedelta(days=1)))
            known = pc.and_(since, until)
        found = self.attributes.filter(known)
        return found if found.num_rows else None


def midnight(day: date) -> datetime:
    """The beginning of a day."""
    return datetime.combine(day, time(), UTC)


def record_shop(shop: SyntheticShop, folder: Path, start: date) -> Recording:
    """Write a synthetic shop's events down.

    Parameters
    ----------
    shop
        The shop.
    folder
        An empty folder.
    start
        The first day that is replayed.
    """
    from predictive.replay.rows import SCHEMA  # noqa: PLC0415
    from predictive.replay.shop import SHOP_COLUMNS  # noqa: PLC0415

    end = shop.first_day + timedelta(days=shop.days)
    with pq.ParquetWriter(folder / f"{_HISTORY}.parquet", SCHEMA) as history:
        for day, table in shop.tables():
            if day < start:
                history.write_table(table)
            else:
                pq.write_table(table, folder / f"{day}.parquet")
    return Recording(folder, SHOP_COLUMNS, start, end, synthetic=True)


def record_lake(
    workspace: Workspace,
    folder: Path,
    *,
    start: date | None = None,
    days: int | None = None,
) -> Recording:
    """Write the events of another workspace's lake down, as they came day by day.

    Parameters
    ----------
    workspace
        The other workspace.
    folder
        An empty folder.
    start
        The first day that is replayed; by default 120 days after the first event (halfway,
        where the data is short), or ``days`` before the end where that is later.
    days
        How many days are replayed; by default, up to the end of the data.

    Raises
    ------
    InsufficientData
        The lake holds no event.
    InvalidInput
        The first day is not within the data.
    """
    snapshot = workspace.lake.snapshot()
    end = workspace.lake.data_end(snapshot).date()
    first = workspace.lake.statistics(snapshot).first
    assert first is not None, "a lake with an end has a beginning"
    begin = start or _usual_start(first.date(), end, days)
    if not first.date() < begin < end:
        raise InvalidInput(
            "from", str(begin), f"a day after {first.date()} and before {end}, as the data is"
        )
    until = end if days is None else min(end, begin + timedelta(days=days))
    _write_days(snapshot, folder, begin, until)
    attributes = _attributes(snapshot, until)
    return Recording(folder, _columns(), begin, until, attributes)


def _usual_start(first: date, end: date, days: int | None) -> date:
    earliest = first + min(USUAL_HISTORY, (end - first) / 2)
    return earliest if days is None else max(earliest, end - timedelta(days=days))


def _columns() -> EventColumns:
    named = {name: _BASE_ALIAS + name for name in _BASE}
    return EventColumns(
        named["user_id"],
        named["time"],
        named["name"],
        amount=named["amount"],
        quantity=named["quantity"],
        currency=named["currency"],
        product=named["product_id"],
        order=named["order_id"],
        id=named["event_id"],
        properties="all",
    )


def _write_days(snapshot: LakeSnapshot, folder: Path, start: date, end: date) -> None:
    """One file for what was before ``start`` and one for each day up to ``end``."""
    base = ", ".join(f"{name} AS {identifier(_BASE_ALIAS + name)}" for name in _BASE)
    properties = "".join(
        f", {identifier(found.column)} AS {identifier(name)}"
        for name, found in snapshot.properties.items()
    )
    with closing(snapshot.engine.connect()) as connection:
        events = snapshot.events_sql(connection)
        part = (
            f"CASE WHEN time < TIMESTAMPTZ {literal(midnight(start).isoformat())} "
            f"THEN {literal(_HISTORY)} ELSE CAST(CAST(time AS DATE) AS VARCHAR) END"
        )
        query = (
            f"SELECT {base}{properties}, {part} AS replayed_on FROM ({events}) "
            f"WHERE time < TIMESTAMPTZ {literal(midnight(end).isoformat())}"
        )
        parts = folder / "parts"
        connection.execute(
            f"COPY ({query}) TO {literal(str(parts))} (FORMAT parquet, PARTITION_BY (replayed_on))"
        ).fetchall()
        for found in sorted(parts.iterdir()):
            name = found.name.removeprefix("replayed_on=")
            target = literal(str(folder / f"{name}.parquet"))
            files = literal(str(found / "*.parquet"))
            ordered = f"SELECT * FROM read_parquet({files}, hive_partitioning=false) ORDER BY "
            moment = identifier(_BASE_ALIAS + "time")
            connection.execute(f"COPY ({ordered}{moment}) TO {target} (FORMAT parquet)").fetchall()


def _attributes(snapshot: LakeSnapshot, end: date) -> pa.Table | None:
    with closing(snapshot.engine.connect()) as connection:
        query = (
            "SELECT user_id, name, time, number, text, flag "
            f"FROM ({snapshot.attributes_sql(connection)}) WHERE time IS NULL "
            f"OR time < TIMESTAMPTZ {literal(midnight(end).isoformat())}"
        )
        table = connection.sql(query).to_arrow_table()
    if not table.num_rows:
        return None
    return table.set_column(2, "time", table["time"].cast(TIMESTAMP))


def _existing(file: Path) -> Path | None:
    return file if file.exists() else None
