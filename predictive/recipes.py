"""Recipes: how a model is made.

A recipe names the candidates that compete and the features that they see. The *standard* one is
the suite's own. Any other is a Python file in the workspace, ``recipes/NAME.py``, with one or
both of these functions::

    def estimators():                         # name to scikit-learn-compatible classifier
        return {"forest": make_pipeline(SimpleImputer(), ExtraTreesClassifier(300))}

    def features(events, attributes, as_of):  # an Ibis table: user_id and columns of numbers
        return events.group_by("user_id").agg(orders=events.order_id.nunique())

and, if the suite's own candidates are not to compete, ``keep_standard_candidates = False``. The
file is the operator's own code: it is run, and its text is kept with every model made by it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from models.estimator import RECIPE_FILE, EstimatorLearner
from models.own_code import digest_of, own_module
from models.settling import default_learners
from predictive.errors import InvalidInput, NotFound
from predictive.features.own import FUNCTION, declared_features
from predictive.features.plan import OwnFeatures

if TYPE_CHECKING:
    from models.candidates import Learner
    from predictive.store.models import ModelVersion
    from predictive.tables import EventTables
    from predictive.workspace import Workspace

#: Raised when the standard candidates or features change: models of two standards are compared.
STANDARD_VERSION = 4
#: Columns that the recency, frequency and money candidate reads, by the start of their name.
RFM_FEATURES = (
    "target_days_",
    "target_gap_mean",
    "any_days_since",
    "amount_sum",
    "amount_mean_all",
)
#: Of these, what a buy-till-you-die model reads: how often, since when, how long ago.
RFM_HISTORY = ("target_days_all", "target_days_since_first", "target_days_since_last")
_STANDARD = "standard"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ESTIMATOR_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_ABILITIES = ("fit", "predict_proba", "get_params", "set_params")


@dataclass(frozen=True)
class Recipe:
    """How a model is made.

    Parameters
    ----------
    name
        ``standard``, or the stem of the file.
    source
        The file's text; None for the standard recipe.
    """

    name: str = _STANDARD
    source: str | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What tells two recipes apart, as the store keeps it."""
        if self.source is None:
            return {"name": self.name, "version": STANDARD_VERSION}
        return {"name": self.name, "digest": digest_of(self.source)}

    def learners(self) -> tuple[Learner, ...]:
        """The kinds of candidates that compete."""
        standard = default_learners(RFM_FEATURES, RFM_HISTORY)
        if self.source is None:
            return standard
        module = own_module(self.source)
        own = tuple(
            EstimatorLearner(name, estimator, self.source)
            for name, estimator in _estimators(module).items()
        )
        return (*standard, *own) if _keeps_standard(module) else own

    def features(
        self, tables: EventTables, as_of: datetime, excluded: Sequence[str]
    ) -> OwnFeatures | None:
        """The own features, or None for a recipe without any.

        Raises
        ------
        InvalidInput
            When the recipe's function fails or gives no table of numbers.
        """
        if self.source is None or not hasattr(own_module(self.source), FUNCTION):
            return None
        return declared_features(self.name, self.source, tables, as_of, excluded)


STANDARD = Recipe()


def read_recipe(workspace: Workspace, name: str) -> Recipe:
    """A recipe by its name, its file read and checked.

    Raises
    ------
    NotFound
        When the workspace has no such recipe.
    InvalidInput
        When the file can't be run or does not hold a recipe.
    """
    if name == _STANDARD:
        return STANDARD
    file = recipes_path(workspace) / f"{name}.py"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise NotFound("recipe", name, recipe_names(workspace))
    try:
        recipe = Recipe(name, _text(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("recipe", name, f"a file that can be read ({error})") from None
    _check(recipe, file)
    return recipe


def recipe_of(workspace: Workspace, version: ModelVersion) -> Recipe | None:
    """The recipe a model was made by, as it was then; None when this release has it no more."""
    name = version.recipe["name"]
    if name == _STANDARD:
        return STANDARD if version.recipe == STANDARD.identity else None
    file = workspace.path / version.folder / RECIPE_FILE
    recipe = Recipe(name, _text(file))
    return recipe if recipe.identity == version.recipe else None


def recipe_names(workspace: Workspace) -> list[str]:
    """The recipes that a training may name: the standard one, then the workspace's own."""
    folder = recipes_path(workspace)
    own = sorted(file.stem for file in folder.glob("*.py") if _NAME.fullmatch(file.stem))
    return [_STANDARD, *(name for name in own if name != _STANDARD)]


def recipes_path(workspace: Workspace) -> Path:
    """Folder of the workspace's own recipes."""
    return workspace.path / "recipes"


def _text(file: Path) -> str:
    # Line ends as they are: the digest is of what stands in the file.
    return file.read_bytes().decode()


def _check(recipe: Recipe, file: Path) -> None:
    """Run a recipe's file and look at what it holds, before any data is read."""
    # LightGBM's threads wait busily unless told so before it is first imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    assert recipe.source is not None
    try:
        module = own_module(recipe.source, str(file))
        learners = recipe.learners()
    except InvalidInput:
        raise
    except Exception as error:
        raise _refused(
            recipe.name,
            "Python that runs",
            f"{type(error).__name__}: {error}",
        ) from error
    if not learners:
        raise _refused(
            recipe.name,
            "a recipe with at least one candidate",
            "With keep_standard_candidates = False it needs a function estimators().",
        )
    if not (hasattr(module, FUNCTION) or hasattr(module, "estimators")):
        raise _refused(recipe.name, "a file with a function estimators() or features()", "")
    for learner in learners:
        if isinstance(learner, EstimatorLearner):
            _check_kept(recipe.name, learner)


def _estimators(module: ModuleType) -> Mapping[str, Any]:
    function = getattr(module, "estimators", None)
    found = {} if function is None else function()
    allowed = "estimators() to give a dict of names and classifiers"
    if not isinstance(found, Mapping):
        raise InvalidInput("recipe.estimators", type(found).__name__, allowed)
    reserved = {learner.name for learner in default_learners(RFM_FEATURES, RFM_HISTORY)}
    for name, estimator in found.items():
        if not isinstance(name, str) or not _ESTIMATOR_NAME.fullmatch(name) or name in reserved:
            raise InvalidInput(
                "recipe.estimators",
                name,
                "names of a-z, 0-9 and _, other than " + ", ".join(sorted(reserved)),
            )
        lacking = [ability for ability in _ABILITIES if not hasattr(estimator, ability)]
        if lacking:
            raise InvalidInput(
                f"recipe.estimators.{name}",
                type(estimator).__name__,
                f"a classifier with {', '.join(_ABILITIES)}",
                f"It has no {lacking[0]}.",
            )
    return found


def _keeps_standard(module: ModuleType) -> bool:
    keeps = getattr(module, "keep_standard_candidates", True)
    if not isinstance(keeps, bool):
        raise InvalidInput("recipe.keep_standard_candidates", keeps, "True or False")
    return keeps


def _check_kept(recipe: str, learner: EstimatorLearner) -> None:
    try:
        learner.check()
    except ValueError as error:
        raise _refused(
            recipe, "classifiers that can be kept without pickling", str(error)
        ) from None


def _refused(name: str, allowed: str, hint: str) -> InvalidInput:
    return InvalidInput("recipe", name, allowed, hint or None)
