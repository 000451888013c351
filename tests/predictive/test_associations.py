"""Associations and leaks in datasets whose truth is known, made by the real kernel's names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from models.dataset import Dataset
from predictive import associations
from predictive.associations import MIN_CUSTOMERS, find_associations
from predictive.dataset import all_feature_names
from predictive.features.plan import FeaturePlan
from predictive.leakage import Finding, find_leaks

PLAN = FeaturePlan(
    lookback_days=(7, 28),
    events=("campaign_sent", "purchase", "visit"),
    target_events=("purchase",),
    money_events=("purchase",),
    number_attributes=("points",),
    text_attributes={"country": ("GB", "FR")},
    has_time_of_day=False,
)
NAMES = all_feature_names(PLAN)
TESTS = np.array(["2025-01-01", "2025-02-01", "2025-03-01"], "datetime64[us]")
USERS = 1500
Columns = dict[str, npt.NDArray[Any]]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def world(rng: np.random.Generator, users: int = USERS, **planted: Any) -> Dataset:
    """Users at three moments; who visited lately buys twice as often, the rest is noise."""
    n = users * len(TESTS)
    columns = {name: rng.poisson(1.0, n).astype(np.float32) for name in NAMES}
    columns["count_28d:visit"] = columns["count_7d:visit"] + rng.poisson(1.0, n)
    columns["count_all:visit"] = columns["count_28d:visit"] + rng.poisson(2.0, n)
    columns["attribute:points"] = rng.normal(100, 20, n).astype(np.float32)
    country = rng.choice(["GB", "FR", "DE"], n)
    for value in ("GB", "FR"):
        columns[f"attribute:country={value}"] = (country == value).astype(np.float32)
    labels = rng.random(n) < np.where(columns["count_7d:visit"] > 0, 0.3, 0.15)
    columns = {name: np.asarray(column, np.float32) for name, column in columns.items()}
    for change in planted.values():
        labels = change(columns, labels, rng)
    return Dataset(
        np.ascontiguousarray(np.stack([columns[name] for name in NAMES], axis=1)),
        labels,
        np.repeat(TESTS, users),
        np.tile(np.arange(users), len(TESTS)),
        NAMES,
        np.timedelta64(28, "D"),
    )


def leaks(dataset: Dataset, *untimed: str) -> list[Finding]:
    return find_leaks(dataset, PLAN, TESTS, untimed, seed=0)


def found(dataset: Dataset, side: str = "more_likely") -> dict[str, dict[str, Any]]:
    return {row["words"]: row for row in find_associations(dataset, PLAN, TESTS)[side]}


def test_what_was_put_in_is_found_and_nothing_else(rng):
    report = find_associations(world(rng), PLAN, TESTS)
    (more,) = report["more_likely"]
    (less,) = report["less_likely"]
    assert more["words"] == "visit in the last 7 days"
    assert less["words"] == "no visit in the last 7 days"
    share = 1 - np.exp(-1)
    average = 0.15 + 0.15 * share
    for row, rate in ((more, 0.3), (less, 0.15)):
        assert row["low"] < rate / average < row["high"]
        assert row["ratio"] == pytest.approx(row["rate"] / row["average"])
        assert row["among"] is None
    assert report["average"] == pytest.approx(average, abs=0.02)
    assert report["customers"] == USERS >= more["customers"] >= MIN_CUSTOMERS
    assert more["share"] == pytest.approx(share, abs=0.03)
    assert report["snapshots"] == 3
    assert report["groups"] > 20


def test_only_the_test_snapshots_count(rng):
    dataset = world(rng)
    dataset.labels[dataset.as_of == TESTS[0]] = True
    later = find_associations(dataset, PLAN, TESTS[1:])
    assert later["snapshots"] == 2
    assert later["average"] < 0.3


def test_a_group_too_small_to_speak_of_is_not_listed(rng):
    def few(columns: Columns, labels: Any, rng: Any) -> Any:
        members = np.tile(np.arange(USERS) < MIN_CUSTOMERS - 1, len(TESTS))
        columns["count_28d:campaign_sent"][:] = members
        return labels | members

    rows = found(world(rng, few=few))
    assert "campaign sent in the last 28 days" not in rows
    assert "visit in the last 7 days" in rows


def test_told_attributes_are_held_against_those_who_told(rng):
    """Who told their country buys more, from wherever; only GB buys more than other tellers."""

    def told(columns: Columns, labels: Any, rng: Any) -> Any:
        secret = np.tile(rng.random(USERS) < 0.6, len(TESTS))
        great_britain = columns["attribute:country=GB"] == 1
        for value in ("GB", "FR"):
            columns[f"attribute:country={value}"][secret] = np.nan
        return rng.random(len(labels)) < np.where(secret, 0.1, np.where(great_britain, 0.6, 0.4))

    dataset = world(rng, told=told)
    more, less = found(dataset), found(dataset, "less_likely")
    great_britain = more["country is GB"]
    assert great_britain["among"] == "country known"
    assert great_britain["average"] == pytest.approx(0.4 + 0.2 / 3, abs=0.03)
    assert great_britain["low"] > 1.1
    assert "country is FR" not in more
    assert less["country unknown"]["among"] is None


def test_of_groups_that_are_nearly_the_same_the_surest_is_listed(rng):
    def twins(columns: Columns, labels: Any, rng: Any) -> Any:
        visited = columns["count_7d:visit"] > 0
        columns["count_7d:campaign_sent"][:] = visited & (rng.random(len(labels)) < 0.95)
        return labels

    rows = found(world(rng, twins=twins))
    assert len({"visit in the last 7 days", "campaign sent in the last 7 days"} & set(rows)) == 1


def test_a_list_has_one_group_a_topic_and_an_end(rng, monkeypatch):
    def all_about_visits(columns: Columns, labels: Any, rng: Any) -> Any:
        visits = columns["count_28d:visit"] + columns["count_7d:visit"]
        return rng.random(len(labels)) < np.minimum(0.05 * visits, 0.9)

    dataset = world(rng, visits=all_about_visits)
    assert sum("visit" in words for words in found(dataset)) == 1
    monkeypatch.setattr(associations, "MAX_LISTED", 0)
    assert found(dataset) == {}


def test_quarters_can_be_said(rng):
    def spenders(columns: Columns, labels: Any, rng: Any) -> Any:
        spent = rng.gamma(2.0, 123.456, len(labels))
        columns["amount_sum_28d"][:] = spent
        return rng.random(len(labels)) < np.where(spent > 330, 0.6, 0.1)

    (words,) = [words for words in found(world(rng, spenders=spenders)) if "spent" in words]
    assert words.startswith("spent 3")
    assert words.endswith("0 or more in the last 28 days")


# --- leaks ----------------------------------------------------------------------------------------


def attribute_equals_outcome(columns: Columns, labels: Any, rng: Any) -> Any:
    columns["attribute:points"][:] = np.where(labels, 1, 0)
    return labels


def attribute_known_of_some_who_left(columns: Columns, labels: Any, rng: Any) -> Any:
    told = labels & (rng.random(len(labels)) < 0.3)
    columns["attribute:country=GB"][:] = np.where(told, 1, np.nan)
    columns["attribute:country=FR"][:] = np.where(told, 0, np.nan)
    return labels


def event_of_those_alone(columns: Columns, labels: Any, rng: Any) -> Any:
    happened = labels & (rng.random(len(labels)) < 0.5)
    for span in ("7d", "28d", "all"):
        columns[f"count_{span}:campaign_sent"][:] = happened
    return labels


def event_only_shortly_before(columns: Columns, labels: Any, rng: Any) -> Any:
    before = labels & (rng.random(len(labels)) < 0.6)
    earlier = rng.random(len(labels)) < 0.5
    columns["count_7d:campaign_sent"][:] = before
    columns["count_28d:campaign_sent"][:] = before | earlier
    columns["count_all:campaign_sent"][:] = before | earlier
    return labels


def attribute_of_the_newest_outcomes(columns: Columns, labels: Any, rng: Any) -> Any:
    """As a customer file written today has it: it tells who left since, not who left before."""
    newest = labels[-USERS:]
    columns["attribute:country=GB"][:] = np.tile(newest, len(TESTS))
    columns["attribute:country=FR"][:] = np.tile(~newest, len(TESTS))
    return labels


def not_in_order(columns: Columns, labels: Any, rng: Any) -> Any:
    """Only the middle of the range tells the outcome, which no ranking by size would show."""
    columns["amount_last"][:] = np.where(
        labels, rng.normal(50, 1, len(labels)), 50 + rng.choice([-20, 20], len(labels))
    )
    return labels


def only_with_purchases(columns: Columns, labels: Any, rng: Any) -> Any:
    columns["target_days_7d"][:] = rng.random(len(labels)) < 0.3
    columns["count_7d:campaign_sent"][:] = (columns["target_days_7d"] > 0) & (
        rng.random(len(labels)) < 0.5
    )
    return labels


@pytest.mark.parametrize(
    ("plant", "kind", "name"),
    [
        (attribute_equals_outcome, "predicts_alone", "points"),
        (attribute_known_of_some_who_left, "attribute_tells", "country"),
        (attribute_of_the_newest_outcomes, "predicts_alone", "country"),
        (event_of_those_alone, "event_tells", "campaign_sent"),
        (event_only_shortly_before, "only_near_outcome", "campaign_sent"),
        (not_in_order, "predicts_alone", "amount"),
        (only_with_purchases, "only_with_target", "campaign_sent"),
    ],
)
def test_a_planted_leak_is_named(rng, plant: Callable[..., Any], kind: str, name: str) -> None:
    findings = leaks(world(rng, plant=plant))
    # It, and nothing else.
    assert [(each.kind, each.names) for each in findings] == [(kind, (name,))]
    assert findings[0].severity == ("note" if kind == "only_with_target" else "warning")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("base", [0.02, 0.2, 0.9])
def test_a_clean_world_has_no_leak(seed: int, base: float) -> None:
    def level(columns: Columns, labels: Any, rng: Any) -> Any:
        # Honest and strong: who bought lately buys again.
        score = np.minimum(columns["target_days_7d"], 3) - 1
        return rng.random(len(labels)) < 1 / (1 + np.exp(-(np.log(base / (1 - base)) + 2 * score)))

    assert leaks(world(np.random.default_rng(seed), level=level)) == []


def test_the_target_s_own_history_is_no_leak(rng) -> None:
    def habit(columns: Columns, labels: Any, rng: Any) -> Any:
        bought = rng.random(len(labels)) < 0.3
        for span in ("7d", "28d", "all"):
            columns[f"count_{span}:purchase"][:] = bought
            columns[f"target_days_{span}"][:] = bought
        return rng.random(len(labels)) < np.where(bought, 0.97, 0.1)

    assert leaks(world(rng, habit=habit)) == []


def test_an_outcome_that_is_easily_foretold_is_no_leak(rng) -> None:
    """An app that is opened daily, or was left long ago: whatever it records tells the outcome."""

    def daily(columns: Columns, labels: Any, rng: Any) -> Any:
        alive = rng.random(len(labels)) < 0.3
        for event in ("purchase", "visit", "campaign_sent"):
            lately = np.where(alive, 1 + rng.poisson(5.0, len(labels)), 0)
            for span in ("7d", "28d"):
                columns[f"count_{span}:{event}"][:] = lately
            columns[f"count_all:{event}"][:] = lately + 9
            columns[f"days_since:{event}"][:] = np.where(alive, 0.5, rng.uniform(60, 400))
        for span in ("7d", "28d"):
            columns[f"target_days_{span}"][:] = columns[f"count_{span}:purchase"]
        return np.where(alive, rng.random(len(labels)) < 0.995, rng.random(len(labels)) < 0.002)

    assert [each for each in leaks(world(rng, daily=daily)) if each.severity == "warning"] == []


def test_loyal_customers_are_no_leak(rng) -> None:
    """Hardly anybody with the card leaves: of one in eight, that is no telling."""

    def card(columns: Columns, labels: Any, rng: Any) -> Any:
        member = rng.random(len(labels)) < 0.4
        columns["count_7d:campaign_sent"][:] = member
        columns["attribute:country=GB"][:] = member
        columns["attribute:country=FR"][:] = 0
        return rng.random(len(labels)) < np.where(member, 0.001, 0.2)

    assert leaks(world(rng, card=card)) == []


def test_attributes_without_a_time_are_noted_together(rng) -> None:
    (note,) = leaks(world(rng), "country", "points")
    assert (note.kind, note.severity) == ("attributes_without_time", "note")
    assert note.names == ("country", "points")
    assert "country, points" in note.words
    warned = leaks(world(rng, plant=attribute_equals_outcome), "points")
    assert [each.severity for each in warned] == ["warning", "note"]
    assert "It has no time" in warned[0].words


def test_a_leak_shows_in_a_sample_too(rng, monkeypatch) -> None:
    monkeypatch.setattr("predictive.leakage.MAX_ROWS", 1000)
    findings = leaks(world(rng, plant=attribute_equals_outcome))
    assert ("points",) in {each.names for each in findings}


def test_findings_are_plain_json(rng) -> None:
    (first, *_) = leaks(world(rng, plant=event_of_those_alone))
    told = first.to_dict()
    assert told["names"] == ["campaign_sent"]
    assert told["figures"]["rate"] == 1
    assert "campaign sent at least once" in told["words"]
    assert replace(first, severity="note").to_dict()["severity"] == "note"
