"""Who entered a segment and who left it: the difference of two snapshots, taken once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from predictive.cursors import encode, names_of
from predictive.errors import InvalidInput
from predictive.segments.membership import members_after, write_difference
from predictive.segments.service import of_snapshot
from predictive.segments.snapshots import KEPT, current_snapshot, difference_file, members_file
from predictive.segments.walking import kept_snapshot
from predictive.store.segments import Segment, SegmentSnapshot

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def changes(
    workspace: Workspace,
    name: str,
    *,
    since: datetime,
    limit: int,
    now: datetime,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Who entered and who left since a moment.

    Compared is the last snapshot taken at or before ``since``, or the first one there is; the
    answer says which.

    Parameters
    ----------
    limit
        Users told by id of either kind; their numbers are always whole.
    cursor
        None for the first page, then ``next_cursor`` of the page before; all pages compare the
        same two snapshots.

    Raises
    ------
    InvalidInput
        ``since`` lies in the future or longer ago than snapshots are kept, or the cursor is none.
    Conflict
        A snapshot of the cursor is no longer kept.
    """
    if not now - KEPT <= since <= now:
        allowed = f"a moment of the last {KEPT.days} days"
        raise InvalidInput("since", since.isoformat(), allowed)
    segment = workspace.store.segments.get(name)
    if cursor is None:
        snapshot = current_snapshot(workspace, segment, now)
        before = _snapshot_at(workspace, segment, since)
        after = ["", ""]
    else:
        ids = names_of(cursor, 4)
        snapshot, before = (kept_snapshot(workspace, segment.id, each) for each in ids[:2])
        after = ids[2:]
    entered = _difference(workspace, snapshot, before, after[0], limit)
    left = _difference(workspace, before, snapshot, after[1], limit)
    place = (snapshot.snapshot_id, before.snapshot_id, entered.last, left.last)
    return of_snapshot(segment, snapshot) | {
        "since": before.taken_at.isoformat(),
        "since_version": before.version,
        "entered": entered.told(),
        "left": left.told(),
        "next_cursor": encode(*place) if entered.more or left.more else None,
    }


class _Difference(NamedTuple):
    """A page of the members of one snapshot who are none of another."""

    users: int
    user_ids: list[str]
    more: bool
    last: str

    def told(self) -> dict[str, Any]:
        return {"users": self.users, "user_ids": self.user_ids}


def _difference(
    workspace: Workspace, newer: SegmentSnapshot, older: SegmentSnapshot, after: str, limit: int
) -> _Difference:
    engine, file = workspace.lake.engine, difference_file(workspace, newer, older)
    if not file.exists():
        members, others = members_file(workspace, newer), members_file(workspace, older)
        write_difference(members, others, engine, file)
    found = members_after(file, after or None, limit + 1, engine)["user_id"].to_pylist()
    told = found[:limit]
    last = told[-1] if told else after
    return _Difference(pq.read_metadata(file).num_rows, told, len(found) > limit, last)


def _snapshot_at(workspace: Workspace, segment: Segment, moment: datetime) -> SegmentSnapshot:
    taken = [
        snapshot
        for snapshot in workspace.store.segments.snapshots(segment.id)
        if members_file(workspace, snapshot).exists()
    ]
    return next((one for one in taken if one.taken_at <= moment), taken[-1])
