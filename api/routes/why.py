"""Why: what goes along with the outcome, and what the model goes by."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.schemas.problems import problems
from api.schemas.why import Associations, Importance
from predictive.why import show_why

router = APIRouter(
    prefix="/predictions/{name}", tags=["why"], responses=problems(401, 403, 404, 409, 422)
)


@router.get(
    "/associations", summary="What goes along with the outcome", response_model=Associations
)
def associations(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """Behaviours and attributes as ratios against the average; they need not be the cause."""
    found = show_why(workspace, name)
    return {**found, **found["associations"]}


@router.get("/importance", summary="What the model goes by", response_model=Importance)
def importance(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """Topics and features by how much they move the scores."""
    found = show_why(workspace, name)
    return {**found, **found["importance"]}
