"""What is predicted, about whom and when: the list was fixed before anything was tuned to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import yaml

from benchmarks.quality.event_log import EventLog

ANY_EVENT = "*"


@dataclass(frozen=True)
class Task:
    """One question about one log, asked at several moments.

    Parameters
    ----------
    name
        Short name.
    log
        Name of the log.
    kind
        ``silence``: who of those with an outcome event in the last window has none in the next;
        ``event``: who of the audience has one in the next.
    outcome
        Name of the event, or ``*`` for any.
    window_days
        Length of the window.
    cutoffs
        Moments of prediction, oldest first.
    audience, audience_days
        For ``event``: users with this event in the last so many days.
    """

    name: str
    log: str
    kind: Literal["silence", "event"]
    outcome: str
    window_days: int
    cutoffs: tuple[datetime, ...]
    audience: str = ANY_EVENT
    audience_days: int = 0

    @property
    def window(self) -> timedelta:
        """The window as a duration."""
        return timedelta(days=self.window_days)

    @property
    def asked_of(self) -> tuple[str, int]:
        """Event, and in how many days before the cut-off, that make a user eligible."""
        if self.kind == "silence":
            return self.outcome, self.window_days
        return self.audience, self.audience_days

    @property
    def question(self) -> str:
        """The task in words."""
        asked, days = self.asked_of
        outcome = f"no {_noun(self.outcome)}" if self.kind == "silence" else _one(self.outcome)
        return (
            f"{outcome} in the next {self.window_days} days, among users with {_one(asked)} in "
            f"the last {days}"
        )

    def definition(self, name: str) -> str:
        """The same question as a definition of the suite."""
        outcome = {"did_not" if self.kind == "silence" else "did": self.outcome}
        document: dict[str, object] = {
            "name": name,
            "kind": "churn" if self.kind == "silence" else "event",
            "target": {"within_days": self.window_days, "all": [outcome]},
        }
        if self.kind == "event":
            event, days = self.asked_of
            document["audience"] = {"all": [{"did": event, "within_days": days}]}
        return yaml.safe_dump(document, sort_keys=False)


def _noun(event: str) -> str:
    return "event" if event == ANY_EVENT else f"`{event}`"


def _one(event: str) -> str:
    noun = _noun(event)
    return f"{'an' if noun.lstrip('`')[0] in 'aeiou' else 'a'} {noun}"


def _days(*days: str) -> tuple[datetime, ...]:
    """Moments after the end of these days."""
    return tuple(
        datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1) for day in days
    )


_RAILS = _days("2012-09-30", "2015-09-30", "2018-09-30", "2021-09-30")
_JOURNEY = _days("2017-06-30", "2017-09-30", "2017-12-03")

#: The list that docs/benchmarks.md reports.
TASKS: tuple[Task, ...] = (
    Task(
        "cdnow-silent-30", "cdnow", "silence", "purchase", 30,
        _days("1997-12-31", "1998-03-01", "1998-05-31"),
    ),
    Task(
        "cdnow-silent-60", "cdnow", "silence", "purchase", 60,
        _days("1997-12-31", "1998-03-01", "1998-05-01"),
    ),
    Task(
        "cdnow-silent-90", "cdnow", "silence", "purchase", 90,
        _days("1997-12-31", "1998-02-14", "1998-04-01"),
    ),
    Task(
        "cdnow-buys-30", "cdnow", "event", "purchase", 30,
        _days("1997-12-31", "1998-03-01", "1998-05-31"), "purchase", 365,
    ),
    Task("rails-silent-30", "rails", "silence", ANY_EVENT, 30, _RAILS),
    Task("rails-silent-90", "rails", "silence", ANY_EVENT, 90, _RAILS),
    Task("rails-commits-30", "rails", "event", "commit", 30, _RAILS[1:], ANY_EVENT, 365),
    Task(
        "journey-silent-14", "journey", "silence", "purchase", 14,
        _days("2017-06-30", "2017-09-30", "2017-12-17"),
    ),
    Task("journey-silent-28", "journey", "silence", "purchase", 28, _JOURNEY),
    Task(
        "journey-coupon-28", "journey", "event", "coupon_redeemed", 28,
        _days("2017-08-31", "2017-10-15", "2017-11-30"), "purchase", 28,
    ),
    Task(
        "shop-buys-14", "shop", "event", "purchase", 14,
        _days("2025-01-26", "2025-02-23", "2025-03-23"), "visit", 60,
    ),
    Task(
        "shop-silent-28", "shop", "silence", "purchase", 28,
        _days("2025-01-26", "2025-02-23", "2025-03-23"),
    ),
)  # fmt: skip


def tasks_of(
    log: EventLog, windows: Sequence[int], cutoffs: int, outcome: str = ANY_EVENT
) -> list[Task]:
    """The two usual tasks for each window on any log, at its newest cut-offs.

    The newest cut-off lies one window before the end of the data, the others a window or more
    before one another, over the newer half of what history allows.

    Raises
    ------
    ValueError
        When the log is too short for a window, or has no such event.
    """
    known = [ANY_EVENT, *sorted(log.events["event"].unique())]
    if outcome not in known:
        raise ValueError(f"outcome is {outcome!r}. Allowed: {', '.join(known)}")
    tasks = []
    for days in windows:
        moments = _cutoffs(log, timedelta(days=days), cutoffs)
        name = f"{log.name}-{{}}-{days}"
        tasks += [
            Task(name.format("silent"), log.name, "silence", outcome, days, moments),
            Task(name.format("again"), log.name, "event", outcome, days, moments, outcome, 365),
        ]
    return tasks


def _cutoffs(log: EventLog, window: timedelta, count: int) -> tuple[datetime, ...]:
    newest, oldest = log.end - window, log.start + 4 * window
    if newest < oldest:
        raise ValueError(
            f"windows holds {window.days}, which needs {5 * window.days} days of events; "
            f"{log.name} has {(log.end - log.start).days}."
        )
    newest = newest.replace(hour=0, minute=0, second=0, microsecond=0)
    oldest = max(oldest, log.start + (newest - log.start) / 2)
    step = max(window, (newest - oldest) / max(count - 1, 1))
    step = timedelta(days=step.days)
    moments = [newest - number * step for number in range(count)]
    return tuple(sorted(moment for moment in moments if moment >= oldest))
