"""Events that many customers do and that no model has learned from, because they are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis

from evaluation.alarms import level
from evaluation.jumps import share_beyond
from predictive.definitions import Definition
from predictive.features.planning import MAX_EVENTS
from predictive.model_folder import read_plan
from predictive.sources import EventSource
from predictive.store.alerts import Alert
from predictive.store.predictions import Prediction
from predictive.tables import EventTables
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.windows import as_utc
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("event_appeared",)
#: The subject of a finding about many names at once.
MANY_EVENTS = "many events"
_LOOKS_A_YEAR = 365
_DAY = timedelta(days=1)
#: The time in which customers are counted.
RECENT_DAYS = 7
#: Share of the active customers from which an event is worth telling, and below which an event
#: that was told of is gone again.
_PRACTICAL_SHARE, _GONE_SHARE = 0.05, 0.025
#: Fewer customers are testers.
_FEWEST_CUSTOMERS = 20
#: An event is new to a model that had seen at most so many of the last week's events, and is
#: learned once a model has seen a week of it.
_NEW_WEEKS, _LEARNED_WEEKS = 0.2, 1.0
#: As many names as big as this one came up in the year before, and more than one a quarter:
#: names that carry a date or a campaign come and go, and one more is no news.
_HABIT_NAMES, _HABIT_DAYS = 3, 91.0
_HABIT_LOOKED_AT = timedelta(days=364)
#: In the first weeks of a history every name comes up for the first time.
_BEGINNING = timedelta(days=28)
#: Most names whose customers are counted; more of them than `_NAMED` are one finding.
_COUNTED, _NAMED = 50, 3


@dataclass(frozen=True)
class Learned:
    """What the model of a prediction has learned from.

    Parameters
    ----------
    prediction
        Its name.
    until
        Its newest training snapshot: no event at or after it is in what the model learned from.
    events
        The names with features of their own; a name that came in with its history later has none.
    excluded
        The names that the definition keeps out.
    """

    prediction: str
    until: datetime
    events: frozenset[str]
    excluded: frozenset[str] = frozenset()

    def misses(self, name: NameCount, *, told: bool) -> bool:
        """Whether the model knows nothing of the event, or, once told, not enough yet."""
        if name.name in self.excluded:
            return False
        if name.name not in self.events and len(self.events) < MAX_EVENTS:
            return True
        weeks = _LEARNED_WEEKS if told else _NEW_WEEKS
        return name.before[self.until] < weeks * name.recent


@dataclass(frozen=True)
class NameCount:
    """How often an event came.

    Parameters
    ----------
    name
        Of the event.
    first
        When it came first.
    events, recent
        How often, in all and in the last week.
    before
        How often before each moment that was asked about.
    """

    name: str
    first: datetime
    events: int
    recent: int
    before: Mapping[datetime, int]


def learned(workspace: Workspace, predictions: Sequence[Prediction]) -> list[Learned]:
    """What the champions of some predictions have learned from."""
    found = []
    for prediction in predictions:
        champion = workspace.store.models.champion(prediction.name)
        if champion is None or not champion.report.get("snapshots"):
            continue
        plan = read_plan(workspace.path / champion.folder)
        excluded = Definition.from_text(prediction.definition_yaml).exclude_features
        until = datetime.fromisoformat(champion.report["snapshots"][-1])
        found.append(Learned(prediction.name, until, frozenset(plan.events), frozenset(excluded)))
    return found


def newcomers(
    source: EventSource,
    as_of: datetime,
    models: Sequence[Learned],
    open_alerts: Sequence[Alert],
) -> Verdict:
    """Look for events that many customers do by now and that no model has learned from.

    Parameters
    ----------
    source
        Where the events stand.
    as_of
        The end of the data.
    models
        What the models that score have learned from.
    open_alerts
        The workspace's: what is open stays so until every model has learned a week of the event,
        or hardly anybody does it any more.
    """
    if not models:
        return Verdict(KINDS, report={"newcomers": None})
    told = {alert.subject for alert in open_alerts if alert.kind in KINDS}
    names = name_counts(source, as_of, sorted({model.until for model in models}))
    missed = _missed(names, as_of, models, told)
    findings: list[Finding] = []
    if missed:
        active, customers = customer_counts(source, as_of, [name.name for name, _ in missed])
        if not active:
            # Nobody does anything any more: that is another finding, and this one stays.
            return Verdict((), report={"newcomers": None})
        found = [
            _Newcomer(name, customers[name.name], active, misses)
            for name, misses in missed
            if _notable(customers[name.name], active, name.name in told or MANY_EVENTS in told)
        ]
        many = len(found) > _NAMED or (MANY_EVENTS in told and len(found) > 1)
        findings = [_finding_of_many(found)] if many else [one.finding() for one in found]
    return Verdict(KINDS, findings, {"newcomers": {"names": len(names), "new": len(missed)}})


@dataclass(frozen=True)
class _Newcomer:
    """An event, how many customers do it, and the models that don't know it."""

    name: NameCount
    customers: int
    active: int
    misses: Sequence[Learned]

    def figures(self) -> dict[str, Any]:
        return {
            "event": self.name.name,
            "first": self.name.first.isoformat(),
            "customers": self.customers,
            "share": round(self.customers / self.active, 4),
        }

    def finding(self) -> Finding:
        return Finding(
            "event_appeared",
            self.name.name,
            Sentence(
                "Event {name!r} is new: it first came on {first}, and {customers:,} of the "
                "{active:,} customers active in the last {days} days ({share:.0%}) did it. "
                "{who_misses}",
                name=self.name.name,
                first=f"{self.name.first:%Y-%m-%d}",
                customers=self.customers,
                active=self.active,
                days=RECENT_DAYS,
                share=self.customers / self.active,
                who_misses=_who_misses(self.misses),
            ),
            self.figures() | _known_until(self.misses),
        )


