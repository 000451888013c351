"""What the first page tells of each prediction, gathered from the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from predictive.alerts import list_alerts
from predictive.definitions import Definition
from predictive.predictions import list_all
from predictive.schedules import DEFAULT_SCHEDULE
from predictive.store.jobs import Job
from predictive.workspace import Workspace


@dataclass(frozen=True)
class Line:
    """One prediction in the list.

    Parameters
    ----------
    summary
        As :func:`predictive.predictions.list_all` tells it.
    actual
        Quality of the newest evaluated run, None while none has matured.
    job
        The newest one.
    schedule
        When it is scored, in the words of the definition; None for never.
    alerts
        How many are open.
    """

    summary: dict[str, Any]
    actual: dict[str, Any] | None
    job: Job | None
    schedule: str | None
    alerts: int


def overview(workspace: Workspace) -> list[Line]:
    """All predictions by name."""
    return [_line(workspace, summary) for summary in list_all(workspace)]


def _line(workspace: Workspace, summary: dict[str, Any]) -> Line:
    store, name = workspace.store, summary["name"]
    evaluation = store.evaluations.newest(name)
    jobs = store.jobs.list(name, limit=1)
    return Line(
        summary,
        evaluation.report["actual"]["quality"] if evaluation else None,
        jobs[0] if jobs else None,
        _schedule(store.predictions.get(name).definition_yaml, summary["state"]),
        len(list_alerts(workspace, name, open_only=True)["alerts"]),
    )


def _schedule(yaml: str, state: str) -> str | None:
    if state not in {"active", "preview"}:
        return None
    schedule = Definition.from_text(yaml).schedule or DEFAULT_SCHEDULE
    return None if schedule == "none" else schedule
