"""What a feature's name says: read back from what the kernel and the attributes write.

The names are made in :mod:`predictive.features.kernel` and :mod:`predictive.features.attributes`;
a test holds this reading against every name that they can make.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from predictive.features.kernel import OTHER_EVENTS
from predictive.features.plan import FeaturePlan

Measure = Literal[
    "count",
    "days_since_last",
    "days_since_first",
    "gap_mean",
    "gap_spread",
    "gap_last",
    "gap_now_to_mean",
    "trend",
    "active_days",
    "days_with",
    "part_of_time",
    "amount_sum",
    "amount_mean",
    "amount_max",
    "amount_last",
    "distinct",
    "distinct_share",
    "property_mean",
    "property_last",
    "property_sum",
    "answered",
    "attribute_number",
    "attribute_value",
    "own",
]

_ATTRIBUTE = "attribute:"
#: Names of events, properties and attributes may hold anything, line breaks too.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), measure)
    for pattern, measure in (
        (r"count_(?P<span>all|\d+d)(:(?P<subject>.*))?", "count"),
        (r"days_since:(?P<subject>.*)", "days_since_last"),
        (r"(?P<who>any|target)_(?P<measure>days_since_(first|last))", ""),
        (r"(?P<who>any|target)_(?P<measure>gap_(mean|spread|last|now_to_mean))", ""),
        (r"(?P<who>target)_trend_(?P<span>\d+d)_(?P<longer>\d+d)", "trend"),
        (r"active_days_(?P<span>all|\d+d)", "active_days"),
        (r"(?P<who>target)_days_(?P<span>all|\d+d)", "days_with"),
        (r"(?P<subject>weekend|night|morning|afternoon|evening)_share", "part_of_time"),
        (r"(?P<measure>amount_(sum|mean|max))_(?P<span>all|\d+d)(:(?P<subject>.*))?", ""),
        (r"amount_last", "amount_last"),
        (r"(?P<measure>distinct(_share)?):(?P<subject>.*)", ""),
        (r"mean_all:(?P<subject>.*)", "property_mean"),
        (r"last:(?P<subject>.*)", "property_last"),
        (r"sum_(?P<span>\d+d):(?P<subject>.*)", "property_sum"),
        (r"campaign_(?P<subject>opened|clicked)_per_sent", "answered"),
        (r"own:(?P<subject>.*)", "own"),
    )
)


@dataclass(frozen=True)
class Feature:
    """A column, taken apart.

    Parameters
    ----------
    name
        As the model knows it.
    measure
        What is measured; ``own`` for a column of a recipe.
    subject
        Of which event (several joined by "or"; "event" for any), property or attribute.
    days
        Length of the lookback; None for all history.
    longer_days
        The lookback that a trend is held against.
    value
        Of a text attribute: the value that the column is 1 for.
    """

    name: str
    measure: Measure
    subject: str
    days: int | None = None
    longer_days: int | None = None
    value: str | None = None


#: Subject of what counts every event, and of what counts those without columns of their own.
ANY_EVENT, OTHER_EVENT = "event", "other event"


def read_feature(name: str, plan: FeaturePlan) -> Feature:
    """Take a feature's name apart.

    Parameters
    ----------
    name
        A column of a model trained with ``plan``.
    plan
        Tells attributes apart whose names hold an equals sign, and what the target speaks of.

    Examples
    --------
    >>> plan = FeaturePlan(lookback_days=(28,), events=("purchase",), target_events=("purchase",))
    >>> feature = read_feature("count_28d:purchase", plan)
    >>> feature.measure, feature.subject, feature.days
    ('count', 'purchase', 28)
    """
    if name.startswith(_ATTRIBUTE):
        return _attribute(name, plan)
    for pattern, measure in _PATTERNS:
        found = pattern.fullmatch(name)
        if found is not None:
            parts = found.groupdict()
            return Feature(
                name,
                cast(Measure, parts.get("measure") or measure),
                _subject(parts.get("who"), parts.get("subject"), plan),
                _days(parts.get("span")),
                _days(parts.get("longer")),
            )
    return Feature(name, "own", name)


def _attribute(name: str, plan: FeaturePlan) -> Feature:
    given = name.removeprefix(_ATTRIBUTE)
    if given in plan.number_attributes:
        return Feature(name, "attribute_number", given)
    for attribute, values in plan.text_attributes.items():
        value = given.removeprefix(f"{attribute}=")
        if value != given and value in values:
            return Feature(name, "attribute_value", attribute, value=value)
    return Feature(name, "own", name)


def _subject(who: str | None, subject: str | None, plan: FeaturePlan) -> str:
    if subject == OTHER_EVENTS:
        return OTHER_EVENT
    if subject is not None:
        return subject
    if who == "target":
        return " or ".join(plan.target_events)
    return ANY_EVENT


def _days(span: str | None) -> int | None:
    return int(span[:-1]) if span is not None and span != "all" else None
