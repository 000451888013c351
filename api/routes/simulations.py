"""Simulations: what reaching a part of the audience would bring, and how scores are spread."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.auth import Reader, Simulator, simulator
from api.dependencies import PredictionName, WorkspaceOf, is_name, look_up, workspace_of
from api.quick import QuickRoute
from api.render import QuickJson
from api.schemas.distributions import ScoreDistribution
from api.schemas.problems import problems
from api.schemas.simulations import (
    ComparisonRequest,
    CurveQuery,
    ScenarioComparison,
    SegmentQuery,
    Simulation,
    SimulationRequest,
    ThresholdCurve,
)
from predictive.jobs import simulate as job

#: What an answer holds always, and a report only where it was asked for.
_OPTIONAL: dict[str, Any] = {"best": None}

router = APIRouter(prefix="/predictions/{name}", responses=problems(401, 403, 404, 409, 422))


@router.post(
    "/simulations",
    tags=["simulations"],
    summary="Simulate a selection",
    responses={200: {"model": Simulation}},
)
async def simulate(
    name: PredictionName, asked: SimulationRequest, workspace: WorkspaceOf, _: Simulator
) -> QuickJson:
    """Users reached, expected hits and misses with their intervals, and money."""
    simulated = partial(
        job.simulate,
        workspace,
        name,
        selection=asked.selection,
        money=asked.to_money(),
        segment=asked.segment,
    )
    if asked.segment is not None:
        return QuickJson(_OPTIONAL | await run_in_threadpool(simulated))
    return QuickJson(_OPTIONAL | await look_up(workspace, simulated))


@router.post(
    "/scenarios",
    tags=["simulations"],
    summary="Compare selections",
    response_model=ScenarioComparison,
)
def compare(
    name: PredictionName, asked: ComparisonRequest, workspace: WorkspaceOf, _: Simulator
) -> dict[str, Any]:
    """Several simulations side by side, all on the same scores: 75 against 50, say."""
    scenarios = [each.to_scenario() for each in asked.scenarios]
    return job.compare_scenarios(workspace, name, scenarios, segment=asked.segment)


@router.get(
    "/threshold-curve",
    tags=["simulations"],
    summary="Simulate every threshold",
    response_model=ThresholdCurve,
)
def threshold_curve(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Simulator,
    asked: Annotated[CurveQuery, Query()],
) -> dict[str, Any]:
    """Reach, hits, misses and profit over all thresholds, and the best one."""
    return job.threshold_curve(workspace, name, money=asked.to_money(), segment=asked.segment)


@router.get(
    "/score-distribution",
    tags=["scores"],
    summary="How many users have which score",
    response_model=ScoreDistribution,
)
def score_distribution(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    asked: Annotated[SegmentQuery, Query()],
) -> dict[str, Any]:
    """Users and expected positives in 20 ranges of scores, and by category."""
    return job.score_distribution(workspace, name, segment=asked.segment)


async def _quick(request: Request) -> QuickJson | None:
    name = request.path_params["name"]
    if not is_name(name) or request.headers.get("content-type") != "application/json":
        return None
    try:
        asked = SimulationRequest.model_validate_json(await request.body())
    except ValidationError:
        return None
    key = await simulator(request)
    return await simulate(name, asked, workspace_of(request), key)


quick = QuickRoute("POST", "/v1/predictions/{name}/simulations", _quick)
