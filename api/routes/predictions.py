"""Predictions: create, list, read; and validate and estimate, before anything is saved."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.auth import Manager, Reader, requester
from api.definition_body import DEFINITION_BODY, DefinitionBody
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.jobs import Moment
from api.schemas.predictions import (
    Applied,
    EstimateReport,
    PredictionList,
    PredictionShown,
    Validated,
)
from api.schemas.problems import problems
from api.schemas.times import GivenMoment
from predictive import cursors, predictions
from predictive.jobs.estimate import estimate as estimate_counts
from predictive.jobs.estimate import estimate_definition

router = APIRouter(prefix="/predictions", tags=["predictions"], responses=problems(401, 403, 422))


@router.post(
    "",
    summary="Create or update a prediction",
    status_code=201,
    response_model=Applied,
    responses={
        200: {"model": Applied, "description": "Updated or unchanged"},
        **problems(415),
    },
    openapi_extra=DEFINITION_BODY,
)
def apply(
    key: Manager, definition: DefinitionBody, workspace: WorkspaceOf, response: Response
) -> dict[str, Any]:
    """Apply a definition. A changed one becomes a new version; old scores keep theirs."""
    applied = predictions.apply(workspace, definition, by=requester(key))
    if applied["change"] == "created":
        response.headers["Location"] = f"/v1/predictions/{applied['name']}"
    else:
        response.status_code = 200
    return applied


@router.post(
    "/validate",
    summary="Validate without saving",
    response_model=Validated,
    responses=problems(415),
    openapi_extra=DEFINITION_BODY,
)
def validate(_: Manager, definition: DefinitionBody, workspace: WorkspaceOf) -> dict[str, Any]:
    """What applying a definition would do, with the same errors; nothing is changed."""
    return predictions.validate(workspace, definition)


@router.post(
    "/estimate",
    summary="Count before saving",
    response_model=EstimateReport,
    responses=problems(415),
    openapi_extra=DEFINITION_BODY,
)
def estimate_unsaved(
    _: Manager,
    definition: DefinitionBody,
    workspace: WorkspaceOf,
    as_of: Annotated[
        GivenMoment | None,
        Query(description="Only what was known before counts; default: the end of the data."),
    ] = None,
) -> dict[str, Any]:
    """Users in the audience, positives and negatives of a definition that need not be saved."""
    return estimate_definition(workspace, definition, as_of=as_of)


@router.get("", summary="List the predictions", response_model=PredictionList)
def listing(
    workspace: WorkspaceOf, _: Reader, limit: Limit = 100, cursor: Cursor = None
) -> dict[str, Any]:
    """Predictions by name."""
    after = cursors.name_of(cursor) or ""
    found = predictions.list_all(workspace, after=after, limit=cursors.room_for(limit))
    shown, following = cursors.page(found, limit, lambda prediction: [prediction["name"]])
    return {"predictions": shown, "next_cursor": following}


@router.get(
    "/{name}",
    summary="Read a prediction",
    response_model=PredictionShown,
    responses=problems(404),
)
def show(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """The definition, the champion model and the current scoring run."""
    return predictions.show(workspace, name)


@router.post(
    "/{name}/estimate",
    summary="Count before training",
    response_model=EstimateReport,
    responses=problems(404),
)
def estimate(
    name: PredictionName, workspace: WorkspaceOf, _: Manager, moment: Moment | None = None
) -> dict[str, Any]:
    """Users in the audience, and positives and negatives in history, against the minimums."""
    return estimate_counts(workspace, name, as_of=moment.as_of if moment else None)