def _finding_of_many(found: Sequence[_Newcomer]) -> Finding:
    largest = sorted(found, key=lambda one: (-one.customers, one.name.name))
    misses = list({miss.prediction: miss for one in largest for miss in one.misses}.values())
    named = ", ".join(repr(one.name.name) for one in largest[:_NAMED])
    return Finding(
        "event_appeared",
        MANY_EVENTS,
        Sentence(
            "{events} events are new, most of all {names}: up to {share:.0%} of the customers "
            "active in the last {days} days did them. {who_misses}",
            events=len(found),
            names=named,
            share=largest[0].customers / largest[0].active,
            days=RECENT_DAYS,
            who_misses=_who_misses(misses),
        ),
        {"events": [one.figures() for one in largest]} | _known_until(misses),
    )


def _who_misses(misses: Sequence[Learned]) -> Sentence:
    until = max(miss.until for miss in misses)
    return Sentence(
        "The model of {names} has learned from what came before {until}, which holds too little "
        "of it."
        if len(misses) == 1
        else "The models of {names} have learned from what came before {until}, which holds too "
        "little of it.",
        names=", ".join(sorted(miss.prediction for miss in misses)),
        until=f"{until:%Y-%m-%d}",
    )


def _known_until(misses: Sequence[Learned]) -> dict[str, Any]:
    return {"learned_until": {miss.prediction: miss.until.isoformat() for miss in misses}}


def _missed(
    names: Sequence[NameCount], as_of: datetime, models: Sequence[Learned], told: set[str]
) -> list[tuple[NameCount, list[Learned]]]:
    """The names that are new to a model, the most frequent first, with the models."""
    missed = []
    for name in sorted(names, key=lambda one: (-one.recent, one.name)):
        known = name.name in told or MANY_EVENTS in told
        misses = [model for model in models if model.misses(name, told=known)]
        # One day proves nothing, and what happens to fewer customers than count is not asked for.
        lasting = name.recent >= _FEWEST_CUSTOMERS and name.first <= as_of - _DAY
        if misses and (known or (lasting and not _is_habit(name, names, as_of, misses))):
            missed.append((name, misses))
    return missed[:_COUNTED]


def _is_habit(
    name: NameCount, names: Sequence[NameCount], as_of: datetime, misses: Sequence[Learned]
) -> bool:
    """Whether names as big as this one came up again and again before."""
    until = min(miss.until for miss in misses)
    since = max(min(one.first for one in names) + _BEGINNING, as_of - _HABIT_LOOKED_AT)
    earlier = sum(since <= one.first < until and one.events >= name.recent for one in names)
    return earlier >= _HABIT_NAMES and earlier > (until - since) / _DAY / _HABIT_DAYS


def _notable(customers: int, active: int, told: bool) -> bool:
    if told:
        return customers >= _GONE_SHARE * active
    return customers >= _FEWEST_CUSTOMERS and share_beyond(
        customers,
        active,
        practical=_PRACTICAL_SHARE,
        alpha=level(_LOOKS_A_YEAR, FALSE_ALERTS_A_YEAR["newcomers"]),
    )


def name_counts(
    source: EventSource, as_of: datetime, moments: Sequence[datetime]
) -> list[NameCount]:
    """When each event came first, and how often: in all, lately, and before some moments."""
    since = as_of - timedelta(days=RECENT_DAYS)

    def question(tables: EventTables) -> ibis.Table:
        known = tables.events.filter(tables.events.time < ibis.literal(as_of))
        before = {
            f"before{number}": known.count(where=known.time < ibis.literal(moment))
            for number, moment in enumerate(moments)
        }
        return known.group_by("name").aggregate(
            first=known.time.min(),
            events=known.count(),
            recent=known.count(where=known.time >= ibis.literal(since)),
            **before,
        )

    rows: dict[str, list[Mapping[str, Any]]] = {}
    for _, table in source.ask(question):
        for row in table.to_pylist():
            rows.setdefault(row["name"], []).append(row)
    return [_added_up(name, parts, moments) for name, parts in rows.items()]


def customer_counts(
    source: EventSource, as_of: datetime, names: Sequence[str]
) -> tuple[int, dict[str, int]]:
    """Customers active in the last week, and those of them who did each of some events."""
    since = as_of - timedelta(days=RECENT_DAYS)

    def question(tables: EventTables) -> ibis.Table:
        events = tables.events
        recent = events.filter(
            (events.time >= ibis.literal(since)) & (events.time < ibis.literal(as_of))
        )
        did = {
            f"n{number}": recent.user_id.nunique(where=recent.name == name)
            for number, name in enumerate(names)
        }
        return recent.aggregate(active=recent.user_id.nunique(), **did)

    # Partitions hold whole customers, so that distinct ones add up.
    totals: dict[str, int] = {}
    for _, table in source.ask(question):
        for column, count in table.to_pylist()[0].items():
            totals[column] = totals.get(column, 0) + count
    return totals["active"], {name: totals[f"n{number}"] for number, name in enumerate(names)}


def _added_up(
    name: str, parts: Sequence[Mapping[str, Any]], moments: Sequence[datetime]
) -> NameCount:
    def total(column: str) -> int:
        return sum(part[column] for part in parts)

    return NameCount(
        name,
        min(as_utc(part["first"]) for part in parts),
        total("events"),
        total("recent"),
        {moment: total(f"before{number}") for number, moment in enumerate(moments)},
    )
