"""Alerts: what the checks found wrong."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.auth import Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.pages import Cursor, Limit
from api.schemas.alerts import Alert, AlertList
from api.schemas.problems import problems
from predictive.alerts import list_alerts, show_alert

router = APIRouter(tags=["alerts"], responses=problems(401, 403, 422))

_MOST = 2**63 - 1
Open = Annotated[bool, Query(description="Only those that are not resolved.")]


@router.get("/alerts", summary="All alerts", response_model=AlertList)
def listing(
    workspace: WorkspaceOf,
    _: Reader,
    open: Open = False,  # noqa: A002  (the parameter's name over HTTP)
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The newest first: those about the data and those about every prediction."""
    return list_alerts(workspace, open_only=open, limit=limit, cursor=cursor)


@router.get("/alerts/{number}", summary="One alert", response_model=Alert, responses=problems(404))
def show(
    number: Annotated[int, Path(ge=1, le=_MOST, description="Number of the alert.", examples=[12])],
    workspace: WorkspaceOf,
    _: Reader,
) -> dict[str, Any]:
    """One alert with the figures behind it."""
    return show_alert(workspace, number)


@router.get(
    "/predictions/{name}/alerts",
    summary="Alerts of a prediction",
    response_model=AlertList,
    responses=problems(404),
)
def of_prediction(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    open: Open = False,  # noqa: A002  (the parameter's name over HTTP)
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The newest first. Alerts about the data concern every prediction and are not among them."""
    return list_alerts(workspace, name, open_only=open, limit=limit, cursor=cursor)
