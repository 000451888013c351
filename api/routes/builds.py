"""Builds: training a model and scoring the audience with it, done by a worker."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.auth import Manager, Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.schemas.builds import Build, BuildList, BuildRequest, BuildState
from api.schemas.problems import problems
from predictive.jobs.queue import enqueue_build

router = APIRouter(tags=["builds"], responses=problems(401, 403, 404, 422))

BuildId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


@router.post("/predictions/{name}/builds", status_code=202, summary="Train and score")
def start(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Manager,
    response: Response,
    asked: BuildRequest | None = None,
) -> Build:
    """Queue a build and answer at once; follow it at the address in ``Location``."""
    wanted = asked or BuildRequest()
    build_id = enqueue_build(workspace, name, as_of=wanted.as_of, seed=wanted.seed)
    response.headers["Location"] = f"/v1/builds/{build_id}"
    return _shown(workspace, build_id)


@router.get("/predictions/{name}/builds", summary="Builds of a prediction")
def listing(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> BuildList:
    """The newest builds first."""
    found = workspace.store.jobs.list(name)[:limit]
    return BuildList(
        builds=[BuildState.model_validate(build, from_attributes=True) for build in found]
    )


@router.get("/builds/{build_id}", summary="Where a build stands")
def show(build_id: BuildId, workspace: WorkspaceOf, _: Reader) -> Build:
    """Stage, share done, time left; the report or the error once it has ended."""
    return _shown(workspace, build_id)


@router.post(
    "/builds/{build_id}/cancel",
    status_code=202,
    summary="Stop a build",
    responses=problems(409),
)
def cancel(build_id: BuildId, workspace: WorkspaceOf, _: Manager) -> Build:
    """Ask a build to stop; one that has not begun is cancelled at once."""
    workspace.store.jobs.request_cancel(build_id)
    return _shown(workspace, build_id)


def _shown(workspace: WorkspaceOf, build_id: str) -> Build:
    return Build.model_validate(workspace.store.jobs.get(build_id), from_attributes=True)
