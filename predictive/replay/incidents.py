"""What goes wrong in a replay, on a known day, and by which alerts it is named rightly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from predictive.errors import InvalidInput

IncidentKind = Literal["base-rate", "tracking", "channel"]
INCIDENT_KINDS: tuple[IncidentKind, ...] = get_args(IncidentKind)

#: The event that is no longer recorded after a tracking incident.
LOST_EVENT = "product_viewed"
#: The event by which the new channel is seen.
NEW_CHANNEL_EVENT = "app_opened"

_DESCRIPTIONS: Mapping[IncidentKind, str] = {
    "base-rate": "every visit leads half as often to a purchase",
    "tracking": f"the event {LOST_EVENT!r} is no longer recorded",
    "channel": "a third of the customers move to a new app within two weeks",
}
#: Alerts that name an incident rightly: kind, and what it is about where that matters.
_NAMES: Mapping[IncidentKind, tuple[tuple[str, str | None], ...]] = {
    "base-rate": (("base_rate_moved", None), ("event_fell", "purchase")),
    "tracking": (("event_stopped", LOST_EVENT),),
    "channel": (
        ("event_appeared", NEW_CHANNEL_EVENT),
        ("feature_drift", None),
        ("event_fell", "visit"),
    ),
}


@dataclass(frozen=True)
class Incident:
    """Something that goes wrong from a day on.

    Parameters
    ----------
    kind
        ``base-rate``: every visit leads half as often to a purchase; ``tracking``: an event
        is no longer recorded; ``channel``: customers move to a new app.
    day
        The first day of it.
    """

    kind: IncidentKind
    day: date

    def __post_init__(self) -> None:
        if self.kind not in INCIDENT_KINDS:
            raise InvalidInput("incident", self.kind, f"one of {', '.join(INCIDENT_KINDS)}")

    @property
    def description(self) -> str:
        """What happens, in plain words."""
        return _DESCRIPTIONS[self.kind]

    def named_by(self, alert: Mapping[str, Any]) -> bool:
        """Whether an alert's kind and subject name this incident rightly."""
        return any(
            alert["kind"] == kind and subject in (None, alert["subject"])
            for kind, subject in _NAMES[self.kind]
        )
