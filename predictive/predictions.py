"""Predictions by name: create, update, show, list."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from predictive.errors import NotFound
from predictive.store.history import PYTHON
from predictive.store.predictions import Prediction
from predictive.workspace import Workspace

if TYPE_CHECKING:
    from predictive.definitions import Definition


def apply(
    workspace: Workspace,
    definition: Definition | Path | str,
    *,
    by: str = PYTHON,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Create a prediction, or give an existing one a new definition version.

    Parameters
    ----------
    workspace
        Where it is kept.
    definition
        A definition, the path of a YAML or JSON file, or its text.
    by
        Who does it, for the history: ``command line`` or ``key <id>``.
    now
        When, for the history; by default, the present moment.

    Returns
    -------
    dict
        ``name``, ``definition_version`` and ``change``: created, updated or unchanged.

    Raises
    ------
    InvalidInput
        When the definition is wrong or names events, properties or attributes that the
        workspace has never seen; nothing is changed then.
    """
    parsed = _checked(workspace, definition)
    applied = workspace.store.predictions.create_or_update(parsed, by=by, at=now)
    return {
        "name": parsed.name,
        "kind": parsed.kind,
        "definition_version": applied.definition_version,
        "change": applied.change,
    }


def validate(workspace: Workspace, definition: Definition | Path | str) -> dict[str, Any]:
    """What :func:`apply` would do; nothing is changed.

    Returns
    -------
    dict
        As of :func:`apply`, and ``definition``: how it would be kept, as YAML.

    Raises
    ------
    InvalidInput
        As :func:`apply` would.
    """
    parsed = _checked(workspace, definition)
    told = {"name": parsed.name, "kind": parsed.kind, "definition": parsed.to_yaml()}
    try:
        before = workspace.store.predictions.get(parsed.name)
    except NotFound:
        return told | {"definition_version": 1, "change": "created"}
    changed = before.definition_yaml != told["definition"]
    return told | {
        "definition_version": before.definition_version + changed,
        "change": "updated" if changed else "unchanged",
    }


def list_all(
    workspace: Workspace, *, after: str = "", limit: int | None = None
) -> list[dict[str, Any]]:
    """Every prediction in short, by name: those after a name, at most ``limit``."""
    found = workspace.store.predictions.list(after=after, limit=limit)
    return [_summary(workspace, prediction) for prediction in found]


def show(workspace: Workspace, name: str) -> dict[str, Any]:
    """One prediction: its definition, models, published scores and newest evaluation.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    store = workspace.store
    prediction = store.predictions.get(name)
    from predictive.definitions import Definition  # noqa: PLC0415  (`list` needs none)

    definition = Definition.from_text(prediction.definition_yaml)
    evaluation = store.evaluations.newest(name)
    return _summary(workspace, prediction) | {
        "definition": definition.to_yaml(),
        "categories": definition.category_bounds,
        "models": [
            {
                "version": version.version,
                "role": _role(prediction, version.version),
                "definition_version": version.definition_version,
                "as_of": version.as_of.isoformat(),
                "created_at": version.created_at.isoformat(),
                "quality": version.report["quality"],
                "seed": version.seed,
                "data_version": version.data_version,
                "code_version": version.code_version,
                "mlflow_run_id": version.mlflow_run_id,
            }
            for version in store.models.list(name)
        ],
        "evaluation": dict(evaluation.report) if evaluation else None,
    }


def _role(prediction: Prediction, version: int) -> str | None:
    roles = {prediction.challenger_version: "challenger", prediction.champion_version: "champion"}
    return roles.get(version)


def _summary(workspace: Workspace, prediction: Prediction) -> dict[str, Any]:
    champion = workspace.store.models.champion(prediction.name)
    run = workspace.store.runs.current(prediction.name)
    return {
        "name": prediction.name,
        "kind": prediction.kind,
        "state": prediction.state,
        "definition_version": prediction.definition_version,
        "window_days": prediction.window.days,
        "created_at": prediction.created_at.isoformat(),
        "updated_at": prediction.updated_at.isoformat(),
        "model_version": champion.version if champion else None,
        "quality": champion.report["quality"] if champion else None,
        "scores": {
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "users": run.users,
            "model_version": run.model_version,
        }
        if run
        else None,
    }


def _checked(workspace: Workspace, definition: Definition | Path | str) -> Definition:
    from predictive.conditions.vocabulary import check_names  # noqa: PLC0415
    from predictive.sources import open_source  # noqa: PLC0415  (Ibis: not for a list)

    parsed = read_definition(definition)
    check_names(parsed, open_source(workspace).vocabulary())
    return parsed


def read_definition(definition: Definition | Path | str) -> Definition:
    """A definition from itself, a file or a text."""
    from predictive.definitions import Definition  # noqa: PLC0415  (`list` needs none)

    if isinstance(definition, Definition):
        return definition
    if isinstance(definition, Path) or definition.endswith((".yaml", ".yml", ".json")):
        return Definition.from_file(definition)
    return Definition.from_text(definition)
