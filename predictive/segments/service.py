"""What people do with segments: count, save, read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from predictive.conditions.vocabulary import check_group
from predictive.cursors import encode, names_of
from predictive.errors import InvalidInput
from predictive.lake.engine import scratch
from predictive.segments.definition import SegmentDefinition
from predictive.segments.membership import (
    is_member,
    members_after,
    write_members,
)
from predictive.segments.snapshots import (
    current_snapshot,
    delete_files,
    members_file,
    published_scores,
)
from predictive.segments.truth import cut
from predictive.segments.walking import kept_snapshot
from predictive.sources import open_source
from predictive.store.segments import Segment, SegmentSnapshot

if TYPE_CHECKING:
    from predictive.workspace import Workspace

MAX_PAGE = 10_000
_BATCH_ROWS = 50_000


def save(
    workspace: Workspace, definition: SegmentDefinition, *, by: str, now: datetime
) -> dict[str, Any]:
    """Create a segment, or give an existing one a new version, and count it.

    Returns
    -------
    dict
        What :func:`show` tells, and ``change``: created, updated or unchanged.

    Raises
    ------
    InvalidInput
        It names events, properties or attributes that the workspace has never seen.
    NotFound, Conflict
        It asks for the scores of a prediction that is not there, or offers none.
    """
    _check(workspace, definition)
    saved = workspace.store.segments.save(definition.to_document(), by=by, at=now)
    return _shown(saved.segment, current_snapshot(workspace, saved.segment, now)) | {
        "change": saved.change
    }


def count(workspace: Workspace, definition: SegmentDefinition) -> dict[str, Any]:
    """How many people a segment would have now; nothing is saved.

    Returns
    -------
    dict
        ``users``, ``as_of`` and ``runs``.

    Raises
    ------
    InvalidInput, NotFound, Conflict
        As for :func:`save`.
    """
    _check(workspace, definition)
    source = open_source(workspace)
    scores = published_scores(workspace, definition.predictions)
    engine, as_of = workspace.lake.engine, source.data_end()
    with scratch(engine) as folder:
        file = folder / "members.parquet"
        users = write_members(source, cut(definition.condition), as_of, scores, engine, file)
    return {
        "users": users,
        "as_of": as_of.isoformat(),
        "runs": {run.prediction: run.run_id for run in scores},
    }


def show(workspace: Workspace, name: str, *, now: datetime) -> dict[str, Any]:
    """One segment with the number of its members as of now.

    Raises
    ------
    NotFound
        There is no such segment.
    """
    segment = workspace.store.segments.get(name)
    return _shown(segment, current_snapshot(workspace, segment, now))


def list_all(
    workspace: Workspace, *, after: str = "", limit: int | None = None
) -> list[dict[str, Any]]:
    """Segments by name, with what was counted last; nothing is counted anew."""
    store = workspace.store.segments
    return [
        _shown(segment, next(iter(store.snapshots(segment.id)), None))
        for segment in store.list(after=after, limit=limit)
    ]


def delete(workspace: Workspace, name: str) -> None:
    """Delete a segment and what was kept of its members.

    Raises
    ------
    NotFound
        There is no such segment.
    """
    delete_files(workspace, workspace.store.segments.delete(name))


def contains(workspace: Workspace, name: str, user_id: str, *, now: datetime) -> dict[str, Any]:
    """Whether a user is a member as of now; a user nobody knows is none."""
    segment = workspace.store.segments.get(name)
    snapshot = current_snapshot(workspace, segment, now)
    file = members_file(workspace, snapshot)
    return {
        "segment": name,
        "user_id": user_id,
        "member": is_member(file, user_id, workspace.lake.engine),
        "as_of": snapshot.as_of.isoformat(),
    }


def page(
    workspace: Workspace, name: str, *, cursor: str | None, limit: int, now: datetime
) -> dict[str, Any]:
    """Members by user id; all pages of a walk are of one snapshot.

    Parameters
    ----------
    cursor
        None for the first page, then ``next_cursor`` of the page before.
    limit
        Members on the page, 1 to 10,000.

    Raises
    ------
    InvalidInput
        The cursor is not one of this segment's, or the limit is out of bounds.
    Conflict
        The snapshot of the cursor is no longer kept.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidInput("limit", limit, f"a number from 1 to {MAX_PAGE:,}")
    segment = workspace.store.segments.get(name)
    snapshot, after = _place(workspace, segment, cursor, now)
    file = members_file(workspace, snapshot)
    table = members_after(file, after, limit + 1, workspace.lake.engine)
    members = as_rows(table.slice(0, limit), snapshot)
    more = table.num_rows > limit
    return of_snapshot(segment, snapshot) | {
        "members": members,
        "next_cursor": encode(snapshot.snapshot_id, members[-1]["user_id"]) if more else None,
    }


def as_rows(table: pa.Table, snapshot: SegmentSnapshot) -> list[dict[str, Any]]:
    """Members as ``{"user_id": …, "scores": {prediction: score}}``."""
    ids = table["user_id"].to_pylist()
    columns = {
        prediction: table[f"score_{index}"].to_pylist()
        for index, prediction in enumerate(sorted(snapshot.runs))
    }
    return [
        {"user_id": user, "scores": {name: values[row] for name, values in columns.items()}}
        for row, user in enumerate(ids)
    ]


def _check(workspace: Workspace, definition: SegmentDefinition) -> None:
    check_group(definition.condition, "segment", open_source(workspace).vocabulary())
    published_scores(workspace, definition.predictions)


def _shown(segment: Segment, snapshot: SegmentSnapshot | None) -> dict[str, Any]:
    document = dict(segment.document)
    return {
        "name": segment.name,
        "description": document.pop("description", None),
        "version": segment.version,
        "condition": {key: value for key, value in document.items() if key != "name"},
        "users": snapshot.users if snapshot else None,
        "as_of": snapshot.as_of.isoformat() if snapshot else None,
        "runs": dict(snapshot.runs) if snapshot else {},
        "created_at": segment.created_at.isoformat(),
        "updated_at": segment.updated_at.isoformat(),
        "created_by": segment.created_by,
    }


def of_snapshot(segment: Segment, snapshot: SegmentSnapshot) -> dict[str, Any]:
    """What an answer about the members of a snapshot tells of it."""
    return {
        "segment": segment.name,
        "version": snapshot.version,
        "as_of": snapshot.as_of.isoformat(),
        "users": snapshot.users,
        "runs": dict(snapshot.runs),
    }


def _place(
    workspace: Workspace, segment: Segment, cursor: str | None, now: datetime
) -> tuple[SegmentSnapshot, str | None]:
    if cursor is None:
        return current_snapshot(workspace, segment, now), None
    snapshot_id, after = names_of(cursor, 2)
    return kept_snapshot(workspace, segment.id, snapshot_id), after


def definition_of(document: Mapping[str, Any] | str) -> SegmentDefinition:
    """A segment's definition from plain values or from a text in YAML or JSON."""
    if isinstance(document, str):
        return SegmentDefinition.from_text(document)
    return SegmentDefinition.from_mapping(document)
