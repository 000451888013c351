"""Alerts."""

from typing import Any, Literal, TypedDict


class Alert(TypedDict):
    """Something wrong with the data or a prediction; open until it is gone."""

    id: int
    prediction: str | None
    kind: str
    subject: str
    severity: Literal["warning", "critical"]
    message: str
    meaning: str | None
    details: dict[str, Any]
    opened_at: str
    last_seen_at: str
    resolved_at: str | None
    times_seen: int
