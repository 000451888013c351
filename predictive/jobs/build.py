"""What a build does: train, then score; told to the store as it goes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from predictive.errors import PredictiveError
from predictive.progress import Progress

if TYPE_CHECKING:
    from predictive.store.jobs import Job, Jobs
    from predictive.workspace import Workspace

_log = logging.getLogger(__name__)

#: The store hears of progress this often, in seconds; people see no finer.
_TELL_SECONDS = 0.5

#: ``{"report": …}``, ``{"error": …}`` or ``{"cancelled": True}``: JSON, because a step's
#: outcome is kept with the queue and read again after a crash.
Outcome = dict[str, Any]

_OPEN = ("queued", "running")


class BuildCancelled(Exception):
    """Somebody asked for the build to stop."""


class BuildProgress:
    """Tells the store how far a build is, and stops the build when it was cancelled."""

    def __init__(self, jobs: Jobs, build_id: str) -> None:
        self._jobs, self._build_id = jobs, build_id
        self._name, self._total, self._done = "", 0.0, 0.0
        self._began = self._told = time.monotonic()

    def stage(self, name: str, total: float | None = None) -> None:
        """A new stage begins."""
        self._name, self._total, self._done = name, total or 0.0, 0.0
        self._began = time.monotonic()
        self._tell()

    def advance(self, amount: float = 1.0) -> None:
        """``amount`` more units of the present stage are done."""
        self._done += amount
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        share = min(self._done / self._total, 1.0) if self._total else None
        left = (self._told - self._began) * (1 - share) / share if share else None
        if self._jobs.progress(self._build_id, self._name, share, left):
            raise BuildCancelled


def train_step(workspace: Workspace, build_id: str) -> Outcome:
    """Train the build's prediction."""
    from predictive.jobs.train import train  # noqa: PLC0415

    def run(build: Job, progress: Progress) -> dict[str, Any]:
        asked = build.params["as_of"]
        return train(
            workspace,
            str(build.prediction),
            as_of=datetime.fromisoformat(asked) if asked else None,
            seed=build.params["seed"],
            progress=progress,
        )

    return _outcome(workspace, build_id, run)


def score_step(workspace: Workspace, build_id: str, as_of: str) -> Outcome:
    """Score the audience with the model that was just trained, as of the same moment."""
    from predictive.jobs.score import score  # noqa: PLC0415

    def run(build: Job, progress: Progress) -> dict[str, Any]:
        moment = datetime.fromisoformat(as_of)
        return score(workspace, str(build.prediction), as_of=moment, progress=progress)

    return _outcome(workspace, build_id, run)


def conclude(workspace: Workspace, build_id: str, trained: Outcome, scored: Outcome | None) -> None:
    """Record how the build ended; a second time changes nothing."""
    jobs = workspace.store.jobs
    if jobs.get(build_id).state not in _OPEN:
        return
    last = scored or trained
    if "error" in last:
        jobs.fail(build_id, last["error"])
    elif "cancelled" in last:
        jobs.cancelled(build_id)
    else:
        jobs.finish(build_id, {"train": trained["report"], "score": last["report"]})


def _outcome(
    workspace: Workspace, build_id: str, run: Callable[[Job, Progress], dict[str, Any]]
) -> Outcome:
    jobs = workspace.store.jobs
    build = jobs.get(build_id)
    if build.state not in _OPEN or build.cancel_requested:
        return {"cancelled": True}
    try:
        return {"report": run(build, BuildProgress(jobs, build_id))}
    except BuildCancelled:
        return {"cancelled": True}
    except PredictiveError as error:
        return {"error": error.details()}
    except Exception as error:  # noqa: BLE001 — any failure ends the build, never the worker
        _log.exception("build %s failed", build_id)
        message = f"Unforeseen: {type(error).__name__}: {error}"
        return {"error": {"code": "failure", "message": message}}
