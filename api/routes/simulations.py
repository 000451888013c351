"""Simulations: what reaching a part of the audience would bring, and how scores are spread."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import Reader, Simulator
from api.dependencies import PredictionName, WorkspaceOf
from api.schemas.problems import problems
from api.schemas.simulations import (
    ComparisonRequest,
    CurveQuery,
    ScenarioComparison,
    ScoreDistribution,
    SegmentQuery,
    Simulation,
    SimulationRequest,
    ThresholdCurve,
)
from predictive.jobs import simulate as job

router = APIRouter(prefix="/predictions/{name}", responses=problems(401, 403, 404, 409, 422))


@router.post(
    "/simulations",
    tags=["simulations"],
    summary="Simulate a selection",
    response_model=Simulation,
)
def simulate(
    name: PredictionName, asked: SimulationRequest, workspace: WorkspaceOf, _: Simulator
) -> dict[str, Any]:
    """Users reached, expected hits and misses with their intervals, and money."""
    return job.simulate(
        workspace,
        name,
        selection=asked.to_selection(),
        money=asked.to_money(),
        segment=asked.segment,
    )


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
