"""Small random histories and conditions, as plain values, Arrow tables and Ibis tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from predictive.tables import EventTables, Property
from tests.reference.conditions import Event, Fact

AS_OF = datetime(2024, 3, 10, tzinfo=UTC)
#: Some are silent: they may have no event, no attribute, or neither.
USERS = ["u0", "u1", "u2", "ü'3", "silent"]
NAMES = ["buy", "view", 'it\'s; "odd" \\ ü']
PROPERTIES = {
    "amount": Property("amount", "number"),
    "size": Property("property_size", "number"),
    "plan": Property("property_plan", "text"),
    "paid": Property("property_paid", "flag"),
}
ATTRIBUTES = ["country", "age"]
TEXTS = ["a", "A", "a'b%_\\", "", "1", "true"]
NUMBERS = [-1.5, 0.0, 1.0, 1, 2.5, 3]
OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "exists"]

_MOMENT = pa.timestamp("us", tz="UTC")
_EVENTS = pa.schema(
    {
        "event_id": pa.string(),
        "user_id": pa.string(),
        "name": pa.string(),
        "time": _MOMENT,
        "amount": pa.float64(),
        "property_size": pa.float64(),
        "property_plan": pa.string(),
        "property_paid": pa.bool_(),
    }
)
_ATTRIBUTES = pa.schema(
    {
        "user_id": pa.string(),
        "name": pa.string(),
        "time": _MOMENT,
        "number": pa.float64(),
        "text": pa.string(),
        "flag": pa.bool_(),
    }
)


@dataclass(frozen=True)
class World:
    events: list[Event]
    facts: list[Fact]

    def tables(self) -> EventTables:
        properties = {name: found for name, found in PROPERTIES.items() if name != "amount"}
        return EventTables(
            ibis.memtable(self._events()),
            ibis.memtable(self._attributes()),
            properties,
        )

    def _events(self) -> pa.Table:
        rows = [
            {"event_id": one.event_id, "user_id": one.user_id, "name": one.name, "time": one.time}
            | {found.column: one.properties.get(name) for name, found in PROPERTIES.items()}
            for one in self.events
        ]
        return pa.Table.from_pylist(rows, schema=_EVENTS)

    def _attributes(self) -> pa.Table:
        rows = [
            {"user_id": one.user_id, "name": one.name, "time": one.time, _column(one): one.value}
            for one in self.facts
        ]
        return pa.Table.from_pylist(rows, schema=_ATTRIBUTES)


def _column(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return "flag"
    return "text" if isinstance(fact.value, str) else "number"


def users_table() -> ibis.Table:
    """Everyone, silent users included, with a column that must be kept."""
    return ibis.memtable(pa.table({"user_id": USERS, "kept": list(range(len(USERS)))}))


# Times crowd around the moments at which something changes, a microsecond to either side.
_times = st.builds(
    lambda days, nudge: AS_OF + timedelta(days=days, microseconds=nudge),
    st.sampled_from([-30, -7, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 7, 30]),
    st.sampled_from([0, 0, 0, -1, 1]),
)
_numbers = st.sampled_from([*map(float, NUMBERS), math.nan, None])


def _events_of(rows: list[tuple[Any, ...]]) -> list[Event]:
    return [
        Event(user, f"e{index:03d}", name, time, dict(zip(PROPERTIES, values, strict=True)))
        for index, (user, name, time, values) in enumerate(rows)
    ]


_values = st.tuples(
    _numbers, _numbers, st.sampled_from([*TEXTS, None]), st.sampled_from([True, False, None])
)
_rows = st.lists(
    st.tuples(st.sampled_from(USERS[:-1]), st.sampled_from(NAMES), _times, _values), max_size=25
)
_facts = st.builds(
    Fact,
    st.sampled_from(USERS),
    st.sampled_from(ATTRIBUTES),
    st.one_of(_numbers, st.sampled_from(TEXTS), st.booleans()),
    st.one_of(st.none(), _times),
)
worlds = st.builds(World, _rows.map(_events_of), st.lists(_facts, max_size=12))

_scalars = st.one_of(st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.booleans())


def _operand(operator: str, scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if operator in ("in", "not_in"):
        return st.lists(scalars, min_size=1, max_size=3)
    if operator in ("gt", "gte", "lt", "lte"):
        return st.sampled_from(NUMBERS)
    if operator == "contains":
        return st.sampled_from([text for text in TEXTS if text])
    return st.booleans() if operator == "exists" else scalars


def _comparisons(
    operators: list[str], scalars: st.SearchStrategy[Any] = _scalars
) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(operators).flatmap(
        lambda operator: _operand(operator, scalars).map(lambda operand: {operator: operand})
    )


_properties = st.sampled_from([*PROPERTIES, "never seen"])
_filters = st.builds(
    lambda name, asked: {"property": name} | asked, _properties, _comparisons(OPERATORS)
)
_where = st.one_of(
    st.just({}), st.lists(_filters, min_size=1, max_size=2).map(lambda some: {"where": some})
)
_names = st.sampled_from([*NAMES, "never happened"])
_counts = st.one_of(
    st.just({}),
    st.integers(1, 3).map(lambda count: {"at_least": count}),
    st.integers(0, 3).map(lambda count: {"at_most": count}),
    st.integers(0, 3).map(lambda count: {"exactly": count}),
    st.just({"at_least": 1, "at_most": 2}),
)
_days = st.one_of(
    st.just({}), st.sampled_from([1, 2, 3, 30, 365]).map(lambda d: {"within_days": d})
)
_behaviours = st.builds(
    lambda key, name, counts, where: {key: name} | counts | where,
    st.sampled_from(["did", "did_not"]),
    _names,
    _counts,
    _where,
)


def _aggregate(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    comparisons = _comparisons(OPERATORS)
    if kind != "last":
        without = [one for one in OPERATORS if one not in ("contains", "exists")]
        exists = ["exists"] if kind in ("mean", "min", "max") else []
        comparisons = _comparisons([*without, *exists], st.sampled_from(NUMBERS))
    return st.builds(
        lambda name, of, where, asked: {"aggregate": kind, "event": name, "of": of} | where | asked,
        _names,
        _properties,
        _where,
        comparisons,
    )


_aggregates = st.sampled_from(["sum", "mean", "min", "max", "last", "count_distinct"]).flatmap(
    _aggregate
)
_attribute_leaves = st.builds(
    lambda name, asked: {"attribute": name} | asked,
    st.sampled_from([*ATTRIBUTES, "never told"]),
    _comparisons(OPERATORS),
)
_target_leaves = st.one_of(_behaviours, _aggregates)
_audience_leaves = st.one_of(
    st.builds(lambda leaf, days: leaf | days, _target_leaves, _days), _attribute_leaves
)


def _groups(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    nested = st.recursive(leaves, _joined, max_leaves=4)
    return _joined(nested)


def _joined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda members: {"all": members}),
        several.map(lambda members: {"any": members}),
        inner.map(lambda member: {"not": member}),
    )


targets = _groups(_target_leaves)
audiences = _groups(_audience_leaves)
#: Moments that coincide with events, and one before anything happened.
moments = st.sampled_from([AS_OF, AS_OF + timedelta(days=1), AS_OF - timedelta(days=3, hours=1)])
