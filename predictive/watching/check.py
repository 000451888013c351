"""The ``check`` job: look at data and predictions, open alerts for what is wrong, close others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from predictive.definitions import Definition
from predictive.errors import InsufficientData
from predictive.sources import EventSource, open_source
from predictive.store.alerts import Alert
from predictive.store.predictions import Prediction
from predictive.watching.arrival import arrival
from predictive.watching.drift import REMEMBERED, drifts
from predictive.watching.findings import Finding, Verdict
from predictive.watching.intake import intake
from predictive.watching.newcomers import learned, newcomers
from predictive.watching.quality import estimated, quality_watch
from predictive.watching.volumes import recent_data_broken, volumes
from predictive.workspace import Workspace

#: States in which a prediction is watched.
_WATCHED = ("preview", "active")


def check(workspace: Workspace, *, now: datetime, prediction: str | None = None) -> dict[str, Any]:
    """Run every check; open, keep and resolve alerts accordingly, and keep the report.

    Parameters
    ----------
    workspace
        Whose data and predictions are looked at.
    now
        The moment of the check, with a time zone.
    prediction
        Only this prediction; default: the data, and every prediction that is active or a preview.

    Returns
    -------
    dict
        ``at``, ``as_of`` (the end of the data, None without events), ``found``: what is wrong
        now; ``opened`` and ``resolved``: numbers of alerts; ``data`` and ``predictions``: what
        was looked at.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    source = open_source(workspace)
    as_of = _data_end(source)
    watched = _watched(workspace, prediction)
    looks = []
    if prediction is None and as_of:
        looks = [*_data(workspace, source, as_of, watched, now)]
    report: dict[str, Any] = {
        "at": now.isoformat(),
        "as_of": as_of.isoformat() if as_of else None,
        "found": [],
        "opened": [],
        "resolved": [],
        "data": _told(looks),
        "predictions": {},
    }
    _settle(workspace, None, looks, now, report)
    for one in watched:
        looks = [*_prediction(workspace, source, as_of, one)] if as_of else []
        report["predictions"][one.name] = _told(looks)
        _settle(workspace, one.name, looks, now, report)
    if prediction is None:
        _forget_unwatched(workspace, watched, now, report)
    if as_of:
        workspace.store.checks.add(prediction, as_of, report, now)
    return report


def _data_end(source: EventSource) -> datetime | None:
    try:
        return source.data_end()
    except InsufficientData:
        return None


def _watched(workspace: Workspace, prediction: str | None) -> Sequence[Prediction]:
    if prediction is not None:
        return [workspace.store.predictions.get(prediction)]
    return [one for one in workspace.store.predictions.list() if one.state in _WATCHED]


def _data(
    workspace: Workspace,
    source: EventSource,
    as_of: datetime,
    watched: Sequence[Prediction],
    now: datetime,
) -> Iterator[Verdict]:
    open_alerts = _open(workspace, None)
    yield volumes(source, as_of, workspace.config.timezone, open_alerts)
    yield newcomers(source, as_of, learned(workspace, watched), open_alerts)
    yield intake(workspace)
    yield arrival(source, now)


def _prediction(
    workspace: Workspace, source: EventSource, as_of: datetime, prediction: Prediction
) -> Iterator[Verdict]:
    open_alerts = _open(workspace, prediction.name)
    current = workspace.store.runs.current(prediction.name)
    if current is not None:
        recent = workspace.store.runs.list(prediction.name, since=current.as_of - REMEMBERED)
        earlier = [one for one in recent if one.published_at]
        yield drifts(workspace, current, earlier, open_alerts)
        yield Verdict((), report={"estimate": estimated(workspace, current)})
    yield quality_watch(workspace, prediction.name)
    if any(alert.kind == "data_broken" for alert in open_alerts):
        yield _broken_data(workspace, source, as_of, prediction)


def _broken_data(
    workspace: Workspace, source: EventSource, as_of: datetime, prediction: Prediction
) -> Verdict:
    """Whether what a training found broken still is."""
    definition = Definition.from_text(prediction.definition_yaml)
    broken = recent_data_broken(workspace, source, as_of, definition.target_events)
    still = [alert for alert in _open(workspace, prediction.name) if alert.kind == "data_broken"]
    findings = [
        Finding(
            "data_broken",
            alert.subject,
            alert.message,
            alert.details,
            prediction.name,
            alert.severity,
        )
        for alert in still
        if broken
    ]
    return Verdict(("data_broken",), findings)


def _open(workspace: Workspace, prediction: str | None) -> list[Alert]:
    found = workspace.store.alerts.list(prediction, open_only=True)
    return [alert for alert in found if alert.prediction == prediction]


def _told(looks: Sequence[Verdict]) -> dict[str, Any]:
    return {name: value for look in looks for name, value in look.report.items()}


def _settle(
    workspace: Workspace,
    prediction: str | None,
    looks: Sequence[Verdict],
    now: datetime,
    report: dict[str, Any],
) -> None:
    """Open what was found, resolve what was judged and not found again."""
    alerts = workspace.store.alerts
    before = {(alert.kind, alert.subject): alert for alert in _open(workspace, prediction)}
    found: dict[tuple[str, str], Finding] = {
        (one.kind, one.subject): one for look in looks for one in look.findings
    }
    for finding in found.values():
        alert = alerts.open(
            prediction,
            finding.kind,
            finding.subject,
            severity=finding.severity,
            message=finding.message,
            details=finding.details,
            at=now,
        )
        report["found"].append(finding.to_dict() | {"alert": alert.id})
        if (finding.kind, finding.subject) not in before:
            report["opened"].append(alert.id)
    judged = {kind for look in looks for kind in look.kinds}
    for alert in before.values():
        if alert.kind in judged and (alert.kind, alert.subject) not in found:
            _resolve(workspace, alert, now, report)


def _forget_unwatched(
    workspace: Workspace, watched: Sequence[Prediction], now: datetime, report: dict[str, Any]
) -> None:
    """Nobody need be told of a prediction that is archived or a draft again."""
    names = {one.name for one in watched}
    for alert in workspace.store.alerts.list(open_only=True):
        if alert.prediction is not None and alert.prediction not in names:
            _resolve(workspace, alert, now, report)


def _resolve(workspace: Workspace, alert: Alert, now: datetime, report: dict[str, Any]) -> None:
    if workspace.store.alerts.resolve(alert.prediction, alert.kind, alert.subject, now):
        report["resolved"].append(alert.id)
