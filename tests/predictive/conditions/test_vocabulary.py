"""Names in a definition against the names in the source."""

from __future__ import annotations

import pytest

from predictive.conditions.grammar import Group
from predictive.conditions.vocabulary import Vocabulary, check_group, check_names
from predictive.definitions import Definition
from predictive.errors import InvalidInput
from predictive.tables import Property

VOCABULARY = Vocabulary(
    events=frozenset({"purchase", "session"}),
    properties={"plan": Property("property_plan", "text"), "size": Property("x", "number")},
    attributes=frozenset({"country"}),
)


def definition(leaf: str, audience: str = "{did: session}") -> Definition:
    return Definition.from_text(
        f"name: a\nkind: event\ntarget: {{within_days: 7, all: [{leaf}]}}\n"
        f"audience: {{any: [{{not: {audience}}}]}}"
    )


def test_known_names_pass() -> None:
    check_names(
        definition(
            "{aggregate: sum, event: purchase, of: size, gt: 1, "
            "where: [{property: amount, gt: 1}, {property: plan, eq: a}]}",
            "{attribute: country, eq: GB}",
        ),
        VOCABULARY,
    )


@pytest.mark.parametrize(
    ("leaf", "audience", "field", "hint"),
    [
        ("{did: purchse}", "{did: session}", "target.all.0.did", "'purchase'"),
        ("{did: session}", "{did_not: sesion}", "audience.any.0.not.did_not", "'session'"),
        (
            "{aggregate: last, event: purchases, of: plan, eq: a}",
            "{did: session}",
            "target.all.0.event",
            "'purchase'",
        ),
        (
            "{aggregate: last, event: purchase, of: plam, eq: a}",
            "{did: session}",
            "target.all.0.of",
            "'plan'",
        ),
        (
            "{did: purchase, where: [{property: plan, eq: a}, {property: ammount, eq: 1}]}",
            "{did: session}",
            "target.all.0.where.1.property",
            "'amount'",
        ),
        (
            "{did: session}",
            "{attribute: contry, eq: GB}",
            "audience.any.0.not.attribute",
            "'country'",
        ),
    ],
)
def test_the_nearest_name_is_suggested(leaf: str, audience: str, field: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_names(definition(leaf, audience), VOCABULARY)
    assert caught.value.field == field
    assert f"Did you mean {hint}?" in str(caught.value)


@pytest.mark.parametrize("aggregate", ["sum", "mean", "min", "max"])
def test_numbers_are_made_of_numbers_only(aggregate: str) -> None:
    leaf = f"{{aggregate: {aggregate}, event: purchase, of: plan, gt: 1}}"
    with pytest.raises(InvalidInput, match="holds numbers") as caught:
        check_names(definition(leaf), VOCABULARY)
    assert caught.value.field == "target.all.0.of"


def test_an_excluded_name_that_never_occurred_is_refused() -> None:
    text = "{name: a, kind: event, target: {within_days: 7, all: [{did: session}]},"
    for name in (*VOCABULARY.events, *VOCABULARY.properties, *VOCABULARY.attributes, "amount"):
        check_names(Definition.from_text(f"{text} exclude_features: [{name}]}}"), VOCABULARY)
    with pytest.raises(InvalidInput) as caught:
        check_names(Definition.from_text(f"{text} exclude_features: [contry]}}"), VOCABULARY)
    assert caught.value.field == "exclude_features.0"
    assert caught.value.hint == "Did you mean 'country'?"


def test_a_source_without_attributes_says_what_to_do() -> None:
    vocabulary = Vocabulary(frozenset({"session"}), {}, frozenset())
    with pytest.raises(InvalidInput) as caught:
        check_names(definition("{did: session}", "{attribute: country, eq: GB}"), vocabulary)
    assert caught.value.hint == "There is none so far: import some users."


def test_any_event_needs_no_name_but_some_event():
    anything = Group.model_validate({"all": [{"did_not": "*"}]})
    check_group(anything, "audience", VOCABULARY)
    nothing = Vocabulary(frozenset(), {}, frozenset())
    with pytest.raises(InvalidInput, match="import some events"):
        check_group(anything, "audience", nothing)
