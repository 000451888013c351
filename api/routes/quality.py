"""Quality: how good a prediction is, its curves, and its errors at any threshold."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.auth import Reader
from api.dependencies import PredictionName, WorkspaceOf
from api.schemas.curves import Curves
from api.schemas.problems import problems
from api.schemas.quality import (
    ConfusionReport,
    EvaluationReport,
    QualityHistory,
    QualityReport,
    Threshold,
)
from predictive.curves import show_curves
from predictive.quality import confusion_matrix_at, evaluation_of, quality_history
from predictive.quality import quality as quality_report

router = APIRouter(
    prefix="/predictions/{name}", tags=["quality"], responses=problems(401, 403, 404, 409, 422)
)


@router.get("/quality", summary="Expected and actual quality", response_model=QualityReport)
def quality(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """Expected from the backtest; actual of every scoring run whose window has passed."""
    return quality_report(workspace, name)


@router.get(
    "/quality/history", summary="Quality over time, by model version", response_model=QualityHistory
)
def history(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """What each model version promised, and what its scoring runs turned out to be worth."""
    return quality_history(workspace, name)


@router.get(
    "/quality/runs/{run_id}",
    summary="A scoring run against what happened",
    response_model=EvaluationReport,
)
def evaluation(
    name: PredictionName,
    run_id: Annotated[
        str,
        Path(
            description="Id of the scoring run.",
            max_length=128,
            pattern=r"^[^\x00]+$",
            examples=["01a1b2c3d4e5f60718293a4b5c6d7e8f"],
        ),
    ],
    workspace: WorkspaceOf,
    _: Reader,
) -> dict[str, Any]:
    """Quality, calibration, confusion matrices and hits by score; users reached by sends apart."""
    return evaluation_of(workspace, name, run_id)


@router.get("/curves", summary="Gains, lift, calibration", response_model=Curves)
def curves(name: PredictionName, workspace: WorkspaceOf, _: Reader) -> dict[str, Any]:
    """Gains, lift, ROC, precision against recall, and calibration, of the champion's backtest."""
    return show_curves(workspace, name)


@router.get("/confusion-matrix", summary="Errors at a threshold", response_model=ConfusionReport)
def confusion_matrix(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    at: Annotated[Threshold, Query()],
) -> dict[str, Any]:
    """The four counts by name and every usual rate; one with denominator 0 is null."""
    return confusion_matrix_at(workspace, name, at.threshold)
