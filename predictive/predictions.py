"""Predictions by name: create, update, show, list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from predictive.conditions.vocabulary import check_names
from predictive.definitions import Definition
from predictive.sources import open_source
from predictive.workspace import Workspace


def apply(workspace: Workspace, definition: Definition | Path | str) -> dict[str, Any]:
    """Create a prediction, or give an existing one a new definition version.

    Parameters
    ----------
    workspace
        Where it is kept.
    definition
        A definition, the path of a YAML or JSON file, or its text.

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
    parsed = read_definition(definition)
    check_names(parsed, open_source(workspace).vocabulary())
    prediction, change, version = workspace.store.predictions.create_or_update(
        parsed.name, parsed.kind, parsed.to_yaml()
    )
    return {"name": prediction.name, "definition_version": version, "change": change}


def read_definition(definition: Definition | Path | str) -> Definition:
    """A definition from itself, a file or a text."""
    if isinstance(definition, Definition):
        return definition
    if isinstance(definition, Path):
        return Definition.from_file(definition)
    return Definition.from_text(definition)
