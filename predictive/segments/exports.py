"""Exports: all members of a segment as one file, written by a job and kept for a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from predictive import cursors
from predictive.errors import Conflict, NotFound
from predictive.formats import Format, checked_format, encoded
from predictive.segments.callbacks import callback_state, checked_callback
from predictive.segments.definition import SegmentDefinition
from predictive.segments.export_files import ExportFiles
from predictive.segments.snapshots import members_file, published_scores
from predictive.segments.walking import walk
from predictive.store.callbacks import Callback
from predictive.store.jobs import Job

if TYPE_CHECKING:
    from predictive.progress import Progress
    from predictive.workspace import Workspace

#: How long a file is kept once it is done.
KEPT = timedelta(days=1)
_KIND = "export"


def request_export(
    workspace: Workspace, name: str, form: Format, *, callback_url: str | None, by: str
) -> dict[str, Any]:
    """Ask for a file of all members; a worker writes it, those of the moment when it does.

    Parameters
    ----------
    callback_url
        Who is to be told when it is done, or has failed.
    by
        Who asks.

    Returns
    -------
    dict
        What :func:`show_export` tells.

    Raises
    ------
    InvalidInput
        The workspace does not allow callbacks to that address.
    NotFound
        There is no such segment.
    Conflict
        It asks for the scores of a prediction that offers none.
    """
    segment = workspace.store.segments.get(name)
    published_scores(workspace, SegmentDefinition.from_mapping(segment.document).predictions)
    if callback_url is not None:
        checked_callback(workspace.config.exports, callback_url)
    params = {"segment": name, "segment_id": segment.id, "format": form}
    job_id = workspace.store.jobs.create(
        _KIND, None, params, requested_by=by, callback_url=callback_url
    )
    return show_export(workspace, job_id)


def list_exports(
    workspace: Workspace, name: str, *, limit: int, cursor: str | None = None
) -> dict[str, Any]:
    """The exports of a segment, newest first.

    Returns
    -------
    dict
        ``exports`` and ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        There is no such segment.
    """
    segment = workspace.store.segments.get(name)
    found = workspace.store.jobs.list(
        kind=_KIND,
        segment=segment.id,
        limit=cursors.room_for(limit),
        before=cursors.moment_of(cursor),
    )
    shown, following = cursors.page(
        found, limit, lambda job: cursors.at_moment(job.created_at, job.id)
    )
    return {"exports": _shown(workspace, shown), "next_cursor": following}


def show_export(workspace: Workspace, export_id: str) -> dict[str, Any]:
    """One export and where it stands.

    Raises
    ------
    NotFound
        There is no such export.
    """
    return _shown(workspace, [_job(workspace, export_id)])[0]


def export_file(workspace: Workspace, export_id: str) -> Path:
    """The file of an export that is done.

    Raises
    ------
    NotFound
        There is no such export, or its file has been deleted.
    Conflict
        It is not done yet, or failed.
    """
    job = _job(workspace, export_id)
    if job.state != "succeeded":
        raise Conflict(f"Export {export_id!r} is {job.state}: it has no file.")
    file = _path(workspace, job)
    if not file.exists():
        raise NotFound("file (each is kept for a day) of export", export_id)
    return file


def write_export(
    workspace: Workspace, job: Job, progress: Progress, now: datetime
) -> dict[str, Any]:
    """Write the file of an export; a second time in the place of the first.

    Raises
    ------
    NotFound
        The segment has been deleted meanwhile.
    """
    files, form = ExportFiles(workspace.exports_path), checked_format(job.params["format"])
    name = str(job.params["segment"])
    while True:
        if workspace.store.segments.get(name).id != job.params["segment_id"]:
            raise NotFound("segment", name)
        stream = walk(workspace, name, cursor=None, now=now)
        progress.stage("Writing", stream.snapshot.users)
        members = members_file(workspace, stream.snapshot)
        before = _identity(members)
        pieces = encoded(_told(stream.batches(), progress), stream.shape, form)
        files.write(job.id, form, pieces)
        # A user who is deleted is taken out of the members first and of the files of exports
        # then. So if the members are the same still, the deletion will find this file.
        if before is not None and before == _identity(members):
            return stream.told() | {"format": form}
        files.path(job.id, form).unlink(missing_ok=True)


def remove_expired(workspace: Workspace, now: datetime) -> int:
    """Delete the files that are a day old, and drafts that nobody writes; how many files."""
    files, jobs = ExportFiles(workspace.exports_path), workspace.store.jobs
    files.clear_abandoned()
    removed = 0
    for file in files.files():
        try:
            finished_at = jobs.get(file.stem).finished_at
        except NotFound:
            finished_at = now - KEPT
        if finished_at is not None and finished_at + KEPT <= now:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _job(workspace: Workspace, export_id: str) -> Job:
    try:
        job = workspace.store.jobs.get(export_id)
    except NotFound:
        raise NotFound("export", export_id) from None
    if job.kind != _KIND:
        raise NotFound("export", export_id)
    return job


def _path(workspace: Workspace, job: Job) -> Path:
    form = checked_format(job.params["format"])
    return ExportFiles(workspace.exports_path).path(job.id, form)


def _shown(workspace: Workspace, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    callbacks = workspace.store.callbacks.of_jobs([job.id for job in jobs])
    return [_one(workspace, job, callbacks.get(job.id)) for job in jobs]


def _one(workspace: Workspace, job: Job, callback: Callback | None) -> dict[str, Any]:
    report = (job.result or {}).get("export", {})
    size = _size(_path(workspace, job)) if job.state == "succeeded" else None
    ended = job.finished_at
    return {
        "id": job.id,
        "segment": job.params["segment"],
        "format": job.params["format"],
        "state": job.state,
        "share": job.share,
        "version": report.get("version"),
        "as_of": report.get("as_of"),
        "users": report.get("users"),
        "runs": report.get("runs", {}),
        "bytes": size,
        "file": None if size is None else f"/v1/exports/{job.id}/file",
        "expires_at": (ended + KEPT).isoformat() if ended and size is not None else None,
        "error": job.error,
        "callback": None if callback is None else callback_state(callback),
        "requested_by": job.requested_by,
        "created_at": job.created_at.isoformat(),
        "finished_at": ended.isoformat() if ended else None,
    }


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None


def _told(batches: Iterator[pa.RecordBatch], progress: Progress) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        progress.advance(batch.num_rows)


def _identity(file: Path) -> tuple[int, int] | None:
    """What changes when a file is replaced; None when it is gone."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
