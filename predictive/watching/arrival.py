"""Whether data comes in when it used to: nothing at all, or later than what came before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import ibis

from evaluation.alarms import level
from evaluation.jumps import share_jumped
from predictive.sources import EventSource
from predictive.tables import EventTables
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.wording.sentence import Sentence

KINDS: tuple[AlertKind, ...] = ("late_data",)
#: Subjects of the two findings.
SILENCE, ORDER = "silence", "order"
_LOOKED_BACK = timedelta(days=60)
_DAY = timedelta(days=1)
#: Deliveries on so many days are a habit.
_HABIT_DAYS = 5
#: Events this much older than others that were there already are late; those older still belong
#: to history that was added afterwards.
_LATE_AFTER = timedelta(days=1)
_HISTORY_AFTER = timedelta(days=28)
_MOSTLY_HISTORY = 0.5
#: Increase of the share of late events that is worth telling.
_PRACTICAL = 0.05


@dataclass(frozen=True)
class _Delivery:
    """What was received in one day: how many events, and how many of them late or history."""

    day: date
    events: int
    late: int
    history: int


def arrival(source: EventSource, now: datetime) -> Verdict:
    """Look at when the events of the last weeks were received.

    Parameters
    ----------
    source
        Where the events stand.
    now
        The moment of the check.
    """
    received = _received(source, now - _LOOKED_BACK, now)
    deliveries = _deliveries(received)
    findings = [one for one in (_silence(received, now), _disorder(deliveries)) if one]
    return Verdict(KINDS, findings, {"arrival": {"deliveries": len(deliveries)}})


def _received(
    source: EventSource, since: datetime, until: datetime
) -> dict[datetime, dict[date, int]]:
    """Of every hour in which events were received, how many of which day they were."""

    def question(tables: EventTables) -> ibis.Table:
        events = tables.events
        recent = events.filter(
            (events.received_at >= ibis.literal(since))
            & (events.received_at <= ibis.literal(until))
        )
        hourly = recent.select(hour=recent.received_at.truncate("h"), day=recent.time.truncate("D"))
        return hourly.group_by("hour", "day").aggregate(events=hourly.count())

    received: dict[datetime, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for _, table in source.ask(question):
        for row in table.to_pylist():
            received[_aware(row["hour"])][row["day"].date()] += row["events"]
    return dict(sorted(received.items()))


def _deliveries(received: dict[datetime, dict[date, int]]) -> list[_Delivery]:
    """Received days, oldest first. What an hour brings is held against what was there before."""
    by_day: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    newest: date | None = None
    for hour, days in received.items():
        tally = by_day[hour.date()]
        for day, events in days.items():
            age = (newest - day) if newest else timedelta(0)
            tally[0] += events
            tally[1] += events * (_LATE_AFTER < age <= _HISTORY_AFTER)
            tally[2] += events * (age > _HISTORY_AFTER)
        newest = max([*days, *([newest] if newest else [])])
    return [_Delivery(day, *tally) for day, tally in sorted(by_day.items())]


def _silence(received: dict[datetime, dict[date, int]], now: datetime) -> Finding | None:
    """Nothing has come for longer than it ever took lately."""
    hours = list(received)
    if len({hour.date() for hour in hours}) < _HABIT_DAYS:
        return None
    gaps = [later - earlier for earlier, later in pairwise(hours)]
    longest = max(gaps)
    silent = now - hours[-1]
    if silent <= max(longest * 1.5, longest + _DAY, 2 * _DAY):
        return None
    return Finding(
        "late_data",
        SILENCE,
        Sentence(
            "No event has come in since {since} UTC, for {days:.1f} days; the longest wait of the "
            "weeks before was {longest:.1f} days.",
            since=f"{hours[-1]:%Y-%m-%d %H:%M}",
            days=silent / _DAY,
            longest=longest / _DAY,
        ),
        {
            "last_received": hours[-1].isoformat(),
            "silent_days": silent / _DAY,
            "longest_wait_days": longest / _DAY,
        },
        severity="critical",
    )


def _disorder(deliveries: list[_Delivery]) -> Finding | None:
    """Far more events than usual came after later ones."""
    usual = [one for one in deliveries if one.history <= _MOSTLY_HISTORY * one.events]
    if not usual or usual[-1] is not deliveries[-1]:
        return None
    jumped = share_jumped(
        [one.late for one in usual],
        [one.events for one in usual],
        alpha=level(365, FALSE_ALERTS_A_YEAR["arrival"]),
        practical=_PRACTICAL,
    )
    if not jumped:
        return None
    newest = usual[-1]
    before = sum(one.late for one in usual[:-1]) / sum(one.events for one in usual[:-1])
    return Finding(
        "late_data",
        ORDER,
        Sentence(
            "{share:.1%} of the events received on {day} were more than a day older than others "
            "that were there already; it was {before:.1%} in the weeks before. Scores made "
            "meanwhile did not know of them.",
            share=newest.late / newest.events,
            day=newest.day.isoformat(),
            before=before,
        ),
        {
            "received_on": newest.day.isoformat(),
            "late": newest.late,
            "events": newest.events,
            "usual": before,
        },
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
