"""What the first page tells of each prediction, gathered from the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.dashboard.visit import now
from predictive.alerts import list_alerts
from predictive.definitions import Definition
from predictive.due import ANCHOR
from predictive.errors import InsufficientData
from predictive.predictions import list_all
from predictive.schedules import DEFAULT_SCHEDULE, Schedule, next_due
from predictive.sources import open_source
from predictive.store.jobs import Job, Jobs
from predictive.store.predictions import Prediction
from predictive.workspace import Workspace


@dataclass(frozen=True)
class Overview:
    """What the first page tells.

    Parameters
    ----------
    lines
        All predictions by name.
    data_end
        Where the events end; None while there are none.
    """

    lines: list[Line]
    data_end: datetime | None


@dataclass(frozen=True)
class Line:
    """One prediction in the list.

    Parameters
    ----------
    summary
        As :func:`predictive.predictions.list_all` tells it.
    actual
        Quality of the newest evaluated run, None while none has matured.
    build
        The newest job that trains, or whichever is at work now; None while there was none.
    trained
        When the model in use was trained, by a job or by hand; None while there is none.
    next_scores
        When it is to be scored next; None for never, or not before somebody asks.
    alerts
        How many are open.
    """

    summary: dict[str, Any]
    actual: dict[str, Any] | None
    build: Job | None
    trained: datetime | None
    next_scores: datetime | None
    alerts: int


def overview(workspace: Workspace) -> Overview:
    """All predictions, and where the data ends."""
    lines = [_line(workspace, summary) for summary in list_all(workspace)]
    return Overview(lines, _data_end(workspace))


def _data_end(workspace: Workspace) -> datetime | None:
    try:
        return open_source(workspace).data_end()
    except InsufficientData:
        return None


def _line(workspace: Workspace, summary: dict[str, Any]) -> Line:
    store, name = workspace.store, summary["name"]
    evaluation, champion = store.evaluations.newest(name), store.models.champion(name)
    return Line(
        summary,
        evaluation.report["actual"]["quality"] if evaluation else None,
        _build(store.jobs, name),
        champion.created_at if champion else None,
        _next_scores(workspace, store.predictions.get(name)),
        len(list_alerts(workspace, name, open_only=True)["alerts"]),
    )


def _build(jobs: Jobs, name: str) -> Job | None:
    at_work = jobs.list(name, unfinished=True, limit=1)
    trained = [*jobs.list(name, kind="build", limit=1), *jobs.list(name, kind="train", limit=1)]
    newest = sorted(trained, key=lambda job: job.created_at, reverse=True)
    return next(iter([*at_work, *newest]), None)


def _next_scores(workspace: Workspace, prediction: Prediction) -> datetime | None:
    if prediction.state not in {"active", "preview"}:
        return None
    text = Definition.from_text(prediction.definition_yaml).schedule or DEFAULT_SCHEDULE
    return next_due(Schedule.parse(text), now(), workspace.config.timezone, ANCHOR)
