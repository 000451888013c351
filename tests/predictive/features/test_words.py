"""Every feature that can be made is read back and said in plain words."""

from __future__ import annotations

import doctest
import json
import math
import re

import pytest

from predictive.dataset import all_feature_names
from predictive.features import names, words
from predictive.features.names import Feature, read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import (
    at_least_once,
    meaning,
    readable,
    short,
    statement,
    topic,
)
from predictive.wording.kept import told

ODD = ("with: colon", "a=b", "(other) thing", "28d", "line\nbreak", "{s}", "Product_Viewed")
EVENTS = ("campaign_clicked", "campaign_opened", "campaign_sent", "purchase", "refund", *ODD)


def plan(**changes: object) -> FeaturePlan:
    whole = {
        "lookback_days": (1, 7, 28),
        "events": EVENTS,
        "target_events": ("purchase",),
        "money_events": ("purchase", "refund"),
        "number_properties": {"weight": "w", "odd: {x}": "o"},
        "text_properties": {"colour": "c"},
        "number_attributes": ("points", "a=b", "age"),
        "text_attributes": {"country": ("GB", "FR=south"), "a": ("c=d",), "x=y": ("z",)},
        "has_products": True,
    }
    return FeaturePlan(**(whole | changes))


PLANS = [
    plan(),
    plan(has_time_of_day=False, has_products=False, money_events=("purchase",)),
    plan(target_events=("purchase", "refund"), lookback_days=(14,)),
    plan(target_events=(), money_events=(), number_attributes=(), text_attributes={}),
]
ALL = [(each, name) for each in PLANS for name in all_feature_names(each)]


@pytest.mark.parametrize(("each", "name"), ALL, ids=lambda value: repr(value)[:40])
def test_every_feature_is_read_and_said(each: FeaturePlan, name: str) -> None:
    feature = read_feature(name, each)
    assert feature.measure != "own"
    said = [topic(feature), meaning(feature), at_least_once(feature)]
    large = 9.0 if feature.measure == "trend" else 12345.6
    for value in (math.nan, 0.0, 0.07, 1.0, 2.5, large):
        said += [statement(feature, value), short(feature, value)]
        said += [statement(feature, value, "or more"), statement(feature, value, "or less")]
    for text in said:
        assert text == text.strip() != ""
        assert "  " not in text
        assert "\n" not in text
        assert "_" not in text
        assert "nan" not in text
        assert told(text, json.loads(json.dumps(text.to_dict())), "en") == text
    names_in_it = {*readable(feature.subject).split(), *readable(feature.value or "").split()}
    for text in (phrase.within("ko") for phrase in said):
        assert text == text.strip() != ""
        assert "  " not in text
        left = text
        for name in sorted(names_in_it, key=len, reverse=True):
            left = left.replace(name, "")
        assert not re.search("[A-Za-z]", left), text


@pytest.mark.parametrize("each", PLANS)
def test_different_columns_mean_different_things(each: FeaturePlan) -> None:
    meanings: dict[str, set[str]] = {}
    for name in all_feature_names(each):
        meanings.setdefault(meaning(read_feature(name, each)), set()).add(name)
    twice = [found for found in meanings.values() if len(found) > 1]
    # The rhythm of a target of one event is that event's.
    assert all(any(name.startswith("target_") for name in found) for found in twice)
    assert not twice or len(each.target_events) == 1


