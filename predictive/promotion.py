"""Which version of a model is champion: decided when it is trained, or by a person.

A challenger's *recipe* is held against the champion's, each refitted on the past of the same test
snapshots; it takes over unless it is worse beyond chance. Our store says who is champion; the
aliases of MLflow mirror it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evaluation.quality import Fold, expected_quality
from predictive.comparison import compared
from predictive.definitions import Definition
from predictive.errors import Conflict
from predictive.recipes import Recipe, recipe_of
from predictive.store.history import PYTHON
from predictive.tracking import mirror_roles
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence, joined

if TYPE_CHECKING:
    from predictive.store.history import Change
    from predictive.store.models import ModelVersion
    from predictive.workspace import Workspace

#: Keys of a definition that say nothing about what is predicted, for whom, or from what.
_BESIDE_THE_MODEL = frozenset({"categories", "schedule", "holdout_share", "retraining"})


@dataclass(frozen=True)
class Rival:
    """The champion that a new model meets.

    Parameters
    ----------
    version
        The champion.
    recipe
        Its recipe as it was; None when this release has it no more.
    same_question
        Whether it predicts the same of the same users from the same features as the definition
        says now.
    """

    version: ModelVersion
    recipe: Recipe | None
    same_question: bool

    def to_be_compared(self, recipe: Recipe) -> bool:
        """Whether a backtest of its recipe has something to say about another recipe."""
        return self.same_question and self.recipe is not None and self.recipe != recipe

    def against(self, own: Sequence[Fold], challenger: Sequence[Fold]) -> dict[str, Any]:
        """What the test of a challenger's recipe against the champion's came to.

        Parameters
        ----------
        own, challenger
            What the two recipes predict for the same test snapshots.

        Returns
        -------
        dict
            :func:`predictive.comparison.compared`, with ``champion_version``, the champion's
            ``recipe`` and, of each, the ``quality`` on these snapshots.
        """
        return {
            "champion_version": self.version.version,
            "recipe": dict(self.version.recipe),
            "champion_quality": expected_quality(own).to_dict(),
            "challenger_quality": expected_quality(challenger).to_dict(),
            **compared(own, challenger),
        }


@dataclass(frozen=True)
class Decision:
    """What becomes of a new model.

    Parameters
    ----------
    promoted
        Whether it becomes champion.
    reason
        Why, in a sentence.
    comparison
        The test against the champion's recipe, where there was one.
    broken
        What is wrong with the recent data, in sentences.
    """

    promoted: bool
    reason: str
    comparison: Mapping[str, Any] | None = None
    broken: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """As the training report tells it."""
        return {
            "promoted": self.promoted,
            "data_broken": [str(each) for each in self.broken],
            "promotion_reason": str(self.reason),
            "promotion_said": kept(self.reason),
            "comparison": self.comparison,
        }


def rival_of(workspace: Workspace, name: str, definition: Definition) -> Rival | None:
    """The champion that a model of this definition would replace."""
    champion = workspace.store.models.champion(name)
    if champion is None:
        return None
    text = workspace.store.predictions.definition_yaml(name, champion.definition_version)
    same = _question(Definition.from_text(text)) == _question(definition)
    return Rival(champion, recipe_of(workspace, champion), same)


def decide(
    rival: Rival | None,
    definition: Definition,
    as_of: datetime,
    comparison: Mapping[str, Any] | None,
    broken: Sequence[str] = (),
) -> Decision:
    """Whether a new model takes over.

    Parameters
    ----------
    rival
        The champion of now.
    definition
        What the new model predicts; it also says whether people promote by hand.
    as_of
        As of when the new model was trained.
    comparison
        :meth:`Rival.against` of the two recipes, where they were compared.
    broken
        What is wrong with the recent data, in sentences.
    """
    if rival is None:
        caution = ["But the recent data are broken:", *broken] if broken else []
        return Decision(True, " ".join(["It is the first model.", *caution]), broken=broken)
    if broken:
        return Decision(False, keeps_champion(broken), comparison, broken)
    if definition.retraining.promotion == "manual":
        reason = "The definition leaves promotion to people, so it waits as challenger."
        if comparison is not None:
            reason += f" Its recipe against the champion's: {_figures(comparison)}."
        return Decision(False, reason, comparison)
    if comparison is None:
        return Decision(True, _uncompared(rival, as_of))
    return _compared(comparison)


def promote(
    workspace: Workspace,
    name: str,
    version: int,
    *,
    by: str = PYTHON,
    at: datetime | None = None,
    note: str = "Promoted by hand.",
) -> dict[str, Any]:
    """Make a version champion; scores change with the next scoring run.

    Parameters
    ----------
    workspace
        Where the prediction is kept.
    name
        The prediction.
    version
        The model version.
    by, at, note
        Who, when (by default now) and why, for the history.

    Returns
    -------
    dict
        ``prediction``, ``champion_version``, ``challenger_version``, ``before`` and ``changed``.

    Raises
    ------
    NotFound
        When there is no such prediction or version.
    """
    models = workspace.store.models
    before = models.champion(name)
    models.set_champion(name, version, by=by, at=at, note=note)
    mirror_roles(workspace, name)
    challenger = models.challenger(name)
    return {
        "prediction": name,
        "champion_version": version,
        "challenger_version": challenger.version if challenger else None,
        "before": before.version if before else None,
        "changed": before is None or before.version != version,
    }


def rollback(
    workspace: Workspace, name: str, *, by: str = PYTHON, at: datetime | None = None
) -> dict[str, Any]:
    """Make the version champion that was champion before; again, the one before that.

    Returns
    -------
    dict
        As :func:`promote`.

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When no version was champion before.
    """
    line = _line_of_champions(workspace.store.models.list(name), workspace.store.history.list(name))
    if len(line) < 2:
        now = f"Version {line[-1]} is the first champion" if line else "There is no champion"
        raise Conflict(f"{now} of {name!r}. There is nothing to roll back to.")
    note = f"Rolled back from version {line[-1]}."
    return promote(workspace, name, line[-2], by=by, at=at, note=note)


def settle(workspace: Workspace, registered: ModelVersion, *, by: str, at: datetime) -> None:
    """Give a version the role that its training decided on; a second time changes nothing.

    Parameters
    ----------
    workspace
        Where the prediction is kept.
    registered
        What was trained.
    by, at
        Who trained and when, for the history and an alert. No role is given before the version
        was made.
    """
    report, models = registered.report, workspace.store.models
    name, version, reason = registered.prediction, registered.version, report["promotion_reason"]
    newest = models.list(name)[0].version == version
    made = max(at, registered.created_at)
    if report["promoted"] and registered.promoted_at is None:
        models.set_champion(name, version, by=by, at=made, note=reason)
    elif not report["promoted"] and not report["data_broken"] and newest:
        models.set_challenger(name, version, by=by, at=made, note=reason)
    if report["data_broken"] and newest:
        details = {"model_version": version, "findings": report["data_broken"]}
        if said := report.get("promotion_said"):
            details["said"] = said
        alert_broken(workspace, name, reason, details, at)
    mirror_roles(workspace, name)


def keeps_champion(broken: Sequence[str]) -> str:
    """Why a training on broken data changes nothing, in sentences."""
    return Sentence(
        "The recent data are broken, so the champion stays: {broken}",
        broken=joined(list(broken), " "),
    )


def alert_broken(
    workspace: Workspace, name: str, message: str, details: Mapping[str, Any], at: datetime
) -> None:
    """Tell people that a training found the recent data broken."""
    workspace.store.alerts.open(
        name,
        "data_broken",
        "recent data",
        severity="critical",
        message=message,
        details=details,
        at=at,
    )


def _question(definition: Definition) -> dict[str, Any]:
    return definition.model_dump(exclude=set(_BESIDE_THE_MODEL))


def _uncompared(rival: Rival, as_of: datetime) -> str:
    if not rival.same_question:
        before = rival.version.definition_version
        return f"The definition has changed since version {before}, the champion's."
    if rival.recipe is None:
        return "The champion's recipe belongs to another release and can't be compared."
    if as_of > rival.version.as_of:
        return "The same recipe on newer data."
    if as_of == rival.version.as_of:
        return "The same recipe as of the same moment."
    return "The same recipe, trained as of an earlier moment, as asked for."


def _figures(comparison: Mapping[str, Any]) -> str:
    return (
        f"{comparison['difference']:+.1f} points of Prediction Quality on the same snapshots, "
        f"p = {comparison['p']:.3f}"
    )


def _compared(comparison: Mapping[str, Any]) -> Decision:
    figures = _figures(comparison)
    if comparison["verdict"] == "worse":
        return Decision(
            False, f"It is worse than the champion's recipe beyond chance: {figures}.", comparison
        )
    return Decision(True, f"It is not worse than the champion's recipe: {figures}.", comparison)


def _line_of_champions(versions: Sequence[ModelVersion], changes: Sequence[Change]) -> list[int]:
    """Who was champion one after the other; going back to the one before takes one away."""
    became = [
        int(change.after["champion_version"])
        for change in reversed(changes)
        if change.kind == "model" and change.after
    ]
    # Versions promoted before there was a history.
    promoted = sorted(
        (version.promoted_at, version.version)
        for version in versions
        if version.promoted_at is not None and version.version not in became
    )
    line: list[int] = []
    for version in (*(each for _, each in promoted), *became):
        if line[-2:-1] == [version]:
            line.pop()
        else:
            line.append(version)
    return line
