"""Choosing the features of a model from what was known before one moment.

What comes later changes nothing, so that training and scoring, whole data and data cut at
that moment, give the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import ibis

from predictive.conditions.grammar import ANY_EVENT
from predictive.definitions import Definition
from predictive.features.plan import FeaturePlan, lookbacks
from predictive.sources import EventSource
from predictive.tables import EventTables

MAX_EVENTS = 20
MAX_MONEY_EVENTS = 3
MAX_PROPERTIES = 10
MAX_ATTRIBUTES = 40
MAX_CATEGORIES = 10
#: Rarer than this, an event name or category is noise and joins the rest.
MIN_OCCURRENCES = 20


def plan_features(
    source: EventSource,
    definition: Definition,
    *,
    before: datetime,
    middle_snapshot: datetime,
    timezone: str,
) -> FeaturePlan:
    """Choose the features from what was known before ``before``.

    Parameters
    ----------
    source
        Where events and attributes stand.
    before
        Nothing at or after this moment is looked at.
    middle_snapshot
        The middle one of the training snapshots: no lookback reaches further than the history
        before it allows. Only the older half may see less than a whole window; a longer one most
        of them would see cut short, and shorter ones would forget what is known of today.
    """
    excluded = frozenset(definition.exclude_features)
    tables = source.tables(None)
    past = tables.events.filter(tables.events.time < ibis.literal(before))
    by_name = _by_event(past)
    counts = {name: row["events"] for name, row in by_name.items() if name not in excluded}
    frequent = sorted(
        (name for name, count in counts.items() if count >= MIN_OCCURRENCES),
        key=lambda name: (-counts[name], name),
    )[:MAX_EVENTS]
    spoken_of = definition.target_events
    named = spoken_of & counts.keys()
    events = tuple(sorted({*frequent, *named}))
    target_events = events if ANY_EVENT in spoken_of else tuple(sorted(named))
    money = sorted(
        (name for name in counts if by_name[name]["amounts"] >= MIN_OCCURRENCES),
        key=lambda name: (-by_name[name]["amounts"], name),
    )[:MAX_MONEY_EVENTS]
    numbers, texts = _properties(tables, past, excluded)
    number_attributes, text_attributes = _attributes(tables.attributes, before, excluded)
    history_days = (middle_snapshot - source.history_start()) / timedelta(days=1)
    return FeaturePlan(
        lookback_days=lookbacks(definition.target.within_days, history_days),
        events=events,
        target_events=target_events,
        money_events=() if "amount" in excluded else tuple(sorted(money)),
        number_properties=numbers,
        text_properties=texts,
        number_attributes=number_attributes,
        text_attributes=text_attributes,
        excluded_events=tuple(sorted(excluded & by_name.keys())),
        has_products="product_id" not in excluded
        and any(row["products"] >= MIN_OCCURRENCES for row in by_name.values()),
        has_time_of_day=any(row["off_midnight"] > 0 for row in by_name.values()),
        timezone=timezone,
    )


def _by_event(past: ibis.Table) -> Mapping[str, Mapping[str, int]]:
    midnight = past.time.truncate("D")
    table = past.group_by("name").agg(
        events=past.count(),
        amounts=past.amount.count(),
        products=past.product_id.count(),
        off_midnight=(past.time != midnight).sum(),
    )
    return {row["name"]: row for row in table.to_pyarrow().to_pylist()}


def _properties(
    tables: EventTables, past: ibis.Table, excluded: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The best-filled properties before the moment, numbers (and flags) and texts apart."""
    candidates = {
        name: prop for name, prop in sorted(tables.properties.items()) if name not in excluded
    }
    if not candidates:
        return {}, {}
    filled = (
        past.agg(
            **{f"c{i}": past[prop.column].count() for i, prop in enumerate(candidates.values())}
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    counts = {name: filled[f"c{i}"] for i, name in enumerate(candidates)}
    kept = sorted(
        (name for name in candidates if counts[name] >= MIN_OCCURRENCES),
        key=lambda name: (-counts[name], name),
    )
    numbers = [name for name in kept if candidates[name].type != "text"][:MAX_PROPERTIES]
    texts = [name for name in kept if candidates[name].type == "text"][:MAX_PROPERTIES]
    return (
        {name: candidates[name].column for name in sorted(numbers)},
        {name: candidates[name].column for name in sorted(texts)},
    )


def _attributes(
    attributes: ibis.Table, before: datetime, excluded: frozenset[str]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    known = attributes.filter(attributes.time.isnull() | (attributes.time < ibis.literal(before)))
    number = known.filter(known.number.notnull() | known.flag.notnull())
    numbers = _frequent(number.group_by("name").agg(n=number.user_id.nunique()))
    text = known.filter(known.text.notnull())
    values = text.group_by(["name", "text"]).agg(n=text.user_id.nunique())
    by_name: dict[str, list[tuple[int, str]]] = {}
    for row in values.filter(values.n >= MIN_OCCURRENCES).to_pyarrow().to_pylist():
        if row["name"] not in excluded:
            by_name.setdefault(row["name"], []).append((-row["n"], row["text"]))
    chosen = sorted(by_name)[:MAX_ATTRIBUTES]
    return (
        tuple(name for name in numbers if name not in excluded)[:MAX_ATTRIBUTES],
        {name: tuple(v for _, v in sorted(by_name[name])[:MAX_CATEGORIES]) for name in chosen},
    )


def _frequent(counted: ibis.Table) -> list[str]:
    rows = counted.filter(counted.n >= MIN_OCCURRENCES).to_pyarrow().to_pylist()
    return sorted(row["name"] for row in rows)
