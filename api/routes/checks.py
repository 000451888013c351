"""Checks: looks at data and predictions that open alerts and resolve them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.auth import Manager, Reader
from api.dependencies import WorkspaceOf
from api.pages import Cursor, Limit
from api.routes.jobs import queued
from api.schemas.checks import CheckList, CheckRequest
from api.schemas.jobs import Job
from api.schemas.problems import problems
from predictive.checks import list_checks

router = APIRouter(prefix="/checks", tags=["alerts"], responses=problems(401, 403, 404, 422))


@router.post("", status_code=202, summary="Check now", responses=problems(409))
def start(
    key: Manager,
    workspace: WorkspaceOf,
    response: Response,
    asked: CheckRequest | None = None,
) -> Job:
    """Queue a check of the data and all predictions, or of one; follow it at ``Location``."""
    prediction = asked.prediction if asked else None
    return queued(workspace, response, "check", prediction, {}, key=key)


@router.get("", summary="What checks have found", response_model=CheckList)
def listing(
    workspace: WorkspaceOf,
    _: Reader,
    prediction: Annotated[
        str | None,
        Query(max_length=63, description="Checks of this prediction alone; else of all."),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The newest first. A worker checks every day and after each import."""
    return list_checks(workspace, prediction, limit=limit, cursor=cursor)
