"""Features in plain words: what a column measures, and what a value of it says of a customer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from predictive.features.names import ANY_EVENT, OTHER_EVENT, Feature, Measure

Unit = Literal["times", "days", "money", "number", "percent", "ratio"]
#: How a threshold is said: exactly this, this or more, this or less.
Bound = Literal["", "or more", "or less"]

_PARTS = {
    "weekend": "at weekends",
    "night": "at night (0 to 6)",
    "morning": "in the morning (6 to 12)",
    "afternoon": "in the afternoon (12 to 18)",
    "evening": "in the evening (18 to 24)",
}


@dataclass(frozen=True)
class _Words:
    """How one measure is said.

    In the texts ``{s}`` is the subject, ``{k}`` the kind of things that it tells apart, ``{m}``
    what money was spent with, ``{w}`` the lookback, ``{x}`` the value with its unit.
    """

    topic: str
    meaning: str
    says: str
    unknown: str
    unit: Unit


_WORDS: dict[Measure, _Words] = {
    "count": _Words("how often: {s}", "how often: {s} {w}", "{s} {x} {w}", "no {s} {w}", "times"),
    "days_since_last": _Words(
        "time since the last {s}",
        "days since the last {s}",
        "last {s} {x} ago",
        "no {s} so far",
        "days",
    ),
    "days_since_first": _Words(
        "time since the first {s}",
        "days since the first {s}",
        "first {s} {x} ago",
        "no {s} so far",
        "days",
    ),
    "gap_mean": _Words(
        "how often: {s}",
        "days from one {s} to the next, on average",
        "{x} from one {s} to the next on average",
        "no second {s} so far",
        "days",
    ),
    "gap_spread": _Words(
        "how often: {s}",
        "how far the days from one {s} to the next vary",
        "days from one {s} to the next vary by {x}",
        "no second {s} so far",
        "days",
    ),
    "gap_last": _Words(
        "how often: {s}",
        "days between the last {s} and the one before",
        "{x} between the last {s} and the one before",
        "no second {s} so far",
        "days",
    ),
    "gap_now_to_mean": _Words(
        "time since the last {s}",
        "time since the last {s} against the customer's usual gap",
        "{x} the customer's usual gap since the last {s}",
        "no second {s} so far",
        "ratio",
    ),
    "trend": _Words(
        "how often: {s}",
        "how often: {s} {w} against the last {longer} days",
        "{s} {x} as often {w} as in the last {longer}",
        "no {s} so far",
        "ratio",
    ),
    "active_days": _Words(
        "how active", "days with any event {w}", "active on {x} {w}", "never active", "days"
    ),
    "part_of_time": _Words(
        "habits of weekday and hour",
        "share of events {part}",
        "{x} of events {part}",
        "no event so far",
        "percent",
    ),
    "amount_sum": _Words(
        "money", "spent {w}{m}", "spent {x} {w}{m}", "nothing spent {w}{m}", "money"
    ),
    "amount_mean": _Words(
        "money",
        "spent at a time, on average {w}",
        "spent {x} at a time on average {w}",
        "nothing spent {w}",
        "money",
    ),
    "amount_max": _Words(
        "money",
        "spent at a time, at most",
        "spent {x} at a time at most",
        "nothing spent so far",
        "money",
    ),
    "amount_last": _Words(
        "money", "spent the last time", "spent {x} the last time", "nothing spent so far", "money"
    ),
    "distinct": _Words(
        "variety of {k}",
        "number of different {k} so far",
        "{x} different {k} so far",
        "no {k} so far",
        "number",
    ),
    "distinct_share": _Words(
        "variety of {k}",
        "share of {k} so far that were new to the customer",
        "{x} of {k} so far were new to the customer",
        "no {k} so far",
        "percent",
    ),
    "property_mean": _Words(
        "{s}", "{s} on average so far", "{s} {x} on average so far", "no {s} so far", "number"
    ),
    "property_last": _Words(
        "{s}", "{s} the last time", "{s} {x} the last time", "no {s} so far", "number"
    ),
    "property_sum": _Words("{s}", "sum of {s} {w}", "{s} {x} in sum {w}", "no {s} {w}", "number"),
    "answered": _Words(
        "answers to messages",
        "share of messages {s}",
        "{x} of messages {s}",
        "no message sent so far",
        "percent",
    ),
    "attribute_number": _Words("{s}", "{s}", "{s} {x}", "{s} unknown", "number"),
    "attribute_value": _Words("{s}", "{s} is {v}", "{s} is {v}", "{s} unknown", "number"),
    "own": _Words("{s}", "{s}", "{s} {x}", "{s} unknown", "number"),
}


def topic(feature: Feature) -> str:
    """What the feature is about: features of one topic say much the same of a customer.

    >>> topic(Feature("target_gap_mean", "gap_mean", "purchase"))
    'how often: purchase'
    """
    if feature.measure == "count" and feature.subject == ANY_EVENT:
        return _WORDS["active_days"].topic
    return _filled(feature, _WORDS[feature.measure].topic)


def meaning(feature: Feature) -> str:
    """What the column measures.

    >>> meaning(Feature("count_28d:purchase", "count", "purchase", 28))
    'how often: purchase in the last 28 days'
    """
    return _filled(feature, _WORDS[feature.measure].meaning)


def statement(feature: Feature, value: float, bound: Bound = "") -> str:
    """What a value says of a customer; of a bound, what it says of all within it.

    Parameters
    ----------
    feature
        The column.
    value
        In the units of the column; NaN means unknown.
    bound
        Whether the value is met, or bounds a range that includes it.

    Examples
    --------
    >>> purchases = Feature("count_28d:purchase", "count", "purchase", 28)
    >>> statement(purchases, 3), statement(purchases, 0), statement(purchases, 5, "or more")
    ('purchase 3 times in the last 28 days', 'no purchase in the last 28 days', \
'purchase 5 times or more in the last 28 days')
    """
    words = _WORDS[feature.measure]
    if math.isnan(value):
        return _filled(feature, words.unknown)
    if feature.measure == "attribute_value" and not value:
        return _filled(feature, "{s} is not {v}")
    if feature.measure == "count":
        return _counted(feature, value, bound)
    return _filled(feature, words.says, short(feature, value, bound))


def at_least_once(feature: Feature) -> str:
    """That a count is above nought: ``purchase in the last 28 days``."""
    text = {ANY_EVENT: "an event {w}", OTHER_EVENT: "another event {w}"}.get(
        feature.subject, "{s} {w}" if feature.days else "{s} at least once"
    )
    return _filled(feature, text)


def short(feature: Feature, value: float, bound: Bound = "") -> str:
    """The bare value with its unit, to stand beside another.

    >>> short(Feature("days_since:purchase", "days_since_last", "purchase"), 41.2)
    '41 days'
    """
    if math.isnan(value):
        return "unknown"
    if feature.measure == "attribute_value":
        return "yes" if value else "no"
    if feature.measure == "trend":
        value = math.exp(value)
    counts_all = feature.measure == "count" and feature.subject in (ANY_EVENT, OTHER_EVENT)
    text = _with_unit(value, "number" if counts_all else _WORDS[feature.measure].unit)
    return f"{text} {bound}".rstrip()


def typically(feature: Feature, value: float) -> str | None:
    """The usual value, to stand behind a customer's own; None where one can't be said shortly.

    >>> typically(Feature("count_7d:refund", "count", "refund", 7), 0)
    'none'
    """
    if feature.measure == "attribute_value":
        return None
    if math.isnan(value):
        return statement(feature, value)
    return "none" if feature.measure == "count" and value == 0 else short(feature, value)


def readable(text: str) -> str:
    """A name from the data as people write it.

    >>> readable("campaign_sent")
    'campaign sent'
    """
    return " ".join(text.replace("_", " ").split())


def _counted(feature: Feature, value: float, bound: Bound) -> str:
    if value == 0 and not bound:
        return _filled(feature, "no {s} {w}")
    if feature.subject in (ANY_EVENT, OTHER_EVENT):
        one = round(value) == 1 and not bound
        nouns = feature.subject if one else f"{feature.subject}s"
        return _filled(feature, "{x} {w}", f"{_number(value)} {bound} {nouns}".replace("  ", " "))
    return _filled(feature, "{s} {x} {w}", short(feature, value, bound))


def _filled(feature: Feature, text: str, value: str = "") -> str:
    return text.format(
        s=readable(feature.subject),
        k=_kinds(feature.subject),
        m="" if feature.subject == ANY_EVENT else f" with {readable(feature.subject)}",
        w=_lookback(feature.days),
        x=value,
        v=readable(feature.value or ""),
        longer=feature.longer_days,
        part=_PARTS.get(feature.subject, ""),
    )


def _kinds(subject: str) -> str:
    return "products" if subject == "product_id" else f"values of {readable(subject)}"


def _lookback(days: int | None) -> str:
    if days is None:
        return "so far"
    return "in the last day" if days == 1 else f"in the last {days} days"


def _with_unit(value: float, unit: Unit) -> str:
    if unit == "times":
        return "once" if value == 1 else f"{_number(value)} times"
    if unit == "days":
        return f"{_number(value)} {'day' if _number(value) == '1' else 'days'}"
    if unit == "money":
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    if unit == "percent":
        return f"{100 * value:.0f} %"
    return f"{_number(value)} times" if unit == "ratio" else _number(value)


def _number(value: float) -> str:
    """Whole where it is whole or large, else two digits."""
    if value == round(value) or abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"
