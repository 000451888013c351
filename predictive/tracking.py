"""A training run as MLflow keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.backtest import Backtest
from predictive.opened_prediction import OpenPrediction
from predictive.windows import from_datetime64
from predictive.workspace import Workspace

_METRICS = (
    "auc",
    "average_precision",
    "brier",
    "log_loss",
    "ece",
    "lift_top_decile",
    "mean_lift_quality",
    "base_rate",
)
_PARAMETERS = (
    "kind",
    "window_days",
    "as_of",
    "selection",
    "chosen",
    "seed",
    "user_share",
    "features",
    "n",
    "positives",
)
_TAGS = ("definition_version", "data_version", "code_version", "seed")


def track_build(
    workspace: Workspace,
    prediction: OpenPrediction,
    folder: Path,
    tested: Backtest,
    report: Mapping[str, Any],
    job_id: str | None = None,
) -> str:
    """Log a build with its parameters, metrics, curves and files.

    Parameters
    ----------
    folder
        What the model version keeps on disk; all of it is kept with the run.
    tested
        The backtest whose curves are drawn.
    report
        See :func:`predictive.reports.build_report`.
    job_id
        The job that trains; what it logged before is found again.

    Returns
    -------
    str
        Id of the MLflow run.
    """
    from models.pictures import curve_pictures  # noqa: PLC0415  (matplotlib)
    from models.tracking import log_build  # noqa: PLC0415  (MLflow)

    uri = workspace.mlflow_tracking_uri
    # A server decides itself where files go.
    served = uri.startswith(("http://", "https://"))
    return log_build(
        uri,
        prediction.name,
        folder,
        params=_parameters(report),
        metrics=_metrics(report),
        definition_yaml=prediction.definition.to_yaml(),
        tags={name: str(report[name]) for name in _TAGS},
        key=job_id,
        pictures=curve_pictures(
            {
                f"{from_datetime64(fold.as_of):%Y-%m-%d %H:%M}": (fold.labels, fold.probabilities)
                for fold in tested.folds
            }
        ),
        artifact_root=None if served else workspace.mlflow_artifacts_path,
    )


def mirror_roles(workspace: Workspace, name: str) -> None:
    """Let MLflow's aliases say which versions are champion and challenger."""
    from models.tracking import set_aliases  # noqa: PLC0415  (MLflow)

    champion, challenger = (
        version.mlflow_run_id if version else None
        for version in (
            workspace.store.models.champion(name),
            workspace.store.models.challenger(name),
        )
    )
    set_aliases(
        workspace.mlflow_tracking_uri, name, {"champion": champion, "challenger": challenger}
    )


def delete_roles(workspace: Workspace, name: str) -> None:
    """Leave nobody champion or challenger in MLflow, as of a prediction that goes."""
    from models.tracking import set_aliases  # noqa: PLC0415  (MLflow)

    set_aliases(workspace.mlflow_tracking_uri, name, {"champion": None, "challenger": None})


def _parameters(report: Mapping[str, Any]) -> dict[str, object]:
    weights = {f"weight_{each['name']}": each["weight"] for each in report["candidates"]}
    return {name: report[name] for name in _PARAMETERS} | weights


def _metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """The finite ones; what could not be measured is left out, as MLflow has no null."""
    measured = {
        **{name: report[name] for name in _METRICS},
        **{f"quality_{name}": report["quality"][name] for name in ("value", "low", "high")},
        "calibration_slope": report["calibration"]["slope"],
        "observed_expected": report["calibration"]["observed_expected"],
    }
    return {name: float(value) for name, value in measured.items() if value is not None}