def test_the_parts_of_names_with_odd_characters() -> None:
    each = plan()

    def parts(name: str) -> tuple[object, ...]:
        found = read_feature(name, each)
        return found.measure, found.subject, found.days, found.value

    assert parts("count_28d:with: colon") == ("count", "with: colon", 28, None)
    assert parts("count_all") == ("count", "event", None, None)
    assert parts("count_7d:(other)") == ("count", "other event", 7, None)
    assert parts("attribute:a=b") == ("attribute_number", "a=b", None, None)
    assert parts("attribute:a=c=d") == ("attribute_value", "a", None, "c=d")
    assert parts("attribute:country=FR=south") == ("attribute_value", "country", None, "FR=south")
    assert parts("target_trend_7d_28d")[:3] == ("trend", "purchase", 7)
    assert parts("own:basket_value") == ("own", "basket_value", None, None)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("days_since:purchase", 41.3, "last purchase 41 days ago"),
        ("days_since:purchase", math.nan, "no purchase so far"),
        ("target_days_since_last", 1.0, "last purchase 1 day ago"),
        ("count_28d:campaign_sent", 0.0, "no campaign sent in the last 28 days"),
        ("count_28d:campaign_sent", 1.0, "campaign sent once in the last 28 days"),
        ("count_all", 31.0, "31 events so far"),
        ("count_1d", 1.0, "1 event in the last day"),
        ("count_7d:(other)", 0.0, "no other event in the last 7 days"),
        ("target_gap_now_to_mean", 2.34, "2.3 times the customer's usual gap since the last"),
        ("target_trend_7d_28d", math.log(2), "purchase 2 times as often in the last 7 days as in"),
        ("amount_sum_28d", 1234.5, "spent 1,234.50 in the last 28 days"),
        ("amount_sum_all:refund", -20.0, "spent -20 so far with refund"),
        ("weekend_share", 0.324, "32 % of events at weekends"),
        ("distinct:product_id", 27.0, "27 different products so far"),
        ("campaign_opened_per_sent", 0.4, "40 % of messages opened"),
        ("attribute:age", 34.0, "age 34"),
        ("attribute:age", math.nan, "age unknown"),
        ("attribute:country=GB", 1.0, "country is GB"),
        ("attribute:country=GB", 0.0, "country is not GB"),
        ("active_days_7d", 1.0, "active on 1 day in the last 7 days"),
        ("target_days_28d", 3.0, "purchase on 3 days in the last 28 days"),
        ("target_days_28d", 0.0, "no purchase in the last 28 days"),
        ("target_gap_mean", math.nan, "no purchase on a second day so far"),
    ],
)
def test_statements(name: str, value: float, text: str) -> None:
    assert statement(read_feature(name, plan()), value).startswith(text)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("days_since:purchase", 41.3, "마지막 purchase: 41일 전"),
        ("days_since:purchase", math.nan, "지금까지 purchase 없음"),
        ("count_28d:campaign_sent", 0.0, "최근 28일간 campaign sent 없음"),
        ("count_all", 31.0, "지금까지 이벤트 31건"),
        ("count_7d:(other)", 0.0, "최근 7일간 그 밖의 이벤트 없음"),
        ("target_gap_now_to_mean", 2.34, "마지막 purchase 이후 기간: 평소 간격의 2.3배"),
        ("amount_sum_28d", 1234.5, "최근 28일간 지출 1,234.50"),
        ("weekend_share", 0.324, "주말 이벤트 32 %"),
        ("distinct:product_id", 27.0, "지금까지 서로 다른 상품: 27"),
        ("campaign_opened_per_sent", 0.4, "메시지 열람 비율 40 %"),
        ("attribute:country=GB", 1.0, "country: GB"),
        ("attribute:country=GB", 0.0, "country: GB 아님"),
    ],
)
def test_statements_in_korean(name: str, value: float, text: str) -> None:
    assert statement(read_feature(name, plan()), value).within("ko") == text


def test_bounds() -> None:
    feature = read_feature("count_28d:purchase", plan())
    assert statement(feature, 5, "or more") == "purchase 5 times or more in the last 28 days"
    assert statement(feature, 0, "or less") == "purchase 0 times or less in the last 28 days"
    assert at_least_once(feature) == "purchase in the last 28 days"
    events = read_feature("count_7d", plan())
    assert statement(events, 9, "or more") == "9 or more events in the last 7 days"
    assert at_least_once(events) == "an event in the last 7 days"
    assert statement(events, 9, "or more").within("ko") == "최근 7일간 이벤트 9건 이상"
    assert at_least_once(feature).within("ko") == "최근 28일간 purchase 있음"
    assert short(events, 45) == "45"
    spent = read_feature("amount_sum_7d", plan())
    assert statement(spent, 50, "or less") == "spent 50 or less in the last 7 days"


def test_an_own_feature_is_said_by_its_name() -> None:
    feature = Feature("night_baskets", "own", "night_baskets")
    assert statement(feature, 3) == "night baskets 3"
    assert topic(feature) == meaning(feature) == "night baskets"
    assert readable("a_b  c") == "a b c"


@pytest.mark.parametrize("module", [names, words])
def test_examples_in_the_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
