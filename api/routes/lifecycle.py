"""The life of a prediction: its state, its history, its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from api.auth import Manager, Reader, requester
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.lifecycle import Deleted, History, StateChange, StateRequest
from api.schemas.problems import problems
from predictive import lifecycle

router = APIRouter(
    prefix="/predictions/{name}", tags=["predictions"], responses=problems(401, 403, 404, 422)
)


@router.post(
    "/state",
    summary="Change the state",
    response_model=StateChange,
    responses=problems(409),
)
def set_state(
    name: PredictionName, asked: StateRequest, workspace: WorkspaceOf, key: Manager
) -> dict[str, Any]:
    """Draft, preview, active or archived. Only an active prediction offers its scores."""
    now = datetime.now(UTC)
    return lifecycle.set_state(workspace, name, asked.state, by=requester(key), now=now)


@router.get("/history", summary="What changed, when and by which key", response_model=History)
def history(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Changes of state, definition and model, newest first; also of a deleted prediction."""
    return lifecycle.history(workspace, name, limit, cursor=cursor)


@router.delete("", summary="Delete a prediction", response_model=Deleted)
def delete(name: PredictionName, workspace: WorkspaceOf, key: Manager) -> dict[str, Any]:
    """Delete it with its models, scores and archives, for good. Its history stays."""
    return lifecycle.delete(workspace, name, by=requester(key), now=datetime.now(UTC))
