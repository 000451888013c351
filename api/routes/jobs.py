"""Jobs: training, scoring and evaluating, done by a worker; asked for, followed, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.auth import Manager, Reader, requester
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.jobs import (
    BuildList,
    BuildRequest,
    Job,
    JobList,
    JobLog,
    JobRequest,
    JobState,
    Kind,
    LogLine,
)
from api.schemas.problems import problems
from predictive import cursors
from predictive.jobs.queue import request_job
from predictive.store.jobs import JobKind
from predictive.store.keys import Key
from predictive.workspace import Workspace

router = APIRouter(tags=["jobs"], responses=problems(401, 403, 404, 422))

JobId = Annotated[
    str,
    Path(
        description="Id of the job.",
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        examples=["01a1b2c3d4e5f60718293a4b5c6d7e8f"],
    ),
]
OfKind = Annotated[Kind | None, Query(description="Only jobs of this kind.")]


@router.post(
    "/predictions/{name}/jobs",
    status_code=202,
    summary="Start a job",
    responses=problems(409),
)
def start(
    name: PredictionName,
    workspace: WorkspaceOf,
    key: Manager,
    response: Response,
    asked: JobRequest,
) -> Job:
    """Queue a job and answer at once; follow it at the address in ``Location``."""
    return queued(workspace, response, asked.kind, name, asked.params(), key=key)


@router.post(
    "/predictions/{name}/builds",
    status_code=202,
    summary="Train and score",
    responses=problems(409),
)
def build(
    name: PredictionName,
    workspace: WorkspaceOf,
    key: Manager,
    response: Response,
    asked: BuildRequest | None = None,
) -> Job:
    """Queue a job of kind ``build``; follow it at the address in ``Location``."""
    params = (asked or BuildRequest()).params()
    return queued(workspace, response, "build", name, params, key=key)


@router.get("/predictions/{name}/jobs", summary="Jobs of a prediction")
def of_prediction(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    kind: OfKind = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> JobList:
    """The newest jobs first."""
    jobs, following = _listed(workspace, name, kind, limit=limit, cursor=cursor)
    return JobList(jobs=jobs, next_cursor=following)


@router.get("/predictions/{name}/builds", summary="Builds of a prediction")
def builds(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> BuildList:
    """The newest builds first."""
    found, following = _listed(workspace, name, "build", limit=limit, cursor=cursor)
    return BuildList(builds=found, next_cursor=following)


@router.get("/jobs", summary="All jobs")
def listing(
    workspace: WorkspaceOf,
    _: Reader,
    kind: OfKind = None,
    unfinished: Annotated[bool, Query(description="Only those that wait or run.")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> JobList:
    """The newest jobs first, those of the whole workspace among them."""
    jobs, following = _listed(
        workspace, None, kind, unfinished=unfinished, limit=limit, cursor=cursor
    )
    return JobList(jobs=jobs, next_cursor=following)


@router.get("/jobs/{job_id}", summary="Where a job stands")
def show(job_id: JobId, workspace: WorkspaceOf, _: Reader) -> Job:
    """Stage, share done, time left; the reports or the error once it has ended."""
    return _shown(workspace, job_id)


@router.get("/jobs/{job_id}/log", summary="What a job has said")
def log(
    job_id: JobId,
    workspace: WorkspaceOf,
    _: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Only lines after this one.")] = 0,
) -> JobLog:
    """Stages, warnings and how it ended, oldest first."""
    lines = workspace.store.jobs.read_log(job_id, after)
    return JobLog(lines=[LogLine.model_validate(line, from_attributes=True) for line in lines])


@router.post(
    "/jobs/{job_id}/cancel",
    status_code=202,
    summary="Stop a job",
    responses=problems(409),
)
def cancel(job_id: JobId, workspace: WorkspaceOf, _: Manager) -> Job:
    """Ask a job to stop; one that has not begun is cancelled at once."""
    workspace.store.jobs.request_cancel(job_id)
    return _shown(workspace, job_id)


def queued(
    workspace: Workspace,
    response: Response,
    kind: JobKind,
    prediction: str | None,
    params: Mapping[str, Any],
    *,
    key: Key,
) -> Job:
    """Queue a job, and name its address in ``Location``."""
    job_id = request_job(workspace, kind, prediction, params, by=requester(key))
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    return _shown(workspace, job_id)


def _listed(
    workspace: Workspace,
    prediction: str | None,
    kind: Kind | None,
    *,
    unfinished: bool = False,
    limit: int,
    cursor: str | None,
) -> tuple[list[JobState], str | None]:
    found = workspace.store.jobs.list(
        prediction,
        kind=kind,
        unfinished=unfinished,
        limit=cursors.room_for(limit),
        before=cursors.moment_of(cursor),
    )
    jobs, following = cursors.page(
        found, limit, lambda job: cursors.at_moment(job.created_at, job.id)
    )
    shown = [JobState.model_validate(job, from_attributes=True) for job in jobs]
    return shown, following


def _shown(workspace: Workspace, job_id: str) -> Job:
    return Job.model_validate(workspace.store.jobs.get(job_id), from_attributes=True)
