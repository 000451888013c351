"""What a model version keeps on disk.

::

    model.json, booster.txt   the model (models.propensity), no pickle
    recipe.py, NAME.skops     an own recipe, and its classifiers that the model uses
    features.json             the feature plan it was trained with, and how features were counted
    definition.yaml           what it predicts
    report.json               what was known of it when it was made
    typical.json              the usual value of each feature, beside which a customer's is told
    model_card.json, .md      what it is and where it ends, for programs and for people
    backtest.npz              the out-of-time predictions behind every expected figure
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.estimator import RECIPE_FILE
from models.propensity import PropensityModel
from models.scale import scores_from_probabilities
from predictive.definitions import Definition
from predictive.errors import Conflict
from predictive.features.plan import FeaturePlan

if TYPE_CHECKING:
    from predictive.comparison import RecipeBacktest

_FEATURES, _DEFINITION, _REPORT, _BACKTEST = (
    "features.json",
    "definition.yaml",
    "report.json",
    "backtest.npz",
)
#: Raised when the same plan gives other numbers than before: older models can't read those. Files
#: without it are of the first way, which took rhythms from events and not from days.
FEATURES_VERSION = 2


@dataclass(frozen=True)
class BacktestPredictions:
    """The out-of-time predictions of a model, all test snapshots together.

    Parameters
    ----------
    probabilities, scores
        (n,) float64.
    labels
        (n,) bool.
    fold
        (n,) int64, which test snapshot, oldest first.
    users
        (n,) int64 codes; the same user has the same code in every fold.
    """

    probabilities: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]
    labels: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int64]
    users: npt.NDArray[np.int64]


def write_model_folder(
    folder: Path,
    definition: Definition,
    made: RecipeBacktest,
    model: PropensityModel,
    report: dict[str, Any],
) -> None:
    """Write everything that a model version keeps."""
    plan, tested = made.data.feature_plan, made.tested
    folder.mkdir(parents=True)
    if made.recipe.source is not None:
        (folder / RECIPE_FILE).write_text(made.recipe.source, encoding="utf-8", newline="")
    model.save(folder)
    features = {"version": FEATURES_VERSION, "plan": plan.model_dump(mode="json")}
    (folder / _FEATURES).write_text(json.dumps(features, indent=1), encoding="utf-8")
    (folder / _DEFINITION).write_text(definition.to_yaml(), encoding="utf-8")
    (folder / _REPORT).write_text(json.dumps(report, indent=1), encoding="utf-8")
    probabilities = np.concatenate([fold.probabilities for fold in tested.folds])
    np.savez(
        folder / _BACKTEST,
        probabilities=probabilities,
        scores=scores_from_probabilities(probabilities, model.base_rate),
        labels=np.concatenate([fold.labels for fold in tested.folds]).astype(bool),
        fold=np.repeat(np.arange(len(tested.folds)), [len(fold.labels) for fold in tested.folds]),
        users=np.concatenate([fold.users for fold in tested.folds]),
    )


def read_model(folder: Path) -> tuple[PropensityModel, FeaturePlan]:
    """The model and the plan of its features, to compute them with.

    Raises
    ------
    Conflict
        When another release made it, which counted features in another way.
    """
    if _features(folder).get("version") != FEATURES_VERSION:
        raise Conflict(
            "The model was made by another release, which counts features in another way. "
            "Train anew, then score."
        )
    return PropensityModel.load(folder), read_plan(folder)


def read_plan(folder: Path) -> FeaturePlan:
    """The plan of a model's features, of any release."""
    features = _features(folder)
    return FeaturePlan.model_validate(features.get("plan", features))


def _features(folder: Path) -> dict[str, Any]:
    features: dict[str, Any] = json.loads((folder / _FEATURES).read_text(encoding="utf-8"))
    return features


def read_backtest(folder: Path) -> BacktestPredictions:
    """The out-of-time predictions of a model."""
    with np.load(folder / _BACKTEST, allow_pickle=False) as arrays:
        return BacktestPredictions(**{name: arrays[name] for name in arrays.files})
