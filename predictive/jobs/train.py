"""The ``train`` job: snapshots, features, backtest, deployed model, registry.

The test snapshots decide nothing: see :mod:`models.backtest`. Everything is as it would have
been at ``as_of``; what the data holds after it is never read.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from models.backtest import Backtest, backtest, fit_final
from models.propensity import PropensityModel
from predictive.code_version import code_version
from predictive.explanation import Explanation, explain, write_typical
from predictive.lifecycle import require_updating
from predictive.model_folder import write_model_folder
from predictive.opened_prediction import OpenPrediction, open_prediction
from predictive.progress import NoProgress, Progress
from predictive.reports import build_report
from predictive.store.history import PYTHON
from predictive.store.models import ModelVersion
from predictive.tracking import mirror_roles, track_build
from predictive.training_data import TrainingData, training_data
from predictive.windows import to_datetime64
from predictive.workspace import Workspace

#: Columns that the recency, frequency and money candidate reads, by the start of their name.
RFM_FEATURES = (
    "target_days_since",
    "target_count",
    "target_gap_mean",
    "any_days_since",
    "amount_sum",
    "amount_mean_all",
)


def train(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    job_id: str | None = None,
    by: str = PYTHON,
) -> dict[str, Any]:
    """Backtest, fit the deployed model, register it and report its quality.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    as_of
        Behave as if the data ended here; default: where it ends.
    seed
        Same data and same seed give the same model.
    progress
        Told what is being done.
    job_id
        The job that trains. What it trained before is found again and not trained twice, so
        that a job that was killed can simply be run again.
    by
        Who trains, for the history.

    Returns
    -------
    dict
        The report described in :func:`predictive.reports.build_report`.

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it is archived.
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    listener = progress or NoProgress()
    require_updating(workspace.store.predictions.get(name))
    registered = workspace.store.models.of_job(name, job_id) if job_id else None
    if registered is None:
        registered = _trained(workspace, name, as_of, seed, listener, job_id)
    return _settled(workspace, registered, by)


def _trained(
    workspace: Workspace,
    name: str,
    as_of: datetime | None,
    seed: int,
    listener: Progress,
    job_id: str | None,
) -> ModelVersion:
    prediction = open_prediction(workspace, name)
    data = training_data(
        prediction,
        as_of=as_of,
        seed=seed,
        timezone=workspace.config.timezone,
        progress=listener,
    )
    threads = workspace.settings.threads
    tested = _backtest(data, seed, threads, listener)
    listener.stage("Fitting the deployed model")
    model = fit_final(
        data.dataset,
        tested,
        data_end=to_datetime64([data.snapshots.data_end])[0],
        seed=seed,
        threads=threads,
    )
    listener.stage("Looking for reasons and leaks")
    explained = explain(prediction.source, data, model, seed=seed)
    report = build_report(prediction, data, tested, model, seed=seed, code_version=code_version())
    report |= explained.report
    listener.stage("Saving")
    return _register(workspace, prediction, data, tested, model, report, explained, job_id)


def _backtest(data: TrainingData, seed: int, threads: int, progress: Progress) -> Backtest:
    progress.stage("Backtesting", total=1.0)
    done = 0.0

    def advance(share: float) -> None:
        nonlocal done
        progress.advance(share - done)
        done = share

    return backtest(
        data.dataset,
        data_end=to_datetime64([data.snapshots.data_end])[0],
        test_moments=list(to_datetime64(data.snapshots.tests)),
        seed=seed,
        threads=threads,
        rfm_features=RFM_FEATURES,
        progress=advance,
    )


def _register(
    workspace: Workspace,
    prediction: OpenPrediction,
    data: TrainingData,
    tested: Backtest,
    model: PropensityModel,
    report: dict[str, Any],
    explained: Explanation,
    job_id: str | None,
) -> ModelVersion:
    folder = workspace.models_path / prediction.name / (job_id or uuid4().hex)
    # What a killed training left of it is not known to be whole.
    shutil.rmtree(folder, ignore_errors=True)
    write_model_folder(folder, prediction.definition, data.feature_plan, tested, model, report)
    write_typical(folder, explained.typical)
    try:
        run_id = track_build(workspace, prediction, folder, tested, report, job_id)
        version = _add_version(workspace, prediction, folder, model, report, run_id, job_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return workspace.store.models.get(prediction.name, version)


def _add_version(
    workspace: Workspace,
    prediction: OpenPrediction,
    folder: Path,
    model: PropensityModel,
    report: dict[str, Any],
    run_id: str,
    job_id: str | None,
) -> int:
    return workspace.store.models.add_version(
        prediction.name,
        definition_version=prediction.definition_version,
        as_of=datetime.fromisoformat(report["as_of"]),
        seed=report["seed"],
        data_version=report["data_version"],
        code_version=report["code_version"],
        base_rate=model.base_rate,
        report=report,
        folder=str(folder.relative_to(workspace.path)),
        mlflow_run_id=run_id,
        job_id=job_id,
    )


def _settled(workspace: Workspace, registered: ModelVersion, by: str) -> dict[str, Any]:
    """Promote what was trained, unless that was done before the job was cut short."""
    if registered.promoted_at is None:
        workspace.store.models.set_champion(registered.prediction, registered.version, by=by)
    mirror_roles(workspace, registered.prediction)
    return dict(registered.report) | {"model_version": registered.version}
