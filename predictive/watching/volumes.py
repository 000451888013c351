"""Events that stopped or fell: the data itself, before any prediction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from evaluation.alarms import level
from evaluation.volumes import (
    LEAST_DAYS,
    STOPPED_SHARE,
    WEEK,
    VolumeFinding,
    volume_findings,
)
from predictive.conditions.grammar import ANY_EVENT
from predictive.sources import EventSource
from predictive.store.alerts import Alert
from predictive.watching.counts import DailyCounts, daily_counts
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("event_stopped", "event_fell")
#: The subject of a finding about everything at once.
ALL_EVENTS = "all events"
_DAYS_A_YEAR = 365
#: Days that a training looks back on for a gap in what it learns from.
_RECENT_DAYS = 28
#: Below this share of its level an event is taken to be broken, not changed.
_BROKEN_SHARE = 0.3
_NEARLY_ALL = 0.8


def volumes(
    source: EventSource, as_of: datetime, timezone: str, open_alerts: Sequence[Alert]
) -> Verdict:
    """Compare the last days of every event with its weekly rhythm.

    Parameters
    ----------
    source
        Where the events stand.
    as_of
        The end of the data.
    timezone
        Whose days.
    open_alerts
        The workspace's: what is open stays so until the event has recovered; and what stopped,
        until it comes again, or so long ago that the counts don't reach back to it.
    """
    daily = daily_counts(source, as_of, timezone)
    known = {alert.subject: alert for alert in open_alerts if alert.kind in KINDS}
    found = _found(daily, known)
    together = _together(daily, found, ALL_EVENTS in known)
    findings = [
        _finding(daily, one, known.get(daily.names[one.series]))
        for one in found
        if one not in together
    ]
    if together:
        findings.append(_finding_of_all(daily, together, known.get(ALL_EVENTS)))
    told = {one.subject for one in findings}
    findings += [
        Finding(
            "event_stopped", alert.subject, alert.message, alert.details, severity=alert.severity
        )
        for alert in open_alerts
        if alert.kind == "event_stopped" and alert.subject not in told and _away(daily, alert)
    ]
    report = {
        "days": daily.counts.shape[1],
        "days_needed": LEAST_DAYS,
        "until": daily.end.isoformat(),
        "events": list(daily.names),
        "same_season_a_year_ago": daily.year_ago is not None,
    }
    return Verdict(KINDS, findings, {"volumes": report})


def recent_data_broken(
    workspace: Workspace, source: EventSource, as_of: datetime, events: Collection[str]
) -> list[Finding]:
    """Whether what a model would learn from lately is missing.

    Parameters
    ----------
    workspace
        Whose time zone counts.
    source
        Where the events stand.
    as_of
        The end of the data.
    events
        The events that the outcome is made of; a gap in another one is no reason not to train.

    Returns
    -------
    list of Finding
        Of kind ``event_stopped`` or ``event_fell``: any of these events that on some day of the
        last four weeks had stopped or fallen below three tenths of its level. A smaller change
        may be one of the customers', which a model has to learn.
    """
    daily = daily_counts(source, as_of, workspace.config.timezone)
    broken: dict[str, tuple[float, Finding]] = {}
    for days_ago in range(_RECENT_DAYS):
        earlier = _until(daily, days_ago)
        for one in _found(earlier, {}, tests=_RECENT_DAYS):
            name, share = daily.names[one.series], one.observed / one.expected
            concerned = name in events or ANY_EVENT in events
            # Of looks that say as much the newest is told: it has seen the whole gap.
            worse = name not in broken or share < broken[name][0]
            if concerned and share <= _BROKEN_SHARE and worse:
                broken[name] = share, _finding(earlier, one, None)
    return [finding for _, finding in broken.values()]


def _until(daily: DailyCounts, days_ago: int) -> DailyCounts:
    """The counts as they were some days ago."""
    if not days_ago:
        return daily
    past = None if daily.year_ago is None else daily.year_ago[:, :-days_ago]
    return DailyCounts(
        daily.names, daily.end - timedelta(days=days_ago), daily.counts[:, :-days_ago], past
    )


def _found(daily: DailyCounts, known: Collection[str], tests: int = 1) -> list[VolumeFinding]:
    if not daily.names:
        return []
    everything = ALL_EVENTS in known
    return volume_findings(
        daily.counts,
        alpha=level(_DAYS_A_YEAR * tests, FALSE_ALERTS_A_YEAR["volumes"]),
        year_ago=daily.year_ago,
        known=[row for row, name in enumerate(daily.names) if everything or name in known],
    )


def _together(
    daily: DailyCounts, found: Sequence[VolumeFinding], known: bool
) -> list[VolumeFinding]:
    """Those that are one finding: nearly everything fell, and no event vouches for the days."""
    alone = [one for one in found if not one.against_others]
    typical = np.median(daily.counts, axis=1)
    share = float(typical[[one.series for one in alone]].sum()) / max(float(typical.sum()), 1e-9)
    if len(alone) >= 2 and (known or share >= _NEARLY_ALL):
        return alone
    return []


def _finding(daily: DailyCounts, one: VolumeFinding, known: Alert | None) -> Finding:
    name = daily.names[one.series]
    # What had stopped stays so until it has recovered: one cause, one alert.
    stopped = one.kind == "stopped" or (known is not None and known.kind == "event_stopped")
    counted_from = daily.first + timedelta(days=one.since)
    since = _began(counted_from, known)
    came = _came(one.observed, one.expected, since, counted_from)
    where = Sentence(", while the other events kept their level") if one.against_others else ""
    return Finding(
        "event_stopped" if stopped else "event_fell",
        name,
        Sentence(
            "Event {name!r} has stopped since {since}: {came}{where}."
            if stopped
            else "Event {name!r} has fallen since {since}: {came}{where}.",
            name=name,
            since=since.isoformat(),
            came=came,
            where=where,
        ),
        {
            "since": since.isoformat(),
            "counted_from": counted_from.isoformat(),
            "observed": one.observed,
            "expected": round(one.expected, 1),
            "p": one.p,
            "against_others": one.against_others,
        },
        severity="critical" if stopped else "warning",
    )


def _finding_of_all(
    daily: DailyCounts, together: Sequence[VolumeFinding], known: Alert | None
) -> Finding:
    counted_from = daily.first + timedelta(days=min(one.since for one in together))
    since = _began(counted_from, known)
    observed = sum(one.observed for one in together)
    expected = sum(one.expected for one in together)
    stopped = all(one.kind == "stopped" for one in together) or (
        known is not None and known.kind == "event_stopped"
    )
    return Finding(
        "event_stopped" if stopped else "event_fell",
        ALL_EVENTS,
        Sentence(
            "All events have stopped since {since}: {came}."
            if stopped
            else "All events have fallen since {since}: {came}.",
            since=since.isoformat(),
            came=_came(observed, expected, since, counted_from),
        ),
        {
            "since": since.isoformat(),
            "counted_from": counted_from.isoformat(),
            "observed": observed,
            "expected": round(expected, 1),
            "events": [daily.names[one.series] for one in together],
        },
        severity="critical" if stopped else "warning",
    )


def _away(daily: DailyCounts, alert: Alert) -> bool:
    """Whether an event that stopped never came back: its level is forgotten, the outage is not."""
    if alert.subject == ALL_EVENTS:
        counts = daily.counts.sum(axis=0)
    elif alert.subject in daily.names:
        counts = daily.counts[daily.names.index(alert.subject)]
    else:
        return False
    before = counts[: max(0, (alert.opened_at.date() - daily.first).days)]
    weeks = before[len(before) % WEEK :].reshape(-1, WEEK).sum(axis=1)
    usual = float(np.median(weeks)) if len(weeks) else 0.0
    return usual > 0 and float(counts[-WEEK:].sum()) <= STOPPED_SHARE * usual


def _began(counted_from: date, known: Alert | None) -> date:
    """Since when, as told first: what lasts is counted over its last weeks only."""
    told = known.details.get("since") if known else None
    return min(counted_from, date.fromisoformat(told)) if told else counted_from


def _came(observed: int, expected: float, since: date, counted_from: date) -> Sentence:
    if counted_from > since:
        return Sentence(
            "from {counted_from} on {observed:,} came where about {expected:,.0f} were to be "
            "expected",
            counted_from=counted_from.isoformat(),
            observed=observed,
            expected=expected,
        )
    return Sentence(
        "{observed:,} came where about {expected:,.0f} were to be expected",
        observed=observed,
        expected=expected,
    )
