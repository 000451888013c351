"""The ``train`` job: snapshots, features, backtest, deployed model, registry.

The test snapshots decide nothing: see :mod:`models.backtest`. Everything is as it would have
been at ``as_of``; what the data holds after it is never read.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from evaluation.quality import Fold
from models.backtest import fit_final
from models.propensity import PropensityModel
from predictive.code_version import code_version
from predictive.comparison import RecipeBacktest, backtest_of, told_of
from predictive.conditions.grammar import ANY_EVENT
from predictive.errors import InsufficientData
from predictive.explanation import Explanation, explain, write_typical
from predictive.lifecycle import require_updating
from predictive.model_card import model_card, write_card
from predictive.model_folder import write_model_folder
from predictive.opened_prediction import OpenPrediction, open_prediction
from predictive.progress import NoProgress, Progress
from predictive.promotion import (
    Rival,
    alert_broken,
    decide,
    keeps_champion,
    rival_of,
    settle,
)
from predictive.recipes import STANDARD, Recipe, read_recipe, recipe_of
from predictive.reports import build_report
from predictive.store.history import PYTHON
from predictive.store.models import ModelVersion
from predictive.tracking import track_build
from predictive.training_data import TrainingUsers, training_users
from predictive.watching import recent_data_broken
from predictive.watching.profile import training_profile, write_profile
from predictive.windows import checked_as_of, to_datetime64
from predictive.workspace import Workspace


def train(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    job_id: str | None = None,
    recipe: str | None = None,
    by: str = PYTHON,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Backtest, fit the deployed model, register it, and let it take over unless it is worse.

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
    recipe
        How the model is made: ``standard``, or the stem of a file in the workspace's
        ``recipes``; default: the champion's, as it was then (:mod:`predictive.recipes`).
    by
        Who trains, for the history.
    now
        The moment at which training begins, for history and alerts; default: the clock's.

    Returns
    -------
    dict
        The report described in :func:`predictive.reports.build_report`, with ``model_version``.

    Raises
    ------
    NotFound
        When there is no such prediction or recipe.
    Conflict
        When the prediction is archived.
    InvalidInput
        When the recipe is none, or its features or classifiers fail.
    InsufficientData
        When history is too short, or holds too few users with either outcome; and then says
        so, if it is because recent events of the outcome are missing.
    """
    clock = _Clock(now or datetime.now(UTC))
    require_updating(workspace.store.predictions.get(name))
    registered = workspace.store.models.of_job(name, job_id) if job_id else None
    if registered is None:
        task = _Task(
            workspace, open_prediction(workspace, name), seed, progress or NoProgress(), clock
        )
        chosen = _chosen_recipe(workspace, name, recipe)
        registered = _trained(task, chosen, as_of, job_id)
    settle(workspace, registered, by=by, at=clock.began)
    return dict(registered.report) | {"model_version": registered.version}


class _Clock:
    """Goes on from the moment at which a training begins, which a replay makes up.

    Parameters
    ----------
    began
        That moment.
    """

    def __init__(self, began: datetime) -> None:
        self.began, self._began = began, time.monotonic()

    def now(self) -> datetime:
        """The present moment, at which a model is there."""
        return self.began + timedelta(seconds=time.monotonic() - self._began)


@dataclass(frozen=True)
class _Task:
    """What every step of a training run needs."""

    workspace: Workspace
    prediction: OpenPrediction
    seed: int
    progress: Progress
    clock: _Clock

    def backtest(self, users: TrainingUsers, recipe: Recipe, stage: str) -> RecipeBacktest:
        return backtest_of(
            self.workspace,
            self.prediction,
            users,
            recipe,
            seed=self.seed,
            progress=self.progress,
            stage=stage,
        )


def _chosen_recipe(workspace: Workspace, name: str, recipe: str | None) -> Recipe:
    if recipe is not None:
        return read_recipe(workspace, recipe)
    champion = workspace.store.models.champion(name)
    return (recipe_of(workspace, champion) if champion else None) or STANDARD


