"""The kinds of job and the steps each is made of.

A step that was running when its worker was killed is run again from its beginning, so each one
is idempotent: what a job has trained, published or evaluated already is found by the job's id,
never made a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from predictive.errors import InvalidInput, nearest_hint, one_of

if TYPE_CHECKING:
    from predictive.progress import Progress
    from predictive.store.jobs import Job
    from predictive.workspace import Workspace

#: What each step of a job that is done has reported, by the step's name.
Reports: TypeAlias = Mapping[str, Mapping[str, Any]]
Step: TypeAlias = "Callable[[Workspace, Job, Reports, Progress, datetime], dict[str, Any]]"


def _train(
    workspace: Workspace, job: Job, _: Reports, progress: Progress, now: datetime
) -> dict[str, Any]:
    from predictive.jobs.train import train  # noqa: PLC0415

    return train(
        workspace,
        _name(job),
        as_of=_moment(job.params.get("as_of")),
        seed=job.params.get("seed", 0),
        recipe=job.params.get("recipe"),
        progress=progress,
        job_id=job.id,
        by=job.requested_by,
        now=now,
    )


def _score(
    workspace: Workspace, job: Job, reports: Reports, progress: Progress, _: datetime
) -> dict[str, Any]:
    from predictive.jobs.score import score  # noqa: PLC0415

    # After a training: as of the same moment, though the data may have grown meanwhile.
    as_of = reports["train"]["as_of"] if "train" in reports else job.params.get("as_of")
    return score(workspace, _name(job), as_of=_moment(as_of), progress=progress, job_id=job.id)


def _evaluate(
    workspace: Workspace, job: Job, _: Reports, progress: Progress, now: datetime
) -> dict[str, Any]:
    from predictive.jobs.evaluate import evaluate, evaluate_matured  # noqa: PLC0415

    if run_id := job.params.get("run_id"):
        progress.stage("Evaluating")
        return evaluate(workspace, _name(job), run_id=run_id, now=now)
    return evaluate_matured(workspace, _name(job), now=now, progress=progress)


def _check(
    workspace: Workspace, job: Job, _: Reports, progress: Progress, now: datetime
) -> dict[str, Any]:
    from predictive.watching.check import check  # noqa: PLC0415

    progress.stage("Checking")
    return check(workspace, now=now, prediction=job.prediction)


def _compact(
    workspace: Workspace, _: Job, __: Reports, progress: Progress, ___: datetime
) -> dict[str, Any]:
    before = workspace.lake.version
    workspace.lake.compact(progress, overdue=True)
    return {"lake_version_before": before, "lake_version": workspace.lake.version}


def _export(
    workspace: Workspace, job: Job, _: Reports, progress: Progress, now: datetime
) -> dict[str, Any]:
    from predictive.segments.exports import write_export  # noqa: PLC0415

    return write_export(workspace, job, progress, now)


#: The steps of each kind, in order; their names are kept with the queue.
KINDS: Mapping[str, Mapping[str, Step]] = {
    "build": {"train": _train, "score": _score},
    "train": {"train": _train},
    "score": {"score": _score},
    "evaluate": {"evaluate": _evaluate},
    "check": {"check": _check},
    "compact": {"compact": _compact},
    "export": {"export": _export},
}


def _name(job: Job) -> str:
    assert job.prediction is not None, f"a job of kind {job.kind} has a prediction"
    return job.prediction


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def checked_kind(kind: str) -> str:
    """The same kind.

    Raises
    ------
    InvalidInput
        There is no such kind of job.
    """
    if kind not in KINDS:
        raise InvalidInput("kind", kind, one_of(KINDS), nearest_hint(kind, KINDS))
    return kind
