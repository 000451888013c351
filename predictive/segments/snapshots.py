"""Snapshots of a segment: its members as of a moment, taken when what they depend on changed."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import Conflict
from predictive.lifecycle import require_targeting
from predictive.segments.definition import SegmentDefinition
from predictive.segments.membership import RunScores, forget_user, write_members
from predictive.segments.truth import Cut, cut
from predictive.sources import EventSource, open_source
from predictive.store.identifiers import new_id
from predictive.store.segments import Segment, SegmentSnapshot

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: Whoever walks through members may take so long; after that, one snapshot a day is kept.
_KEPT_WHOLE = timedelta(days=1)
#: How far back one can ask who entered and who left.
KEPT = timedelta(days=90)

#: At once, one thread takes the snapshot and the others wait for it.
_taking: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def current_snapshot(workspace: Workspace, segment: Segment, now: datetime) -> SegmentSnapshot:
    """The members as of the end of the data; taken anew when anything they depend on changed.

    Raises
    ------
    NotFound
        A prediction that the segment asks for is gone.
    Conflict
        One of them has no scores, or does not offer them.
    InsufficientData
        There are no events yet.
    """
    definition = SegmentDefinition.from_mapping(segment.document)
    source = open_source(workspace)
    scores = published_scores(workspace, definition.predictions)
    condition = cut(definition.condition)
    key = _key(definition, condition, source, scores)
    with _taking[segment.id]:
        taken = workspace.store.segments.snapshots(segment.id)
        if taken and taken[0].key == key and members_file(workspace, taken[0]).exists():
            return taken[0]
        snapshot = _take(workspace, segment, condition, source, scores, key, now)
        _prune(workspace, taken, now)
    return snapshot


def published_scores(workspace: Workspace, predictions: Sequence[str]) -> list[RunScores]:
    """The scores that each prediction offers for targeting.

    Raises
    ------
    NotFound
        There is no such prediction.
    Conflict
        It has no scores yet, or does not offer them.
    """
    return [_published(workspace, name) for name in predictions]


def members_file(workspace: Workspace, snapshot: SegmentSnapshot) -> Path:
    """The file of a snapshot's members."""
    return workspace.segments_path / f"{snapshot.snapshot_id}.parquet"


def histogram_file(workspace: Workspace, snapshot: SegmentSnapshot, run_id: str) -> Path:
    """The file of the scores that a run gave the members of a snapshot."""
    return workspace.segments_path / f"{snapshot.snapshot_id}.{run_id}.histogram"


def difference_file(
    workspace: Workspace, snapshot: SegmentSnapshot, other: SegmentSnapshot
) -> Path:
    """The file of the members of a snapshot who are none of another."""
    return workspace.segments_path / f"{snapshot.snapshot_id}.{other.snapshot_id}.difference"


def delete_files(workspace: Workspace, snapshots: Sequence[SegmentSnapshot]) -> None:
    """Delete the files of snapshots; those that are gone already are none."""
    for snapshot in snapshots:
        members_file(workspace, snapshot).unlink(missing_ok=True)
        _delete_derived(workspace, snapshot)


def forget_member(workspace: Workspace, user_id: str) -> int:
    """Take a deleted user out of every snapshot; out of how many."""
    segments, engine = workspace.store.segments, workspace.lake.engine
    forgotten = 0
    for segment in segments.list():
        for snapshot in segments.snapshots(segment.id):
            file = members_file(workspace, snapshot)
            if file.exists() and forget_user(file, user_id, engine):
                _delete_derived(workspace, snapshot)
                segments.member_left(snapshot.snapshot_id)
                forgotten += 1
    return forgotten


def _delete_derived(workspace: Workspace, snapshot: SegmentSnapshot) -> None:
    """Delete what was made of the members: histograms, and differences to other snapshots."""
    for pattern in (f"{snapshot.snapshot_id}.*.*", f"*.{snapshot.snapshot_id}.*"):
        for file in workspace.segments_path.glob(pattern):
            file.unlink(missing_ok=True)


def _published(workspace: Workspace, name: str) -> RunScores:
    prediction = workspace.store.predictions.get(name)
    require_targeting(prediction)
    run = workspace.store.runs.current(name)
    if run is None:
        raise Conflict("Prediction {name!r} has no scores yet. Score it first.", name=name)
    return RunScores(name, run.run_id, run.categories, workspace.lake.scores.path(run.run_id))


def _key(
    definition: SegmentDefinition,
    condition: Cut,
    source: EventSource,
    scores: Sequence[RunScores],
) -> str:
    """What the members depend on, in short."""
    reads_events = bool(condition.questions) or not condition.needs_a_score()
    depends_on = [
        definition.condition.model_dump(mode="json", by_alias=True, exclude_none=True),
        [source.version, source.data_end().isoformat()] if reads_events else None,
        [[run.prediction, run.run_id] for run in scores],
    ]
    return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()


def _take(
    workspace: Workspace,
    segment: Segment,
    condition: Cut,
    source: EventSource,
    scores: Sequence[RunScores],
    key: str,
    now: datetime,
) -> SegmentSnapshot:
    snapshot_id, as_of = new_id(), source.data_end()
    workspace.segments_path.mkdir(exist_ok=True)
    file = workspace.segments_path / f"{snapshot_id}.parquet"
    users = write_members(source, condition, as_of, scores, workspace.lake.engine, file)
    snapshot = SegmentSnapshot(
        snapshot_id,
        segment.id,
        segment.version,
        key,
        as_of,
        now,
        {run.prediction: run.run_id for run in scores},
        users,
    )
    try:
        workspace.store.segments.add_snapshot(snapshot)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return snapshot


def _prune(workspace: Workspace, taken: Sequence[SegmentSnapshot], now: datetime) -> None:
    """Of each day that has passed, keep the last snapshot; of days long past, none."""
    kept_days = set()
    superfluous = []
    for snapshot in taken:
        age = now - snapshot.taken_at
        if age <= _KEPT_WHOLE:
            continue
        day = snapshot.taken_at.date()
        if age > KEPT or day in kept_days:
            superfluous.append(snapshot)
        kept_days.add(day)
    if superfluous:
        workspace.store.segments.delete_snapshots([one.snapshot_id for one in superfluous])
        delete_files(workspace, superfluous)
