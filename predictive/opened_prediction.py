"""What every job needs first: the prediction, its definition and its source of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from predictive.definitions import Definition
from predictive.sources import EventSource, open_source
from predictive.windows import MAX_SNAPSHOTS, SnapshotPlan, snapshot_plan
from predictive.workspace import Workspace


@dataclass(frozen=True)
class OpenPrediction:
    """A prediction opened for work.

    Parameters
    ----------
    name
        Its name.
    definition_version
        Version of the definition below.
    definition
        What it predicts, for whom.
    source
        Where events and attributes stand.
    """

    name: str
    definition_version: int
    definition: Definition
    source: EventSource


def open_prediction(
    workspace: Workspace, name: str, definition_version: int | None = None
) -> OpenPrediction:
    """The prediction at its newest, or at a given, definition version.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    prediction = workspace.store.predictions.get(name)
    version = definition_version or prediction.definition_version
    text = workspace.store.predictions.definition_yaml(name, version)
    return OpenPrediction(name, version, Definition.from_text(text), open_source(workspace))


def plan_for(
    source: EventSource, definition: Definition, data_end: datetime, *, most: int = MAX_SNAPSHOTS
) -> SnapshotPlan:
    """The snapshots of a definition, so many at most, over the history that a source holds."""
    return snapshot_plan(
        source.history_start(),
        data_end,
        definition.target.within_days,
        mirrored=definition.kind == "churn",
        most=most,
    )
