"""Segments and the snapshots of their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, delete, insert, select, update

from predictive.errors import NotFound
from predictive.store.database import Database
from predictive.store.identifiers import new_id
from predictive.store.insertion import insert_unless
from predictive.store.service_tables import segment_snapshots, segments


@dataclass(frozen=True)
class Segment:
    """A segment as it is now.

    Parameters
    ----------
    id
        Names its files; never used again, unlike the name.
    version
        Of the document, from 1.
    document
        Name, description and conditions, as plain values.
    created_by
        Who made it.
    """

    id: str
    name: str
    version: int
    document: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str


@dataclass(frozen=True)
class SegmentSnapshot:
    """The members of a segment as of a moment.

    Parameters
    ----------
    snapshot_id
        Names the file of members.
    version
        Of the segment's document.
    key
        What the members depend on; the same key, the same members.
    as_of
        The moment that the conditions look back from.
    runs
        Of each prediction asked for, the scoring run.
    users
        How many members.
    """

    snapshot_id: str
    segment_id: str
    version: int
    key: str
    as_of: datetime
    taken_at: datetime
    runs: Mapping[str, str]
    users: int


class Saved(NamedTuple):
    """What `Segments.save` did."""

    segment: Segment
    change: Literal["created", "updated", "unchanged"]


class Segments:
    """The segments of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, document: Mapping[str, Any], *, by: str, at: datetime) -> Saved:
        """Keep a segment: as a new one, or as a new version if it changed."""
        name = str(document["name"])
        first = {
            "id": new_id(),
            "name": name,
            "version": 1,
            "document": dict(document),
            "created_at": at,
            "updated_at": at,
            "created_by": by,
        }
        with self._database.write() as connection:
            if insert_unless(connection, segments, first, taken="name"):
                return Saved(_read(connection, name), "created")
            before = _read(connection, name, lock=True)
            if before.document == document:
                return Saved(before, "unchanged")
            connection.execute(
                update(segments)
                .where(segments.c.id == before.id)
                .values(version=before.version + 1, document=dict(document), updated_at=at)
            )
            return Saved(_read(connection, name), "updated")

    def get(self, name: str) -> Segment:
        """The segment of that name.

        Raises
        ------
        NotFound
            There is none; the nearest name is suggested.
        """
        with self._database.read() as connection:
            return _read(connection, name)

    def list(self, *, after: str = "", limit: int | None = None) -> Sequence[Segment]:
        """Segments by name, those after a name."""
        query = select(segments).where(segments.c.name > after)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(segments.c.name).limit(limit))
            return [Segment(**row._asdict()) for row in rows]

    def delete(self, name: str) -> Sequence[SegmentSnapshot]:
        """Delete a segment; returns its snapshots, whose files are the caller's to delete.

        Raises
        ------
        NotFound
            There is none.
        """
        with self._database.write() as connection:
            segment = _read(connection, name, lock=True)
            snapshots = _snapshots(connection, segment.id)
            connection.execute(delete(segments).where(segments.c.id == segment.id))
        return snapshots

    def add_snapshot(self, snapshot: SegmentSnapshot) -> None:
        """Keep that a snapshot was taken; its file stands already.

        Raises
        ------
        NotFound
            The segment was deleted meanwhile.
        """
        row = {name: getattr(snapshot, name) for name in SegmentSnapshot.__dataclass_fields__}
        with self._database.write() as connection:
            held = select(segments.c.id).where(segments.c.id == snapshot.segment_id)
            if connection.execute(held.with_for_update()).scalar() is None:
                raise NotFound("segment", snapshot.segment_id)
            connection.execute(insert(segment_snapshots).values(row))

    def snapshots(self, segment_id: str) -> Sequence[SegmentSnapshot]:
        """The snapshots of a segment, newest first."""
        with self._database.read() as connection:
            return _snapshots(connection, segment_id)

    def delete_snapshots(self, snapshot_ids: Sequence[str]) -> None:
        """Forget snapshots."""
        with self._database.write() as connection:
            chosen = segment_snapshots.c.snapshot_id.in_(snapshot_ids)
            connection.execute(delete(segment_snapshots).where(chosen))

    def member_left(self, snapshot_id: str) -> None:
        """Count one member less: a user was deleted."""
        with self._database.write() as connection:
            chosen = segment_snapshots.c.snapshot_id == snapshot_id
            fewer = {"users": segment_snapshots.c.users - 1}
            connection.execute(update(segment_snapshots).where(chosen).values(fewer))


def _read(connection: Connection, name: str, *, lock: bool = False) -> Segment:
    query = select(segments).where(segments.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        known = connection.execute(select(segments.c.name)).scalars()
        raise NotFound("segment", name, [str(other) for other in known])
    return Segment(**row._asdict())


def _snapshots(connection: Connection, segment_id: str) -> Sequence[SegmentSnapshot]:
    rows = connection.execute(_of(segment_id).order_by(segment_snapshots.c.number.desc()))
    return [SegmentSnapshot(**row._asdict()) for row in rows]


def _of(segment_id: str) -> Select[Any]:
    columns = [column for column in segment_snapshots.c if column.name != "number"]
    return select(*columns).where(segment_snapshots.c.segment_id == segment_id)
