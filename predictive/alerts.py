"""Alerts as they are listed and shown, whoever asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from predictive import cursors
from predictive.watching.findings import ALERT_KINDS
from predictive.wording.sentence import sentence

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
    cursor: str | None = None,
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
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``prediction``, ``alerts``, and ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        When there is no such prediction.
    InvalidInput
        The cursor is none.
    """
    found = workspace.store.alerts.list(
        prediction,
        open_only=open_only,
        limit=cursors.room_for(limit),
        before_id=cursors.number_of(cursor),
    )
    shown, following = cursors.page(found, limit, lambda alert: [alert.id])
    return {
        "prediction": prediction,
        "alerts": [_told(alert) for alert in shown],
        "next_cursor": following,
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
    return fields | moments | {"meaning": meaning and sentence(meaning)}
