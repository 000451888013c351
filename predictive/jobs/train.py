"""The ``train`` job: snapshots, features, backtest, deployed model, registry.

The test snapshots decide nothing: see :mod:`models.backtest`. Everything is as it would have
been at ``as_of``; what the data holds after it is never read.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from models.backtest import Backtest, backtest, fit_final
from models.dataset import Dataset
from models.propensity import PropensityModel
from predictive.code_version import code_version
from predictive.counts import Counts, count, usable_tests
from predictive.dataset import build_dataset
from predictive.features.plan import FeaturePlan
from predictive.features.planning import plan_features
from predictive.jobs.context import OpenPrediction, open_prediction, plan_for
from predictive.model_folder import write_model_folder
from predictive.progress import NoProgress, Progress
from predictive.reports import build_report
from predictive.snapshots import snapshot_users
from predictive.tracking import track_build, track_challenger
from predictive.windows import SnapshotPlan, checked_as_of, to_datetime64
from predictive.workspace import Workspace

#: Rows of the training matrix at most; beyond, a share of the users is drawn.
MAX_ROWS = 1_500_000
#: Columns that the recency, frequency and money candidate reads, by the start of their name.
RFM_FEATURES = (
    "target_days_since",
    "target_count",
    "target_gap_mean",
    "any_days_since",
    "amount_sum",
    "amount_mean_all",
)


@dataclass(frozen=True)
class TrainingData:
    """What a training run learns from, and how it was drawn.

    Parameters
    ----------
    dataset
        Features and outcomes at every snapshot.
    feature_plan
        Which features.
    snapshots
        The moments, and the tests among them.
    counts
        Users with each outcome, over all users.
    user_share
        Share of the users that the dataset holds.
    """

    dataset: Dataset
    feature_plan: FeaturePlan
    snapshots: SnapshotPlan
    counts: Counts
    user_share: float


def train(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Backtest, fit the deployed model, register it as champion and report its quality.

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

    Returns
    -------
    dict
        The report described in :func:`predictive.reports.build_report`.

    Raises
    ------
    NotFound
        When there is no such prediction.
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    listener = progress or NoProgress()
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
    report = build_report(prediction, data, tested, model, seed=seed, code_version=code_version())
    listener.stage("Saving")
    return _register(workspace, prediction, data, tested, model, report)


def training_data(
    prediction: OpenPrediction,
    *,
    as_of: datetime | None,
    seed: int,
    timezone: str,
    progress: Progress,
) -> TrainingData:
    """Count, check against the minimums, and build the dataset of a training run.

    Raises
    ------
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    source, definition = prediction.source, prediction.definition
    data_end = checked_as_of(as_of, source.history_start(), source.data_end())
    snapshots = plan_for(source, definition, data_end)
    progress.stage("Counting users", total=len(source.partitions))
    partitions = list(
        snapshot_users(source, definition, snapshots.snapshots, outcomes=True, progress=progress)
    )
    counts = count(snapshots, partitions)
    snapshots = usable_tests(snapshots, counts)
    share = min(1.0, MAX_ROWS / sum(snapshot.n for snapshot in counts.snapshots))
    plan = plan_features(
        source,
        definition,
        before=data_end,
        oldest_snapshot=snapshots.snapshots[0],
        timezone=timezone,
    )
    progress.stage("Computing features", total=len(source.partitions))
    dataset = build_dataset(
        source,
        [users.sampled(share, seed) for users in partitions],
        snapshots.snapshots,
        plan,
        np.timedelta64(definition.target.within_days, "D"),
        progress,
    )
    return TrainingData(dataset, plan, snapshots, counts, share)


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
) -> dict[str, Any]:
    folder = workspace.models_path / prediction.name / uuid4().hex
    write_model_folder(folder, prediction.definition, data.feature_plan, tested, model, report)
    try:
        run_id = track_build(workspace, prediction, folder, tested, report)
        version = _add_version(workspace, prediction, folder, model, report, run_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return report | {"model_version": version}


def _add_version(
    workspace: Workspace,
    prediction: OpenPrediction,
    folder: Path,
    model: PropensityModel,
    report: dict[str, Any],
    run_id: str,
) -> int:
    models = workspace.store.models
    version = models.add_version(
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
    )
    before = models.champion(prediction.name)
    models.set_champion(prediction.name, version)
    if before is not None:
        track_challenger(workspace, before)
    return version
