"""Sends: who was sent a message, and who was held back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from api.auth import Manager, Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.problems import problems
from api.schemas.sends import RecordedSend, SendList, SendRequest
from predictive.sends import list_sends, record_send

router = APIRouter(
    prefix="/predictions/{name}/sends", tags=["sends"], responses=problems(401, 403, 404, 422)
)


@router.post(
    "",
    summary="Record a send",
    status_code=201,
    response_model=RecordedSend,
    responses={
        200: {"model": RecordedSend, "description": "Recorded before"},
        **problems(409),
    },
)
def record(
    _: Manager,
    name: PredictionName,
    workspace: WorkspaceOf,
    send: SendRequest,
    response: Response,
) -> dict[str, Any]:
    """Tell whom a message reached, so that its effect is not taken for the score's merit."""
    told = send.model_dump()
    sent_at = told.pop("sent_at") or datetime.now(UTC)
    recorded = record_send(workspace, name, sent_at=sent_at, **told)
    if not recorded["new"]:
        response.status_code = 200
    return recorded


@router.get("", summary="List the sends", response_model=SendList)
def listing(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The newest first."""
    return list_sends(workspace, name, limit=limit, cursor=cursor)
