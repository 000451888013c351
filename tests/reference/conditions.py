"""What a condition means, in plain Python, one user and one event at a time.

The oracle of the compiler: slow, obvious, sharing none of its code. It reads conditions as the
YAML gives them. Do not make it faster.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Event:
    user_id: str
    event_id: str
    name: str
    time: datetime
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    user_id: str
    name: str
    value: Any
    time: datetime | None


@dataclass(frozen=True)
class Asked:
    """A condition asked of one user at one moment."""

    user_id: str
    as_of: datetime
    direction: str
    window_days: int | None
    events: list[Event]
    facts: list[Fact]


def is_true(condition: dict[str, Any], asked: Asked) -> bool:
    if "all" in condition:
        return all(is_true(inner, asked) for inner in condition["all"])
    if "any" in condition:
        return any(is_true(inner, asked) for inner in condition["any"])
    if "not" in condition:
        return not is_true(condition["not"], asked)
    if "attribute" in condition:
        return compare(attribute_value(condition["attribute"], asked), condition)
    if "aggregate" in condition:
        return compare(aggregate_value(condition, asked), condition)
    if "did" in condition:
        return happened(condition, condition["did"], asked)
    return not happened(condition, condition["did_not"], asked)


def happened(condition: dict[str, Any], event: str, asked: Asked) -> bool:
    count = len(matching(condition, event, asked))
    if "exactly" in condition:
        return count == condition["exactly"]
    if "at_most" in condition and count > condition["at_most"]:
        return False
    if "at_least" in condition or "at_most" not in condition:
        return count >= condition.get("at_least", 1)
    return True


def matching(condition: dict[str, Any], event: str, asked: Asked) -> list[Event]:
    return [
        one
        for one in asked.events
        if one.user_id == asked.user_id
        and event in (one.name, "*")
        and is_inside(one.time, condition, asked)
        and all(
            compare(value_of(one, where["property"]), where) for where in condition.get("where", [])
        )
    ]


def is_inside(time: datetime, condition: dict[str, Any], asked: Asked) -> bool:
    days = condition.get("within_days", asked.window_days)
    if asked.direction == "forward":
        return asked.as_of <= time < asked.as_of + timedelta(days=days)
    if days is not None and time < asked.as_of - timedelta(days=days):
        return False
    return time < asked.as_of


def value_of(event: Event, name: str) -> Any:
    return present(event.properties.get(name))


def present(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def aggregate_value(condition: dict[str, Any], asked: Asked) -> Any:
    kind, of = condition["aggregate"], condition["of"]
    events = sorted(
        matching(condition, condition["event"], asked), key=lambda one: (one.time, one.event_id)
    )
    values = [value_of(one, of) for one in events if value_of(one, of) is not None]
    if kind == "last":
        return values[-1] if values else None
    if kind == "count_distinct":
        return len(set(values))
    numbers = [value for value in values if type_of(value) == "number"]
    if kind == "sum":
        return sum(numbers)
    if not numbers:
        return None
    if kind == "mean":
        return sum(numbers) / len(numbers)
    return min(numbers) if kind == "min" else max(numbers)


def attribute_value(name: str, asked: Asked) -> Any:
    facts = [
        fact
        for fact in asked.facts
        if fact.user_id == asked.user_id
        and fact.name == name
        and (fact.time is None or fact.time < asked.as_of)
    ]
    return present(max(facts, key=precedence).value) if facts else None


def precedence(fact: Fact) -> tuple[Any, ...]:
    """Later before earlier, timed before untimed; then number, text, flag, the greater first."""
    kind = type_of(present(fact.value))
    rank = {"number": 3, "text": 2, "flag": 1, None: 0}[kind]
    when = (fact.time is not None, fact.time or datetime.min.replace(tzinfo=UTC))
    return (*when, rank, fact.value if rank else 0)


def type_of(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "flag"
    return "text" if isinstance(value, str) else "number"


def compare(value: Any, condition: dict[str, Any]) -> bool:
    if "exists" in condition:
        return (value is not None) == condition["exists"]
    if value is None:
        return False
    for operator in ("in", "not_in"):
        if operator in condition:
            same = [one for one in condition[operator] if type_of(one) == type_of(value)]
            return bool(same) and (value in same) == (operator == "in")
    [(operator, operand)] = [
        (key, condition[key])
        for key in ("eq", "ne", "gt", "gte", "lt", "lte", "contains")
        if key in condition
    ]
    if type_of(operand) != type_of(value):
        return False
    return {
        "eq": lambda: value == operand,
        "ne": lambda: value != operand,
        "gt": lambda: value > operand,
        "gte": lambda: value >= operand,
        "lt": lambda: value < operand,
        "lte": lambda: value <= operand,
        "contains": lambda: operand in value,
    }[operator]()
