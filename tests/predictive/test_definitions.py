"""Definitions: what is read, what is refused and in which words."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.definitions import Definition, Retraining
from predictive.errors import InvalidInput
from tests.predictive.conditions.worlds import Author

CHURN = """\
name: churn-28d
kind: churn                       # churn | purchase | event
target:
  within_days: 28
  all: [{did_not: purchase}]
audience:
  all:
    - {did: purchase, at_least: 2, within_days: 90}
    - {attribute: country, in: [GB, FR]}
"""
BASKET = """\
name: big-basket-7d
kind: purchase
target:
  within_days: 7
  any:
    - {did: purchase, where: [{property: amount, gte: 50}]}
    - {aggregate: sum, event: purchase, of: amount, gte: 100}
"""


def with_target(leaf: str) -> str:
    return f"name: a\nkind: event\ntarget: {{within_days: 7, all: [{leaf}]}}"


def with_audience(group: str) -> str:
    return f"{with_target('{did: x}')}\naudience: {group}"


def with_key(line: str) -> str:
    return f"{with_target('{did: x}')}\n{line}"


def nested(depth: int) -> str:
    return "{not: " * (depth - 1) + "{all: [{did: x}]}" + "}" * (depth - 1)


def test_the_two_examples_of_the_readme_are_read() -> None:
    churn, basket = Definition.from_text(CHURN), Definition.from_text(BASKET)
    assert (churn.name, churn.kind, churn.window) == ("churn-28d", "churn", timedelta(days=28))
    assert churn.audience is not None
    country = churn.audience.members[1]
    assert country.model_dump(by_alias=True, exclude_none=True) == {
        "attribute": "country",
        "in": ("GB", "FR"),
    }
    assert basket.target.operator == "any"
    assert basket.audience is None
    assert [path for path, _ in basket.target.leaves("target")] == ["target.any.0", "target.any.1"]


def test_defaults() -> None:
    definition = Definition.from_text(BASKET)
    assert definition.category_bounds == {"low": 0.0, "medium": 50.0, "high": 75.0}
    assert definition.holdout_share == 0.0
    assert definition.exclude_features == ()
    assert definition.schedule is None
    assert definition.retraining == Retraining(every_days=14, promotion="automatic")
    assert "retraining" not in definition.to_yaml()


def test_all_optional_keys() -> None:
    definition = Definition.from_text(
        CHURN + "categories: {medium: 40, high: 90}\nexclude_features: [gender, age]\n"
        "schedule: '0 3 * * 1-5'\nholdout_share: 0.1\n"
        "retraining: {every_days: 7, promotion: manual}\n"
    )
    assert definition.category_bounds == {"low": 0.0, "medium": 40.0, "high": 90.0}
    assert definition.exclude_features == ("gender", "age")
    assert definition.schedule == "0 3 * * 1-5"
    assert definition.holdout_share == 0.1
    assert definition.retraining == Retraining(every_days=7, promotion="manual")
    assert Definition.from_text(definition.to_yaml()) == definition


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("daily 3:00", "daily 03:00"),
        ("Weekly  MON 03:00", "weekly mon 03:00"),
        ("monthly 1 03:00", "monthly 1 03:00"),
        ("monthly last 23:59", "monthly last 23:59"),
        ("every 6h", "every 6h"),
        ("every 3d", "every 3d"),
        ("0 3 * * 1", "0 3 * * 1"),
        ("none", "none"),
    ],
)
def test_a_schedule_is_kept_in_one_way_of_writing_it(written: str, kept: str) -> None:
    definition = Definition.from_text(with_key(f"schedule: {written!r}"))
    assert definition.schedule == kept
    assert Definition.from_text(definition.to_yaml()) == definition


def test_half_a_retraining_keeps_the_other_default() -> None:
    assert Definition.from_text(with_key("retraining: {promotion: manual}")).retraining == (
        Retraining(every_days=14, promotion="manual")
    )


def test_conditions_are_written_as_a_person_would() -> None:
    assert "- attribute: country\n    in:\n    - GB\n" in Definition.from_text(CHURN).to_yaml()


def test_json_and_yaml_and_mapping_say_the_same() -> None:
    document: dict[str, Any] = {
        "name": "a",
        "kind": "churn",
        "target": {"within_days": 7, "not": {"did": "x", "where": [{"property": "y", "eq": True}]}},
    }
    flow = (
        "{name: a, kind: churn, target: "
        "{within_days: 7, not: {did: x, where: [{property: y, eq: true}]}}}"
    )
    read = Definition.from_mapping(document)
    assert read == Definition.from_text(json.dumps(document)) == Definition.from_text(flow)


def test_the_target_s_condition_has_no_window() -> None:
    definition = Definition.from_text(CHURN)
    assert type(definition.target.condition).__name__ == "Group"
    assert definition.target.condition.members == definition.target.members


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_written_reads_back_the_same(seed: int) -> None:
    author = Author(seed)
    target = {"within_days": 3} | author.target()
    document = {"name": "a", "kind": "event", "target": target, "audience": author.audience()}
    definition = Definition.from_mapping(document)
    assert Definition.from_text(definition.to_yaml()) == definition


@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=40))
def test_any_text_reads_back_the_same_or_is_refused(text: str) -> None:
    try:
        definition = Definition.from_mapping(
            {"name": "a", "kind": "event", "target": {"within_days": 3, "all": [{"did": text}]}}
        )
    except InvalidInput as error:
        assert error.field == "target.all.0.did"
    else:
        assert Definition.from_text(definition.to_yaml()) == definition


@pytest.mark.parametrize(
    "text", ["1e5", "NO", "12:30", "2024-01-01", "0x1f", "true", "null", "~", "1_000", "=", "<<"]
)
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    definition = Definition.from_mapping(
        {"name": "a", "kind": "event", "target": {"within_days": 3, "all": [{"did": text}]}}
    )
    assert Definition.from_text(definition.to_yaml()) == definition


# (text, field, part of the message)
REFUSED = [
    pytest.param("name: a\nkind: chrun\n", "kind", "Did you mean 'churn'?", id="kind"),
    pytest.param("name: a\nkind: churn\n", "target", "required", id="no target"),
    pytest.param(with_key("thresold: 1"), "thresold", "one of the keys", id="unknown key"),
    pytest.param(with_key("schedul: x"), "schedul", "Did you mean 'schedule'?", id="misspelt key"),
    pytest.param(with_key("holdout_share: 0.6"), "holdout_share", "0.5", id="holdout"),
    pytest.param(with_key("holdout_share: .nan"), "holdout_share", "0 to 0.5", id="holdout nan"),
    pytest.param(with_key("schedule: often"), "schedule", "cron", id="schedule"),
    pytest.param(with_key("schedule: 5"), "schedule", "daily 03:00", id="schedule number"),
    pytest.param(with_key("schedule: monthly 31 3:00"), "schedule", "1 to 28", id="month's end"),
    pytest.param(with_key("schedule: every 0h"), "schedule", "1h to 365d", id="no interval"),
    pytest.param(with_key("schedule: daily 24:00"), "schedule", "daily 03:00", id="time"),
    pytest.param(
        with_key("retraining: {every_days: 0}"), "retraining.every_days", "1 to 365", id="days"
    ),
    pytest.param(
        with_key("retraining: {every_days: 366}"), "retraining.every_days", "365", id="many days"
    ),
    pytest.param(
        with_key("retraining: {promotion: auto}"), "retraining.promotion", "manual", id="promotion"
    ),
    pytest.param(
        with_key("retraining: {evry_days: 3}"), "retraining.evry_days", "'every_days'", id="key"
    ),
    pytest.param(with_key("retraining: weekly"), "retraining", "a mapping", id="retraining"),
    pytest.param(with_key("categories: {medium: 80}"), "categories", "medium < high", id="bounds"),
    pytest.param(with_key("categories: {low: 5}"), "categories", "low = 0", id="low bound"),
    pytest.param(with_key("categories: {hihg: 90}"), "categories.hihg", "'high'", id="category"),
    pytest.param(with_key("exclude_features: age"), "exclude_features", "a list", id="excluded"),
    pytest.param(with_target("{didd: x}"), "target.all.0", "Did you mean 'did'?", id="leaf"),
    pytest.param(with_target("x"), "target.all.0", "a condition", id="no leaf"),
    pytest.param(
        with_target("{did: x, atleast: 2}"), "target.all.0.atleast", "'at_least'", id="leaf key"
    ),
    pytest.param(with_target("{did: x, at_least: 0}"), "target.all.0.at_least", "1 up", id="0"),
    pytest.param(with_target("{did: x, at_least: 1.5}"), "target.all.0.at_least", "1 up", id="1.5"),
    pytest.param(with_target("{did: x, exactly: true}"), "target.all.0.exactly", "0 up", id="yes"),
    pytest.param(
        with_target("{did: x, exactly: 1, at_most: 2}"),
        "target.all.0",
        "exactly alone",
        id="counts",
    ),
    pytest.param(
        with_target("{did: x, at_least: 3, at_most: 2}"), "target.all.0", "not above", id="range"
    ),
    pytest.param(
        with_target("{did: x, did_not: y}"), "target.all.0", "did or as did_not", id="did and not"
    ),
    pytest.param(with_target("{did: ''}"), "target.all.0.did", "1 to 1,000", id="empty event"),
    pytest.param(
        with_target("{did: " + "x" * 1001 + "}"), "target.all.0.did", "1,000", id="long event"
    ),
    pytest.param(with_target("{did: 5}"), "target.all.0.did", "a text", id="event 5"),
    pytest.param(
        with_target("{did: x, where: [{property: a, gtee: 3}]}"),
        "target.all.0.where.0.gtee",
        "Did you mean 'gte'?",
        id="operator",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a, gt: 1, lt: 2}]}"),
        "target.all.0.where.0",
        "There is gt, lt.",
        id="two operators",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a}]}"),
        "target.all.0.where.0",
        "exactly one of",
        id="no operator",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a, gt: .inf}]}"),
        "target.all.0.where.0.gt",
        "finite",
        id="infinity",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a, eq: " + "9" * 400 + "}]}"),
        "target.all.0.where.0.eq",
        "finite",
        id="huge",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a, in: [1, [2]]}]}"),
        "target.all.0.where.0.in.1",
        "a text, a finite number",
        id="list in list",
    ),
    pytest.param(
        with_target("{did: x, where: [{property: a, in: []}]}"),
        "target.all.0.where.0.in",
        "at least 1",
        id="in nothing",
    ),
    pytest.param(
        with_target("{did: x, where: {property: a, eq: 1}}"), "target.all.0.where", "a list", id="w"
    ),
    pytest.param(
        with_target("{aggregate: avg, event: x, of: a, gt: 1}"),
        "target.all.0.aggregate",
        "one of sum, mean",
        id="aggregate",
    ),
    pytest.param(
        with_target("{aggregate: sum, event: x, off: a, gt: 1}"),
        "target.all.0.off",
        "Did you mean 'of'?",
        id="misspelt before missing",
    ),
    pytest.param(
        with_target("{aggregate: sum, event: x, of: a, eq: y}"),
        "target.all.0",
        "with numbers",
        id="sum of text",
    ),
    pytest.param(
        with_target("{aggregate: sum, event: x, of: a, exists: true}"),
        "target.all.0",
        "always exists",
        id="sum exists",
    ),
    pytest.param(
        with_target("{did: x, within_days: 3}"),
        "target.all.0.within_days",
        "no window of its own",
        id="own window",
    ),
    pytest.param(
        with_target("{attribute: c, eq: 1}"), "target.all.0.attribute", "no outcome", id="attribute"
    ),
    pytest.param(
        with_target("{prediction: p, gte: 50}"),
        "target.all.0.prediction",
        "segments only",
        id="score in target",
    ),
    pytest.param(
        with_audience("{all: [{prediction: p, gte: 50}]}"),
        "audience.all.0.prediction",
        "segments only",
        id="score in audience",
    ),
    pytest.param(
        with_audience("{all: [{prediction: p, in: [50]}]}"),
        "audience.all.0",
        "one of eq, ne, gt",
        id="operator of a score",
    ),
    pytest.param(with_audience("{all: []}"), "audience.all", "at least 1", id="empty group"),
    pytest.param(with_audience("{}"), "audience", "exactly one of all", id="no group"),
    pytest.param(
        with_audience("{all: [{did: x}], any: [{did: x}]}"),
        "audience",
        "exactly one of all",
        id="two groups",
    ),
    pytest.param(with_audience("{all: {did: x}}"), "audience.all", "a list", id="no list"),
    pytest.param(
        with_audience("{not: [{did: x}, {did: y}]}"), "audience.not", "not: {any", id="not many"
    ),
    pytest.param(
        with_audience("{all: [{did: x, within_days: 366}]}"),
        "audience.all.0.within_days",
        "1 to 365",
        id="audience window",
    ),
    pytest.param(with_audience(nested(11)), "audience", "at most 10 deep", id="depth"),
    pytest.param(
        with_audience("{all: [" + "{did: x}," * 101 + "]}"),
        "audience.all",
        "at most 100",
        id="many",
    ),
    pytest.param(
        with_audience("{all: [" + ("{all: [" + "{did: x}," * 60 + "]},") * 2 + "]}"),
        "audience",
        "at most 100 conditions",
        id="many in all",
    ),
]


@pytest.mark.parametrize(("text", "field", "words"), REFUSED)
def test_what_is_wrong_is_named(text: str, field: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Definition.from_text(text)
    assert caught.value.field == field
    assert words in str(caught.value)


@pytest.mark.parametrize("days", ["0", "366", "-1", "28.0", "'28'", "true", "1" * 30])
def test_a_window_outside_1_to_365_is_refused(days: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 365") as caught:
        Definition.from_text(CHURN.replace("within_days: 28", f"within_days: {days}"))
    assert caught.value.field == "target.within_days"


@pytest.mark.parametrize("days", [1, 365])
def test_the_limits_of_the_window_are_allowed(days: int) -> None:
    text = CHURN.replace("within_days: 28", f"within_days: {days}")
    assert Definition.from_text(text).window == timedelta(days=days)


@pytest.mark.parametrize("name", ["", "A", "-a", "a_b", "a b", "ä", "x" * 64, "a\n"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Definition.from_mapping(
            {"name": name, "kind": "churn", "target": {"within_days": 1, "all": [{"did": "x"}]}}
        )
    assert caught.value.field == "name"


def test_ten_groups_inside_one_another_are_allowed() -> None:
    definition = Definition.from_text(with_audience(nested(10)))
    assert definition.audience is not None
    assert definition.audience.depth() == 10


def test_nesting_that_would_exhaust_the_stack_is_refused() -> None:
    deep: dict[str, Any] = {"all": [{"did": "x"}]}
    for _ in range(sys.getrecursionlimit()):
        deep = {"not": deep}
    with pytest.raises(InvalidInput, match="nested too deeply"):
        Definition.from_mapping({"name": "a", "kind": "churn", "target": deep})


def test_files(tmp_path: Path) -> None:
    good = tmp_path / "churn.yaml"
    good.write_bytes(b"\xef\xbb\xbf" + CHURN.encode())
    assert Definition.from_file(good) == Definition.from_text(CHURN)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\x80\x00\xff")
    empty = tmp_path / "empty.yaml"
    empty.write_bytes(b"  \n")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    for path, words in (
        (tmp_path / "none.yaml", "No such file"),
        (tmp_path, "directory"),
        (binary, "UTF-8"),
        (empty, "empty"),
        (large, "1,000,000"),
    ):
        with pytest.raises(InvalidInput) as caught:
            Definition.from_file(path)
        assert words in str(caught.value)
        assert path.name in str(caught.value)


def test_the_schema_for_the_api_s_documents_can_be_made() -> None:
    schema = Definition.model_json_schema(by_alias=True)
    assert schema["properties"]["target"] == {"$ref": "#/$defs/Target"}
    assert schema["$defs"]["Target"]["properties"]["within_days"]["maximum"] == 365
    assert "in" in schema["$defs"]["AttributeLeaf"]["properties"]
