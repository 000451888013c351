"""Features in plain words: what a column measures, and what a value of it says of a customer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Literal

from predictive.features.names import ANY_EVENT, OTHER_EVENT, Feature
from predictive.features.phrasings.english import English
from predictive.features.phrasings.korean import Korean
from predictive.features.phrasings.phrasing import UNITS, Bound, Phrasing
from predictive.wording.said import Language, Said

#: What can be said of a feature.
Form = Literal["topic", "meaning", "statement", "once", "short"]

_PRODUCT = "product_id"
_PHRASINGS: Mapping[Language, Phrasing] = {"en": English(), "ko": Korean()}


class Phrase(Said):
    """What is said of a feature.

    Parameters
    ----------
    form
        What is said of it.
    feature
        The column.
    value
        In the units of the column; NaN means unknown.
    bound
        Whether the value is met, or bounds a range that includes it.
    """

    form: Form
    feature: Feature
    value: float
    bound: Bound

    def __new__(
        cls, form: Form, feature: Feature, value: float = math.nan, bound: Bound = ""
    ) -> Phrase:
        """Make the text."""
        made = super().__new__(cls, _FORMS[form](_PHRASINGS["en"], feature, value, bound))
        made.form, made.feature, made.value, made.bound = form, feature, value, bound
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[Form, Feature, float, Bound], dict[str, object]]:
        return (self.form, self.feature, self.value, self.bound), {}

    @classmethod
    def read(cls, made_of: Mapping[str, Any]) -> Phrase:
        """Of what :meth:`to_dict` gave."""
        value = math.nan if made_of["value"] is None else made_of["value"]
        return cls(made_of["form"], Feature(**made_of["feature"]), value, made_of["bound"])

    def within(self, language: Language) -> str:
        """The same in a language."""
        say = _FORMS[self.form]
        return say(_PHRASINGS[language], self.feature, self.value, self.bound)

    def to_dict(self) -> dict[str, Any]:
        """What it is made of, JSON-ready."""
        return {
            "form": self.form,
            "feature": asdict(self.feature),
            "value": None if math.isnan(self.value) else self.value,
            "bound": self.bound,
        }


def topic(feature: Feature) -> Phrase:
    """What the feature is about: features of one topic say much the same of a customer.

    >>> topic(Feature("target_gap_mean", "gap_mean", "purchase"))
    'how often: purchase'
    """
    return Phrase("topic", feature)


def meaning(feature: Feature) -> Phrase:
    """What the column measures.

    >>> meaning(Feature("count_28d:purchase", "count", "purchase", 28))
    'how often: purchase in the last 28 days'
    """
    return Phrase("meaning", feature)


def statement(feature: Feature, value: float, bound: Bound = "") -> Phrase:
    """What a value says of a customer; of a bound, what it says of all within it.

    Examples
    --------
    >>> purchases = Feature("count_28d:purchase", "count", "purchase", 28)
    >>> statement(purchases, 3), statement(purchases, 0), statement(purchases, 5, "or more")
    ('purchase 3 times in the last 28 days', 'no purchase in the last 28 days', \
'purchase 5 times or more in the last 28 days')
    >>> statement(purchases, 3).within("ko")
    '최근 28일간 purchase 3회'
    """
    return Phrase("statement", feature, value, bound)


def at_least_once(feature: Feature) -> Phrase:
    """That a count is above nought: ``purchase in the last 28 days``."""
    return Phrase("once", feature)


def short(feature: Feature, value: float, bound: Bound = "") -> Phrase:
    """The bare value with its unit, to stand beside another.

    >>> short(Feature("days_since:purchase", "days_since_last", "purchase"), 41.2)
    '41 days'
    """
    return Phrase("short", feature, value, bound)


def typically(feature: Feature, value: float) -> Phrase | None:
    """The usual value, to stand behind a customer's own; None where one can't be said shortly.

    >>> typically(Feature("count_7d:refund", "count", "refund", 7), 0)
    'none'
    """
    if feature.measure == "attribute_value":
        return None
    return statement(feature, value) if math.isnan(value) else short(feature, value)


def readable(text: str) -> str:
    """A name from the data as people write it.

    >>> readable("campaign_sent")
    'campaign sent'
    """
    return " ".join(text.replace("_", " ").split())


def _topic(within: Phrasing, feature: Feature, _: float, __: Bound) -> str:
    if feature.measure == "count" and feature.subject == ANY_EVENT:
        return within.words["active_days"].topic
    return _filled(within, feature, within.words[feature.measure].topic)


def _meaning(within: Phrasing, feature: Feature, _: float, __: Bound) -> str:
    return _filled(within, feature, within.words[feature.measure].meaning)


def _statement(within: Phrasing, feature: Feature, value: float, bound: Bound) -> str:
    words = within.words[feature.measure]
    if math.isnan(value):
        return _filled(within, feature, words.unknown)
    if feature.measure == "attribute_value" and not value:
        return _filled(within, feature, within.is_not)
    if feature.measure == "count":
        return _counted(within, feature, value, bound)
    if feature.measure == "days_with" and value == 0 and not bound:
        return _filled(within, feature, within.none_of)
    return _filled(within, feature, words.says, _amount(within, feature, value, bound))


def _once(within: Phrasing, feature: Feature, _: float, __: Bound) -> str:
    usual = within.once_within if feature.days else within.once_ever
    named = {ANY_EVENT: within.any_once, OTHER_EVENT: within.other_once}
    return _filled(within, feature, named.get(feature.subject, usual))


def _short(within: Phrasing, feature: Feature, value: float, bound: Bound) -> str:
    if math.isnan(value):
        return within.unknown
    if feature.measure == "attribute_value":
        return within.yes if value else within.no
    if feature.measure in ("count", "days_with") and value == 0 and not bound:
        return within.none
    return _amount(within, feature, value, bound)


_FORMS: Mapping[Form, Callable[[Phrasing, Feature, float, Bound], str]] = {
    "topic": _topic,
    "meaning": _meaning,
    "statement": _statement,
    "once": _once,
    "short": _short,
}


def _counted(within: Phrasing, feature: Feature, value: float, bound: Bound) -> str:
    if value == 0 and not bound:
        return _filled(within, feature, within.none_of)
    if feature.subject in (ANY_EVENT, OTHER_EVENT):
        events = within.events(value, feature.subject, bound)
        return _filled(within, feature, within.events_of, events)
    return _filled(within, feature, within.count_of, _amount(within, feature, value, bound))


def _amount(within: Phrasing, feature: Feature, value: float, bound: Bound) -> str:
    if feature.measure == "trend":
        value = math.exp(value)
    counts_all = feature.measure == "count" and feature.subject in (ANY_EVENT, OTHER_EVENT)
    return within.amount(value, "number" if counts_all else UNITS[feature.measure], bound)


def _filled(within: Phrasing, feature: Feature, text: str, value: str = "") -> str:
    subject = within.subject(readable(feature.subject))
    kinds = within.products if feature.subject == _PRODUCT else within.values_of
    return text.format(
        s=subject,
        k=kinds.format(s=subject),
        m="" if feature.subject == ANY_EVENT else within.with_money.format(s=subject),
        w=within.lookback(feature.days),
        x=value,
        v=readable(feature.value or ""),
        longer=feature.longer_days,
        part=within.parts.get(feature.subject, ""),
    )
