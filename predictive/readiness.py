"""Whether a service can do its work now, and if not, why."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from predictive.errors import InvalidInput, PredictiveError
from predictive.jobs.lock import is_worker_running
from predictive.store.database import Unavailable

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: An answer is given again for so long.
KEPT_SECONDS = 1.0
_MEGABYTE = 1_000_000


class Readiness(NamedTuple):
    """Why it can't, in words that name no host and no path; and whether a worker runs.

    A service without a worker is ready: the worker may stand elsewhere, or be started later.
    """

    reasons: tuple[str, ...]
    worker: bool


class Check:
    """Looks at store, lake and disk of a workspace, once a second at most."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._kept = Readiness((), worker=False)
        self._looked = -float("inf")

    def __call__(self) -> Readiness:
        """How it stands."""
        with self._lock:
            if time.monotonic() - self._looked >= KEPT_SECONDS:
                self._kept = look(self._workspace)
                self._looked = time.monotonic()
            return self._kept


def look(workspace: Workspace) -> Readiness:
    """How it stands, looked at anew."""
    reasons = [reason for part in (_store, _lake, _disk) if (reason := part(workspace))]
    return Readiness(tuple(reasons), _worker(workspace))


def _store(workspace: Workspace) -> str | None:
    try:
        workspace.store.check()
    except InvalidInput:
        return "The store is of another version of predictive: restart this one."
    except PredictiveError:
        return "The store does not answer."
    return None


def _lake(workspace: Workspace) -> str | None:
    lake = workspace.lake
    try:
        lake.snapshot()
        # What was read once is not read again, so the folders are looked at too.
        for table in (lake.events, lake.attributes):
            next((table.path / "_delta_log").iterdir())
    except Exception:  # noqa: BLE001 — whatever the storage says, it can't be read
        return "The lake can't be read."
    return None


def _disk(workspace: Workspace) -> str | None:
    least = workspace.settings.min_free_disk_mb
    try:
        free = shutil.disk_usage(workspace.path).free // _MEGABYTE
    except OSError:
        return "The workspace's folder can't be reached."
    if free < least:
        return f"The disk is full: {free:,} MB are free, {least:,} are needed."
    return None


def _worker(workspace: Workspace) -> bool:
    try:
        return is_worker_running(workspace)
    except Unavailable:
        return False
