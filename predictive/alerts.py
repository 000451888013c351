"""Alerts as they are listed and shown, whoever asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from predictive.watching.findings import ALERT_KINDS

if TYPE_CHECKING:
    from predictive.store.alerts import Alert
    from predictive.workspace import Workspace

_MOMENTS = ("opened_at", "last_seen_at", "resolved_at")


def list_alerts(
    workspace: Workspace,
    prediction: str | None = None,
    *,
    open_only: bool = False,
    limit: int = 100,
    before: int | None = None,
) -> dict[str, Any]:
    """Alerts, newest first.

    Parameters
    ----------
    workspace
        Where they are kept.
    prediction
        Only those about it; default: all, those about the data among them.
    open_only
        Leave out those that are resolved.
    limit
        At most as many.
    before
        Only older ones than the alert with this number.

    Returns
    -------
    dict
        ``prediction``, ``alerts``, and ``next``: what to give as ``before`` for the next page,
        None where there is none.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    found = workspace.store.alerts.list(
        prediction, open_only=open_only, limit=limit + 1, before_id=before
    )
    shown = found[:limit]
    return {
        "prediction": prediction,
        "alerts": [_told(alert) for alert in shown],
        "next": shown[-1].id if len(found) > limit else None,
    }


def show_alert(workspace: Workspace, number: int) -> dict[str, Any]:
    """One alert.

    Raises
    ------
    NotFound
        When there is none of that number.
    """
    return _told(workspace.store.alerts.get(number))


def _told(alert: Alert) -> dict[str, Any]:
    fields = asdict(alert)
    moments = {name: fields[name] and fields[name].isoformat() for name in _MOMENTS}
    meaning = next((words for kind, words in ALERT_KINDS.items() if kind == alert.kind), None)
    return fields | moments | {"meaning": meaning}
