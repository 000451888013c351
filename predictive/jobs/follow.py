"""Following a job that runs elsewhere, until it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from predictive.progress import Progress
    from predictive.store.jobs import Job
    from predictive.workspace import Workspace

_POLL_SECONDS = 0.5
_OPEN = ("queued", "running")


def follow(workspace: Workspace, job_id: str, progress: Progress) -> Job:
    """Wait for a job, telling how far it is; returns it as it ended.

    Parameters
    ----------
    workspace
        Whose job it is.
    job_id
        The job; another process runs it.
    progress
        Told of every stage and of the share of it that is done.

    Raises
    ------
    NotFound
        There is no such job.
    """
    shown = _Shown(progress)
    while True:
        job = workspace.store.jobs.get(job_id)
        if job.state not in _OPEN:
            return job
        shown.update(job.stage or "Waiting for a worker", job.share)
        time.sleep(_POLL_SECONDS)


class _Shown:
    """What a progress bar was told, so that it hears only what is new."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage, self._share = "", 0.0

    def update(self, stage: str, share: float | None) -> None:
        done = share or 0.0
        # A job that was taken up again begins its stage anew.
        if stage != self._stage or done < self._share:
            self._progress.stage(stage, None if share is None else 1.0)
            self._stage, self._share = stage, 0.0
        if done > self._share:
            self._progress.advance(done - self._share)
            self._share = done
