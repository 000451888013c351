"""How far a job is, told to the store as it goes; and how a job hears that it was cancelled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from predictive.store.jobs import Jobs

#: The store hears of progress this often, in seconds; people see no finer.
_TELL_SECONDS = 0.5


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


class JobProgress:
    """Tells the store how far a job is, and stops the job when it was cancelled.

    Parameters
    ----------
    jobs
        The store's jobs.
    job_id
        The job that is running.
    """

    def __init__(self, jobs: Jobs, job_id: str) -> None:
        self._jobs, self._job_id = jobs, job_id
        self._name, self._total, self._done = "", 0.0, 0.0
        self._began = self._told = time.monotonic()

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins.

        Raises
        ------
        JobCancelled
            Somebody asked for the job to stop.
        """
        self._name, self._total, self._done = name, total or 0.0, 0.0
        self._began = time.monotonic()
        self._tell()
        self._jobs.log(self._job_id, name)

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done; raises as `stage` does."""
        self._done += amount
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        share = min(self._done / self._total, 1.0) if self._total else None
        left = (self._told - self._began) * (1 - share) / share if share else None
        if self._jobs.progress(self._job_id, self._name, share, left):
            raise JobCancelled
