"""What a replay has shown: what was found when, and quality expected and actual by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from statistics import fmean
from typing import Any

from predictive.replay.incidents import Incident
from predictive.replay.recording import Recording
from predictive.store.alerts import Alert
from predictive.store.evaluations import Evaluation
from predictive.workspace import Workspace

_YEAR_DAYS = 365.25


def replay_report(
    workspace: Workspace,
    predictions: Sequence[str],
    recording: Recording,
    incidents: Sequence[Incident],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """The result of a replay.

    Parameters
    ----------
    workspace
        Where it took place.
    predictions
        Their names.
    recording
        What was replayed.
    incidents
        What went wrong in it.
    seconds
        How long each kind of work took.

    Returns
    -------
    dict
        ``from``, ``to`` and ``days``; ``incidents``, each with the alerts that named it and
        after how many days; ``alerts``, all of them, with ``meaning``: ``names`` an incident,
        ``after`` one, ``false``, or ``unknown`` where the events are real; ``false_alerts``, None
        where nobody knows, and ``quiet_prediction_years``, in which no incident is known; for
        every prediction the ``months`` with quality and base rate as expected and as they came,
        and the ``models``; ``jobs`` by kind and state;
        ``seconds``.
    """
    store = workspace.store
    otherwise = "false" if recording.synthetic else "unknown"
    found = sorted(store.alerts.list(), key=_opened)
    alerts = [_alert(alert, incidents, otherwise) for alert in found]
    quiet_days = min(
        [recording.days, *((incident.day - recording.start).days for incident in incidents)]
    )
    false_alerts = sum(alert["meaning"] == "false" for alert in alerts)
    years = len(predictions) * quiet_days / _YEAR_DAYS
    return {
        "workspace": str(workspace.path),
        "from": recording.start.isoformat(),
        "to": recording.end.isoformat(),
        "days": recording.days,
        "incidents": [_incident(incident, alerts) for incident in incidents],
        "alerts": alerts,
        "false_alerts": false_alerts if recording.synthetic else None,
        "quiet_prediction_years": round(years, 3),
        "predictions": [_prediction(workspace, name) for name in predictions],
        "jobs": _jobs(workspace),
        "seconds": {kind: round(spent, 1) for kind, spent in sorted(seconds.items())},
    }


def _opened(alert: Alert) -> tuple[datetime, int]:
    return alert.opened_at, alert.id


def _alert(alert: Alert, incidents: Sequence[Incident], otherwise: str) -> dict[str, Any]:
    shown = {
        "prediction": alert.prediction,
        "kind": alert.kind,
        "subject": alert.subject,
        "severity": alert.severity,
        "message": alert.message,
        "opened_at": alert.opened_at.isoformat(),
        "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
    }
    return shown | {"meaning": _meaning(shown, incidents) or otherwise}


def _meaning(alert: Mapping[str, Any], incidents: Sequence[Incident]) -> str | None:
    """``names`` an incident that has begun, or is raised ``after`` one; None when none has."""
    begun = [incident for incident in incidents if _days_after(alert, incident.day) >= 0]
    if not begun:
        return None
    return "names" if any(incident.named_by(alert) for incident in begun) else "after"


def _days_after(alert: Mapping[str, Any], day: date) -> int:
    """Days from the first day of an incident to the alert: 1 is the morning after it."""
    return (datetime.fromisoformat(alert["opened_at"]).date() - day).days


def _incident(incident: Incident, alerts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    naming = [
        {
            "kind": alert["kind"],
            "subject": alert["subject"],
            "prediction": alert["prediction"],
            "days": _days_after(alert, incident.day),
        }
        for alert in alerts
        if alert["meaning"] == "names"
        and incident.named_by(alert)
        and _days_after(alert, incident.day) >= 0
    ]
    return {
        "kind": incident.kind,
        "description": incident.description,
        "day": incident.day.isoformat(),
        "found_after_days": min((found["days"] for found in naming), default=None),
        "named_by": naming,
    }


def _prediction(workspace: Workspace, name: str) -> dict[str, Any]:
    store = workspace.store
    versions = store.models.list(name)
    kept = store.evaluations.list(name)
    return {
        "prediction": name,
        "models": len(versions),
        "promoted": sum(version.promoted_at is not None for version in versions),
        "runs": sum(run.published_at is not None for run in store.runs.list(name)),
        "evaluated": len({evaluation.run_id for evaluation in kept}),
        "months": _months(kept),
    }


def _months(kept: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Means over the runs of a month: quality and base rate, expected and actual."""
    by_run = {evaluation.run_id: evaluation for evaluation in reversed(kept)}
    by_month: dict[str, list[Mapping[str, Any]]] = {}
    for evaluation in sorted(by_run.values(), key=lambda found: found.as_of):
        by_month.setdefault(f"{evaluation.as_of:%Y-%m}", []).append(evaluation.report)
    return [
        {
            "month": month,
            "runs": len(reports),
            "expected_quality": fmean(r["expected"]["quality"]["value"] for r in reports),
            "actual_quality": fmean(r["actual"]["quality"]["value"] for r in reports),
            "expected_share": fmean(
                r["actual"]["positives"]
                / r["actual"]["n"]
                / (r["actual"]["calibration"]["observed_expected"] or 1.0)
                for r in reports
            ),
            "actual_share": fmean(r["actual"]["positives"] / r["actual"]["n"] for r in reports),
        }
        for month, reports in by_month.items()
    ]


def _jobs(workspace: Workspace) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for job in workspace.store.jobs.list():
        counted.setdefault(job.kind, Counter())[job.state] += 1
    return {kind: dict(states) for kind, states in sorted(counted.items())}
