"""Running a job: its steps one after the other, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from predictive.errors import NotFound, PredictiveError
from predictive.jobs.kinds import KINDS, Reports
from predictive.jobs.progress import JobCancelled, JobProgress
from predictive.store.database import Unavailable
from predictive.wording.kept import read
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence

if TYPE_CHECKING:
    from predictive.store.jobs import Job
    from predictive.workspace import Workspace

_log = logging.getLogger(__name__)

#: ``{"report": …}``, ``{"error": …}`` or ``{"cancelled": True}``: JSON, because a step's
#: outcome is kept with the queue and read again after a crash.
Outcome: TypeAlias = dict[str, Any]

_OPEN = ("queued", "running")


def run_job(workspace: Workspace, job_id: str, *, now: datetime) -> Job:
    """Run a job from its first step to its end, here and at once.

    The worker does the same, but keeps each step's outcome; this is for tests and replays.

    Parameters
    ----------
    workspace
        Whose job it is.
    job_id
        The job, which must not be over.
    now
        The moment at which it runs, with a time zone.

    Returns
    -------
    Job
        As it ended: succeeded, failed or cancelled.

    Raises
    ------
    NotFound
        There is no such job.
    Unavailable
        The store does not answer; the job can be run again.
    """

    def step(name: str, done: Reports) -> Outcome:
        return run_step(workspace, job_id, name, done, now=now)

    note_resumption(workspace, job_id)
    outcomes = perform(workspace.store.jobs.get(job_id).kind, step)
    conclude(workspace, job_id, outcomes, now=now)
    return workspace.store.jobs.get(job_id)


def note_resumption(workspace: Workspace, job_id: str) -> None:
    """Say in the log of a job that had begun already why its stages come again.

    Raises
    ------
    NotFound
        There is no such job.
    Unavailable
        The store does not answer.
    """
    if workspace.store.jobs.get(job_id).state == "running":
        workspace.store.jobs.log(job_id, "Taken up again after the worker ended.")


def perform(kind: str, step: Callable[[str, Reports], Outcome]) -> dict[str, Outcome]:
    """The outcomes of a kind's steps, in order, up to the first that did not succeed.

    Parameters
    ----------
    step
        Runs one, given its name and the reports of those before it.
    """
    outcomes: dict[str, Outcome] = {}
    for name in KINDS[kind]:
        outcomes[name] = step(name, _reports(outcomes))
        if "report" not in outcomes[name]:
            break
    return outcomes


def run_step(
    workspace: Workspace, job_id: str, step: str, done: Reports, *, now: datetime
) -> Outcome:
    """Run one step of a job; a failure is an outcome, not an exception.

    Parameters
    ----------
    step
        One of the steps of the job's kind.
    done
        What the steps before it have reported.

    Raises
    ------
    NotFound
        There is no such job (any more).
    Unavailable
        The store does not answer; the step can be run again.
    """
    jobs = workspace.store.jobs
    job = jobs.get(job_id)
    if job.state not in _OPEN or job.cancel_requested:
        return {"cancelled": True}
    progress = JobProgress(jobs, job_id)
    try:
        return {"report": KINDS[job.kind][step](workspace, job, done, progress, now)}
    except JobCancelled:
        return {"cancelled": True}
    except Unavailable:
        raise
    except PredictiveError as error:
        if _archived(workspace, job):
            # Too late to be asked to stop, it was refused: that is nothing to be told of.
            return {"cancelled": True}
        return {"error": error.details() | {"said": kept(error.sentence)}}
    except Exception as error:  # noqa: BLE001 — any failure ends the job, never the worker
        _log.exception("job %s failed", job_id)
        said = Sentence(
            "Unforeseen: {kind}: {reason}", kind=type(error).__name__, reason=str(error)
        )
        return {"error": {"code": "failure", "message": str(said), "said": kept(said)}}


def conclude(
    workspace: Workspace, job_id: str, outcomes: Mapping[str, Outcome], *, now: datetime
) -> None:
    """Record how a job ended; a second time changes nothing."""
    jobs = workspace.store.jobs
    job = jobs.get(job_id)
    if job.state not in _OPEN:
        return
    last = list(outcomes.values())[-1]
    if "error" in last:
        fail(workspace, job, last["error"], now=now)
    elif "cancelled" in last:
        jobs.log(job_id, "Cancelled.", "warning")
        jobs.cancelled(job_id)
    else:
        # What a build has done needs no job of its own any more: it trains and scores.
        for kind in {job.kind, *KINDS[job.kind]}:
            workspace.store.alerts.resolve(job.prediction, "job_failed", kind, now)
        jobs.log(job_id, "Done.")
        jobs.finish(job_id, _reports(outcomes))


def fail(workspace: Workspace, job: Job, error: Mapping[str, Any], *, now: datetime) -> None:
    """Record that a job failed; people are told of one that nobody waits for."""
    if job.key is not None:
        workspace.store.alerts.open(
            job.prediction,
            "job_failed",
            job.kind,
            severity="critical",
            message=_failed(job, error),
            details={"job": job.id, "error": dict(error)},
            at=now,
        )
    workspace.store.jobs.log(job.id, str(error["message"]), "error")
    workspace.store.jobs.fail(job.id, error)


def _archived(workspace: Workspace, job: Job) -> bool:
    if job.prediction is None:
        return False
    try:
        return workspace.store.predictions.get(job.prediction).state == "archived"
    except NotFound:
        return False


def _failed(job: Job, error: Mapping[str, Any]) -> Sentence:
    said = error.get("said")
    reason = read(said) if said else str(error["message"])
    template = "A job of the schedule ({kind}) failed: {reason}"
    return Sentence(template, kind=Sentence(job.kind), reason=reason)


def _reports(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    return {step: outcome["report"] for step, outcome in outcomes.items()}
