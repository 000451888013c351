"""A training run as MLflow keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.backtest import Backtest

from predictive.jobs.context import OpenPrediction
from predictive.workspace import Workspace

_METRICS = (
    "auc",
    "average_precision",
    "brier",
    "log_loss",
    "ece",
    "lift_top_decile",
    "mean_lift_quality",
)


def track_build(
    workspace: Workspace,
    prediction: OpenPrediction,
    folder: Path,
    tested: Backtest,
    report: dict[str, Any],
) -> str:
    """Log a build with its parameters, metrics, curves and files; returns the MLflow run id."""
    from models.tracking import log_build  # noqa: PLC0415  (MLflow takes seconds to import)

    return log_build(workspace, prediction, folder, tested, report)
