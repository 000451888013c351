"""Simulations: what reaching a part of the audience would bring."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import Simulator
from api.dependencies import PredictionName, WorkspaceOf
from api.schemas.problems import problems
from api.schemas.simulations import MoneyQuery, Simulation, SimulationRequest, ThresholdCurve
from predictive.jobs import simulate as job

router = APIRouter(
    prefix="/predictions/{name}", tags=["simulations"], responses=problems(401, 403, 404, 422)
)


@router.post("/simulations", summary="Simulate a selection", response_model=Simulation)
def simulate(
    name: PredictionName, asked: SimulationRequest, workspace: WorkspaceOf, _: Simulator
) -> dict[str, Any]:
    """Users reached, expected hits and misses with their intervals, and money."""
    return job.simulate(workspace, name, selection=asked.to_selection(), money=asked.to_money())


@router.get("/threshold-curve", summary="Simulate every threshold", response_model=ThresholdCurve)
def threshold_curve(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Simulator,
    money: Annotated[MoneyQuery, Query()],
) -> dict[str, Any]:
    """Reach, hits, misses and profit over all thresholds, and the best one."""
    return job.threshold_curve(workspace, name, money=money.to_money())
