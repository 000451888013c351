"""Recipes against each other: each backtested on the same users at the same moments.

The ``train`` job and notebooks call the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation.paired import paired_quality_test
from evaluation.quality import Fold
from evaluation.report import quality_report
from models.backtest import Backtest, backtest
from models.estimator import EstimatorFailed
from predictive.errors import InvalidInput
from predictive.opened_prediction import OpenPrediction, open_prediction
from predictive.progress import NoProgress, Progress
from predictive.recipes import Recipe, read_recipe
from predictive.reports import as_folds
from predictive.training_data import TrainingData, TrainingUsers, training_data, training_users
from predictive.windows import from_datetime64, to_datetime64
from predictive.workspace import Workspace

#: Below this probability of doing so badly by chance, a challenger counts as worse.
WORSE_P = 0.05


@dataclass(frozen=True)
class RecipeBacktest:
    """A recipe, what it learnt from, and what it predicted for the test snapshots.

    Parameters
    ----------
    recipe
        The recipe.
    data
        Users, moments and features.
    tested
        Its backtest.
    """

    recipe: Recipe
    data: TrainingData
    tested: Backtest

    @property
    def folds(self) -> list[Fold]:
        """Labels, probabilities and users of each test snapshot, oldest first."""
        return as_folds(self.tested)

    def report(self) -> dict[str, Any]:
        """Its quality, JSON-ready: :func:`evaluation.report.quality_report` and candidates."""
        moments = [from_datetime64(fold.as_of).isoformat() for fold in self.tested.folds]
        return {
            "recipe": self.recipe.identity,
            **quality_report(self.folds, moments, expects=True),
            "candidates": self.tested.candidates,
            "chosen": self.tested.chosen,
            "features": len(self.data.dataset.feature_names),
            "own_features": list(self.data.feature_plan.own.columns)
            if self.data.feature_plan.own
            else [],
        }


def backtest_of(
    workspace: Workspace,
    prediction: OpenPrediction,
    users: TrainingUsers,
    recipe: Recipe,
    *,
    seed: int,
    progress: Progress,
    stage: str = "Backtesting",
) -> RecipeBacktest:
    """Compute a recipe's features and predict every test snapshot from what lay before it.

    Raises
    ------
    InvalidInput
        When the recipe's own features or classifiers fail.
    """
    data = training_data(
        prediction, users, recipe, timezone=workspace.config.timezone, progress=progress
    )
    progress.stage(stage, total=1.0)
    done = 0.0

    def advance(share: float) -> None:
        nonlocal done
        progress.advance(share - done)
        done = share

    with told_of(recipe):
        tested = backtest(
            data.dataset,
            data_end=to_datetime64([data.snapshots.data_end])[0],
            test_moments=list(to_datetime64(data.snapshots.tests)),
            seed=seed,
            threads=workspace.settings.threads,
            learners=recipe.learners(),
            progress=advance,
        )
    return RecipeBacktest(recipe, data, tested)


def compared(champion: Sequence[Fold], challenger: Sequence[Fold]) -> dict[str, Any]:
    """Whether the challenger ranks worse than the champion on the same test snapshots.

    Returns
    -------
    dict
        ``difference`` in points of Prediction Quality, ``z`` and one-sided ``p`` of
        :func:`evaluation.paired.paired_quality_test`, and ``verdict``: ``worse`` when p is
        below 0.05, else ``not worse``.
    """
    test = paired_quality_test(champion, challenger)
    return {
        "difference": test.difference,
        "z": test.z,
        "p": test.p,
        "verdict": "worse" if test.p < WORSE_P else "not worse",
    }


def backtest_recipe(
    workspace: Workspace,
    name: str,
    recipe: str = "standard",
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> RecipeBacktest:
    """Backtest one recipe without keeping a model.

    Parameters
    ----------
    workspace
        Where prediction, events and recipe stand.
    name
        The prediction.
    recipe
        ``standard``, or the stem of a file in the workspace's ``recipes``.
    as_of
        Behave as if the data ended here; default: where it ends.
    seed
        As for :func:`predictive.train`.
    progress
        Told what is being done.

    Raises
    ------
    NotFound
        When there is no such prediction or recipe.
    InvalidInput
        When the recipe is none, or fails.
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    (only,) = _backtests(workspace, name, [recipe], as_of, seed, progress or NoProgress())
    return only


def compare_recipes(
    workspace: Workspace,
    name: str,
    recipes: Sequence[str],
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Backtest several recipes on the same snapshots and test each against the first.

    Parameters
    ----------
    recipes
        At least two names; the first plays the champion.
    workspace, name, as_of, seed, progress
        As for :func:`backtest_recipe`.

    Returns
    -------
    dict
        ``prediction``, ``as_of``, ``snapshots`` (the tests), ``recipes`` (the report of each)
        and ``comparisons`` (of each but the first: :func:`compared`, with ``recipe`` and
        ``against``).
    """
    if len(set(recipes)) < 2 or len(set(recipes)) < len(recipes):
        raise InvalidInput("recipes", list(recipes), "two or more different names")
    tested = _backtests(workspace, name, recipes, as_of, seed, progress or NoProgress())
    first = tested[0]
    return {
        "prediction": name,
        "as_of": first.data.snapshots.data_end.isoformat(),
        "snapshots": [moment.isoformat() for moment in first.data.snapshots.tests],
        "recipes": [each.report() for each in tested],
        "comparisons": [
            {"recipe": each.recipe.name, "against": first.recipe.name}
            | compared(first.folds, each.folds)
            for each in tested[1:]
        ],
    }


def _backtests(
    workspace: Workspace,
    name: str,
    recipes: Sequence[str],
    as_of: datetime | None,
    seed: int,
    progress: Progress,
) -> list[RecipeBacktest]:
    read = [read_recipe(workspace, each) for each in recipes]
    prediction = open_prediction(workspace, name)
    users = training_users(prediction, as_of=as_of, seed=seed, progress=progress)
    return [
        backtest_of(
            workspace,
            prediction,
            users,
            each,
            seed=seed,
            progress=progress,
            stage=f"Backtesting {each.name}",
        )
        for each in read
    ]


@contextmanager
def told_of(recipe: Recipe) -> Iterator[None]:
    """When a recipe's classifier fails, say which and how."""
    try:
        yield
    except EstimatorFailed as error:
        raise InvalidInput(
            "recipe",
            recipe.name,
            "classifiers that learn from float32 with NaN for unknown values and give "
            "probabilities",
            str(error),
        ) from error
