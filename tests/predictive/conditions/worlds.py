"""Small random histories and conditions, as plain values, Arrow tables and Ibis tables."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa

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
VALUES: dict[str, list[Any]] = {"number": NUMBERS, "text": TEXTS, "flag": [True, False]}
EVERY_VALUE: list[Any] = [*NUMBERS, *TEXTS, True, False]
ORDERS = ["gt", "gte", "lt", "lte"]
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
_DAYS = [-30, -7, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 7]
_NUDGES = [0, 0, 0, -1, 1]


class Author:
    """Writes histories and conditions at random, dense enough that answers differ by user."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def world(self) -> World:
        events = [self._event(index) for index in range(self._random.choice([3, 30, 60, 60, 60]))]
        facts = [self._fact() for _ in range(self._random.choice([0, 5, 30]))]
        return World(self._shuffled(events), self._shuffled(facts))

    def moment(self) -> datetime:
        """Moments that coincide with events, and one before almost everything."""
        return AS_OF + timedelta(days=self._random.choice([0, 0, 1, 2, -3, -29]))

    def target(self) -> dict[str, Any]:
        return self._group(self._event_leaf, 2)

    def audience(self) -> dict[str, Any]:
        return self._group(self._audience_leaf, 2)

    def _shuffled(self, rows: list[Any]) -> list[Any]:
        return self._random.sample(rows, len(rows))

    def _some(self, share: float, value: dict[str, Any]) -> dict[str, Any]:
        return value if self._random.random() < share else {}

    def _time(self) -> datetime:
        days, nudge = self._random.choice(_DAYS), self._random.choice(_NUDGES)
        return AS_OF + timedelta(days=days, microseconds=nudge)

    def _event(self, index: int) -> Event:
        values = {
            "amount": self._random.choice([*map(float, NUMBERS), math.nan, None]),
            "size": self._random.choice([*map(float, NUMBERS), None]),
            "plan": self._random.choice([*TEXTS, None]),
            "paid": self._random.choice([True, False, None]),
        }
        user = self._random.choice(USERS[:-1])
        name = self._random.choices(NAMES, [6, 3, 1])[0]
        return Event(user, f"e{index:03d}", name, self._time(), values)

    def _fact(self) -> Fact:
        value = self._random.choice([*map(float, NUMBERS[:3]), math.nan, *TEXTS[:3], True, False])
        time = self._time() if self._random.random() < 0.8 else None
        return Fact(self._random.choice(USERS), self._random.choice(ATTRIBUTES), value, time)

    def _group(self, leaf: Callable[[], dict[str, Any]], depth: int) -> dict[str, Any]:
        kind = self._random.choice(["all", "any", "not"])
        members = [self._member(leaf, depth) for _ in range(self._random.choice([1, 1, 1, 2, 3]))]
        return {"not": members[0]} if kind == "not" else {kind: members}

    def _member(self, leaf: Callable[[], dict[str, Any]], depth: int) -> dict[str, Any]:
        if depth > 0 and self._random.random() < 0.2:
            return self._group(leaf, depth - 1)
        return leaf()

    def _event_leaf(self) -> dict[str, Any]:
        return self._random.choice([self._behaviour, self._aggregate])()

    def _audience_leaf(self) -> dict[str, Any]:
        if self._random.random() < 0.4:
            name = self._random.choices([*ATTRIBUTES, "never told"], [5, 5, 1])[0]
            return {"attribute": name} | self._comparison(self._random.choice(list(VALUES)))
        days = self._random.choice([1, 2, 3, 30, 365])
        return self._event_leaf() | self._some(0.5, {"within_days": days})

    def _behaviour(self) -> dict[str, Any]:
        counts = self._random.choice(
            [
                {},
                {"at_least": self._random.randint(1, 3)},
                {"at_most": self._random.randint(0, 3)},
                {"exactly": self._random.randint(0, 3)},
                {"at_least": 1, "at_most": 2},
            ]
        )
        key = self._random.choice(["did", "did_not"])
        return {key: self._name()} | counts | self._where()

    def _aggregate(self) -> dict[str, Any]:
        kind = self._random.choice(["sum", "mean", "min", "max", "last", "last", "count_distinct"])
        of = self._property()
        comparison = self._comparison(_type(of)) if kind == "last" else self._of_number(kind)
        return {"aggregate": kind, "event": self._name(), "of": of} | self._where() | comparison

    def _of_number(self, kind: str) -> dict[str, Any]:
        if kind in ("mean", "min", "max") and self._random.random() < 0.2:
            return {"exists": self._random.random() < 0.5}
        operator = self._random.choice(OPERATORS[:-2])
        if operator in ("in", "not_in"):
            return {operator: self._random.choices(NUMBERS, k=2)}
        return {operator: self._random.choice(NUMBERS)}

    def _where(self) -> dict[str, Any]:
        names = [self._property() for _ in range(self._random.choice([1, 1, 2]))]
        filters = [{"property": name} | self._comparison(_type(name)) for name in names]
        return self._some(0.3, {"where": filters})

    def _name(self) -> str:
        return self._random.choices([*NAMES, "never happened", "*"], [8, 4, 2, 1, 2])[0]

    def _property(self) -> str:
        return self._random.choices([*PROPERTIES, "never seen"], [4, 2, 3, 3, 1])[0]

    def _comparison(self, kind: str) -> dict[str, Any]:
        """Of the kind of value that is there, most of the time."""
        operators = [one for one in OPERATORS if kind == "number" or one not in ORDERS]
        operator = self._random.choice(operators if self._random.random() < 0.9 else OPERATORS)
        values = VALUES[kind] if self._random.random() < 0.9 else EVERY_VALUE
        return {operator: self._operand(operator, values)}

    def _operand(self, operator: str, values: list[Any]) -> Any:
        if operator in ("in", "not_in"):
            return self._random.choices(values, k=3)
        if operator in ORDERS:
            return self._random.choice(NUMBERS)
        if operator == "contains":
            return self._random.choice([text for text in TEXTS if text])
        return self._random.random() < 0.5 if operator == "exists" else self._random.choice(values)


def _type(name: str) -> str:
    return PROPERTIES[name].type if name in PROPERTIES else "number"
