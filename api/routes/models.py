"""Models: the versions of a prediction's model, their cards, and which of them scores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.auth import Manager, Reader, requester
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.models import ModelCard, ModelList, ModelShown, Promoted
from api.schemas.problems import problems
from predictive import promotion, versions

router = APIRouter(
    prefix="/predictions/{name}", tags=["models"], responses=problems(401, 403, 404, 422)
)

Version = Annotated[int, Path(ge=1, le=2**31 - 1, description="The model version.", examples=[3])]


@router.get("/models", summary="List the model versions", response_model=ModelList)
def listing(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Newest first, with their roles, recipes, expected quality and why they took over."""
    return versions.list_versions(workspace, name, limit=limit, cursor=cursor)


@router.get("/models/{version}", summary="Read a model version", response_model=ModelShown)
def show(
    name: PredictionName, version: Version, workspace: WorkspaceOf, _: Reader
) -> dict[str, Any]:
    """The version with its whole training report."""
    return versions.show_version(workspace, name, version)


@router.get("/models/{version}/card", summary="Read a model card", response_model=ModelCard)
def card(
    name: PredictionName, version: Version, workspace: WorkspaceOf, _: Reader
) -> dict[str, Any]:
    """Data range, definition, features, quality, curves, calibration, known limits."""
    return versions.show_card(workspace, name, version)


@router.post("/models/{version}/promote", summary="Promote a version", response_model=Promoted)
def promote(
    name: PredictionName, version: Version, workspace: WorkspaceOf, key: Manager
) -> dict[str, Any]:
    """Let a version score from the next scoring run on; the one before becomes challenger."""
    now = datetime.now(UTC)
    return promotion.promote(workspace, name, version, by=requester(key), at=now)


@router.post(
    "/rollback",
    summary="Go back to the champion before",
    response_model=Promoted,
    responses=problems(409),
)
def rollback(name: PredictionName, workspace: WorkspaceOf, key: Manager) -> dict[str, Any]:
    """Let the version score that did before the present one; again, the one before that."""
    now = datetime.now(UTC)
    return promotion.rollback(workspace, name, by=requester(key), at=now)
