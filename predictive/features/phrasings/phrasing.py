"""What a language must know to say a feature."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from predictive.features.names import Measure

Unit = Literal["times", "days", "money", "number", "percent", "ratio"]
#: How a threshold is said: exactly this, this or more, this or less.
Bound = Literal["", "or more", "or less"]

UNITS: Mapping[Measure, Unit] = {
    "count": "times",
    "days_since_last": "days",
    "days_since_first": "days",
    "gap_mean": "days",
    "gap_spread": "days",
    "gap_last": "days",
    "gap_now_to_mean": "ratio",
    "trend": "ratio",
    "active_days": "days",
    "days_with": "days",
    "part_of_time": "percent",
    "amount_sum": "money",
    "amount_mean": "money",
    "amount_max": "money",
    "amount_last": "money",
    "distinct": "number",
    "distinct_share": "percent",
    "property_mean": "number",
    "property_last": "number",
    "property_sum": "number",
    "answered": "percent",
    "attribute_number": "number",
    "attribute_value": "number",
    "own": "number",
}


@dataclass(frozen=True)
class Words:
    """How one measure is said.

    In the texts ``{s}`` is the subject, ``{k}`` the kind of things that it tells apart, ``{m}``
    what money was spent with, ``{w}`` the lookback, ``{x}`` the value with its unit.
    """

    topic: str
    meaning: str
    says: str
    unknown: str


class Phrasing(ABC):
    """A language."""

    words: ClassVar[Mapping[Measure, Words]] = {}
    #: Parts of the day and of the week.
    parts: ClassVar[Mapping[str, str]] = {}
    #: Of a text attribute that has another value.
    is_not = ""
    #: No event of a kind, so many of it, and so many of any.
    none_of, count_of, events_of = "", "", ""
    #: Any event, and one without a column of its own; an event in a lookback, and at any time.
    any_once, other_once, once_within, once_ever = "", "", "", ""
    #: What different values of a property are; behind the lookback, what money was spent with.
    products, values_of, with_money = "", "", ""
    unknown, yes, no, none = "", "", "", ""

    @abstractmethod
    def subject(self, name: str) -> str:
        """An event, property or attribute; names from the data stay as they are."""

    @abstractmethod
    def lookback(self, days: int | None) -> str:
        """How far back is looked; None: all history."""

    @abstractmethod
    def amount(self, value: float, unit: Unit, bound: Bound) -> str:
        """A value with its unit and bound."""

    @abstractmethod
    def events(self, value: float, subject: str, bound: Bound) -> str:
        """So many events of any kind, or of another one."""


def number(value: float) -> str:
    """Whole where it is whole or large, else two digits."""
    if value == round(value) or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def money(value: float) -> str:
    """Cents only where there are some."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
