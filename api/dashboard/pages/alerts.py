"""What the checks found wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded
from api.dashboard.numbers import moment
from api.dashboard.parts import card, cell, element, empty, table
from api.dashboard.visit import Visit, visit_of
from predictive.alerts import list_alerts

_SHOWN = 200
_COLUMNS = ("what", "about", "since", "state")


@ui.page("/alerts")
async def alerts(request: Request) -> None:
    """List alerts, the newest first."""
    visit = visit_of(request)
    with frame(visit, "alerts", "/alerts"):
        element("h1", visit.say("alerts.title"))
        found = await loaded(visit, list_alerts, visit.workspace, limit=_SHOWN)
        if found is None:
            return
        if not found["alerts"]:
            empty(visit.say("alerts.empty"), visit.say("alerts.empty.next"))
            return
        columns = [visit.say(f"alerts.{column}") for column in _COLUMNS]
        with card(), table(columns, visit.say("alerts.title")):
            for alert in found["alerts"]:
                _row(visit, alert, columns)


def _row(visit: Visit, alert: dict[str, Any], columns: list[str]) -> None:
    is_open = alert["resolved_at"] is None
    with element("tr"):
        with cell(columns[0]):
            element("div", visit.words(alert["message"], alert["details"].get("said")))
            if alert["meaning"]:
                element("div", visit.words(alert["meaning"]), classes="quiet small")
        with cell(columns[1]):
            _about(visit, alert["prediction"])
        with cell(columns[2]):
            element("span", moment(alert["opened_at"]))
        with cell(columns[3]):
            colour = {"critical": "bad", "warning": "fair"}.get(alert["severity"], "")
            if is_open:
                element("span", visit.say("alerts.open"), classes=f"pill {colour}")
            else:
                element("span", visit.say("alerts.resolved"), classes="pill")


def _about(visit: Visit, prediction: str | None) -> None:
    if prediction is None:
        element("span", visit.say("alerts.data"))
    else:
        element("a", prediction, href=f"/predictions/{quote(prediction, safe='')}")
