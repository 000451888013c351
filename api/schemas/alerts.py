"""Alerts: what the checks found wrong."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment

_STOPPED: dict[str, Any] = {
    "id": 7,
    "prediction": None,
    "kind": "event_stopped",
    "subject": "product_viewed",
    "severity": "critical",
    "message": "Event 'product_viewed' has stopped since 2025-11-01: 0 came where about 696 were "
    "to be expected, while the other events kept their level.",
    "meaning": "An event no longer comes in, or hardly.",
    "details": {"since": "2025-11-01", "observed": 0, "expected": 696.2, "p": 1.2e-19},
    "opened_at": "2025-11-03T03:00:00Z",
    "last_seen_at": "2025-11-05T03:00:00Z",
    "resolved_at": None,
    "times_seen": 3,
}


class Alert(BaseModel):
    """Something wrong with the data or a prediction; open until it is gone."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STOPPED]})

    id: int
    prediction: str | None = Field(description="None when it is about the data of all.")
    kind: str = Field(description="One of the kinds listed in docs/alerts.md.")
    subject: str = Field(description="What it is about: an event, a measure, a kind of import.")
    severity: Literal["warning", "critical"]
    message: str
    meaning: str | None = Field(description="What alerts of this kind mean.")
    details: dict[str, Any] = Field(description="The figures behind it; they differ by kind.")
    opened_at: UtcMoment
    last_seen_at: UtcMoment
    resolved_at: UtcMoment | None
    times_seen: int = Field(description="How many checks saw it.")


class AlertList(Page):
    """Alerts, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"prediction": None, "alerts": [_STOPPED], "next_cursor": None}]
        }
    )

    prediction: str | None
    alerts: list[Alert]
