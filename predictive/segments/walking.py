"""All members of a segment from the first to the last: as a stream, or as one file."""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from predictive.errors import Conflict
from predictive.formats import Format, Shape, encoded
from predictive.jobs.score import check_out
from predictive.lake.atomic import replacing
from predictive.segments.snapshots import current_snapshot, members_file
from predictive.store.position import Position
from predictive.store.segments import SegmentSnapshot

if TYPE_CHECKING:
    from predictive.workspace import Workspace

_BATCH_ROWS = 50_000


@dataclass(frozen=True)
class MemberStream:
    """The members as of one moment, to be read from a position on.

    Parameters
    ----------
    segment
        Name of the segment.
    snapshot
        What they are the members of.
    after
        The last user id before the first row.
    """

    segment: str
    snapshot: SegmentSnapshot
    after: str
    _file: Path

    @property
    def shape(self) -> Shape:
        """``user_id`` and ``score:<prediction>``; in JSON, ``scores`` holds them."""
        predictions = sorted(self.snapshot.runs)
        columns = [(f"score:{prediction}", pa.float64()) for prediction in predictions]
        schema = pa.schema([("user_id", pa.string()), *columns])
        keys = [f"{json.dumps(prediction)}:" for prediction in predictions]
        if not keys:
            return Shape(schema, ('{"user_id":',), ',"scores":{}}')
        begun = [f',"scores":{{{keys[0]}', *(f",{key}" for key in keys[1:])]
        return Shape(schema, ('{"user_id":', *begun), "}}")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches by user id; what lies before the position is not read."""
        with pq.ParquetFile(self._file) as file:
            groups = list(range(_first_group(file, self.after), file.num_row_groups))
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=groups):
                rest = batch.filter(pc.greater(batch["user_id"], self.after))
                if rest.num_rows:
                    yield rest

    def told(self) -> dict[str, Any]:
        """Whose members they are and as of when."""
        return {
            "segment": self.segment,
            "version": self.snapshot.version,
            "as_of": self.snapshot.as_of.isoformat(),
            "users": self.snapshot.users,
            "runs": dict(self.snapshot.runs),
        }


def walk(workspace: Workspace, name: str, *, cursor: str | None, now: datetime) -> MemberStream:
    """All members by user id; those of one moment, whatever changes meanwhile.

    Parameters
    ----------
    cursor
        A snapshot's id, a colon, and the last user id that was read: goes on after that user.

    Raises
    ------
    InvalidInput
        The cursor is none.
    NotFound
        There is no such segment.
    Conflict
        The snapshot of the cursor is no longer kept, or a prediction offers no scores.
    """
    position = None if cursor is None else Position.parse(cursor)
    segment = workspace.store.segments.get(name)
    if position is None:
        snapshot = current_snapshot(workspace, segment, now)
    else:
        snapshot = kept_snapshot(workspace, segment.id, position.of)
    after = "" if position is None else position.after
    return MemberStream(name, snapshot, after, members_file(workspace, snapshot))


def kept_snapshot(workspace: Workspace, segment_id: str, snapshot_id: str) -> SegmentSnapshot:
    """A snapshot of a segment that a walk began with.

    Raises
    ------
    Conflict
        It is no longer kept.
    """
    for snapshot in workspace.store.segments.snapshots(segment_id):
        if snapshot.snapshot_id == snapshot_id and members_file(workspace, snapshot).exists():
            return snapshot
    raise Conflict("The cursor's snapshot is no longer kept. Begin the walk anew.")


def export(
    workspace: Workspace, name: str, out: Path, form: Format = "parquet", *, now: datetime
) -> dict[str, Any]:
    """Write all members as one file; it appears whole or not at all.

    Its columns are ``user_id`` and ``score:<prediction>`` for each prediction asked for.

    Raises
    ------
    InvalidInput
        The file could not be written where it is asked for.
    """
    check_out(out)
    stream = walk(workspace, name, cursor=None, now=now)
    with replacing(out) as draft, draft.open("wb") as file:
        file.writelines(encoded(stream.batches(), stream.shape, form))
    return stream.told() | {"out": str(out), "format": form}


def _first_group(file: pq.ParquetFile, after: str) -> int:
    """The first row group that may hold users after one; groups are sorted."""

    def first_user(group: int) -> str:
        return str(file.read_row_group(group, columns=["user_id"])["user_id"][0])

    if not after or not file.num_row_groups:
        return 0
    return max(bisect.bisect_right(range(file.num_row_groups), after, key=first_user) - 1, 0)