def _trained(
    task: _Task, recipe: Recipe, as_of: datetime | None, job_id: str | None
) -> ModelVersion:
    prediction, progress, seed = task.prediction, task.progress, task.seed
    source = prediction.source
    data_end = checked_as_of(as_of, source.history_start(), source.data_end())
    broken = _broken(task, data_end)
    with _told_of_broken(task, broken):
        users = training_users(prediction, as_of=data_end, seed=seed, progress=progress)
    rival = rival_of(task.workspace, prediction.name, prediction.definition)
    champion = _rival_folds(task, users, recipe, rival)
    made = task.backtest(users, recipe, "Backtesting")
    progress.stage("Fitting the deployed model")
    with told_of(recipe):
        model = fit_final(
            made.data.dataset,
            made.tested,
            data_end=to_datetime64([data_end])[0],
            seed=seed,
            threads=task.workspace.settings.threads,
        )
    progress.stage("Looking for reasons and leaks")
    explained = explain(prediction.source, made.data, model, seed=seed)
    comparison = rival.against(champion, made.folds) if rival and champion else None
    decision = decide(rival, prediction.definition, data_end, comparison, broken)
    report = build_report(prediction, made, model, decision, seed=seed, code_version=code_version())
    progress.stage("Saving")
    return _register(task, made, model, report | explained.report, explained, job_id)


def _rival_folds(
    task: _Task, users: TrainingUsers, recipe: Recipe, rival: Rival | None
) -> list[Fold] | None:
    """What the champion's recipe predicts for the same test snapshots, where it is another.

    Before the new recipe's own backtest, so that one matrix of features is held at a time.
    """
    if rival is None or rival.recipe is None or not rival.to_be_compared(recipe):
        return None
    return task.backtest(users, rival.recipe, "Backtesting the champion's recipe").folds


def _broken(task: _Task, data_end: datetime) -> list[str]:
    """What is wrong with the recent events of the outcome, in sentences."""
    source, events = task.prediction.source, task.prediction.definition.target_events
    if ANY_EVENT in events:
        events = frozenset(source.event_counts(data_end))
    found = recent_data_broken(task.workspace, source, data_end, events)
    return [each.message for each in found]


@contextmanager
def _told_of_broken(task: _Task, broken: Sequence[str]) -> Iterator[None]:
    """Where too little can be counted because data are missing, say that, and tell people."""
    try:
        yield
    except InsufficientData as error:
        if not broken:
            raise
        reason = keeps_champion(broken)
        findings = {"findings": broken}
        alert_broken(task.workspace, task.prediction.name, reason, findings, task.clock.began)
        raise InsufficientData(error.field, error.value, error.allowed, reason) from error


def _register(
    task: _Task,
    made: RecipeBacktest,
    model: PropensityModel,
    report: dict[str, Any],
    explained: Explanation,
    job_id: str | None,
) -> ModelVersion:
    workspace, prediction = task.workspace, task.prediction
    folder = workspace.models_path / prediction.name / (job_id or uuid4().hex)
    # What a killed training left of it is not known to be whole.
    shutil.rmtree(folder, ignore_errors=True)
    write_model_folder(folder, prediction.definition, made, model, report)
    write_typical(folder, explained.typical)
    write_card(folder, model_card(prediction, made, model, report))
    write_profile(folder, training_profile(made.data.dataset, made.tested, model.base_rate))
    try:
        run_id = track_build(workspace, prediction, folder, made.tested, report, job_id)
        version = _add_version(task, folder, model, report, run_id, job_id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return workspace.store.models.get(prediction.name, version)


def _add_version(
    task: _Task,
    folder: Path,
    model: PropensityModel,
    report: dict[str, Any],
    run_id: str,
    job_id: str | None,
) -> int:
    return task.workspace.store.models.add_version(
        task.prediction.name,
        definition_version=task.prediction.definition_version,
        as_of=datetime.fromisoformat(report["as_of"]),
        seed=report["seed"],
        data_version=report["data_version"],
        code_version=report["code_version"],
        base_rate=model.base_rate,
        report=report,
        folder=str(folder.relative_to(task.workspace.path)),
        mlflow_run_id=run_id,
        job_id=job_id,
        recipe=report["recipe"],
        at=task.clock.now(),
    )
