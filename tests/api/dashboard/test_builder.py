"""What the forms hold is what a definition says, whatever it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.dashboard.builder.drafts import DefinitionDraft, GroupDraft
from api.dashboard.builder.fields import Fields
from api.dashboard.builder.segment_form import SegmentDraft
from predictive.definitions import Definition
from predictive.errors import InvalidInput
from predictive.segments.definition import SegmentDefinition

ROOT = Path(__file__).parents[3]
DEFINITIONS = [
    text
    for text in re.findall(
        r"^```yaml\n(.*?)^```$",
        (ROOT / "docs/definitions.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    if text.startswith("name:")
]
SEGMENT = """
name: chosen
description: Written by hand.
all:
  - {prediction: churn-28d, gte: 75}
  - any: [{did: review, within_days: 1}, {attribute: language, in: [ko, en]}]
  - not: {any: [{did: "*", within_days: 7}, {aggregate: sum, event: buy, of: amount, lt: 3}]}
  - not: {did: buy, where: [{property: colour, exists: true}]}
"""


@pytest.mark.parametrize("text", DEFINITIONS)
def test_a_definition_survives_being_opened(text: str) -> None:
    definition = Definition.from_text(text)
    draft = DefinitionDraft.read(definition.to_yaml())
    assert Definition.from_mapping(draft.document({})) == definition


def test_there_are_definitions_to_try() -> None:
    assert len(DEFINITIONS) >= 5


def test_a_segment_survives_being_opened() -> None:
    segment = SegmentDefinition.from_text(SEGMENT)
    draft = SegmentDraft.read(segment.to_document())
    assert SegmentDefinition.from_mapping(draft.document({})) == segment
    assert SegmentDefinition.from_text(segment.to_yaml()) == segment


@pytest.mark.parametrize("kind", ["churn", "purchase", "event"])
@pytest.mark.parametrize("events", [["purchase", "visit"], ["login"], ["a", "b"]])
def test_what_is_suggested_is_valid(kind: str, events: list[str]) -> None:
    made = Definition.from_mapping(DefinitionDraft.suggested(kind, events).document({}))
    assert made.kind == kind
    assert made.target_events <= set(events)


def test_every_condition_is_found_by_the_path_that_an_error_names() -> None:
    leaf = {"did": "purchase", "at_least": 0}
    draft = DefinitionDraft.suggested("churn", ["purchase"])
    draft.target = GroupDraft("all", [{"did": "visit"}, GroupDraft("none", [leaf])])
    paths: dict[str, object] = {}
    with pytest.raises(InvalidInput) as problem:
        Definition.from_mapping(draft.document(paths))
    path, _, key = problem.value.field.rpartition(".")
    assert paths[path] is leaf
    assert key == "at_least"


@pytest.mark.parametrize(
    ("leaf", "missing"),
    [
        ({"attribute": "country"}, True),
        ({"did": None}, True),
        ({"did": "purchase", "at_least": -1}, False),
    ],
)
def test_what_nobody_has_filled_in_yet_is_no_mistake(
    leaf: dict[str, object], missing: bool
) -> None:
    draft = DefinitionDraft.suggested("purchase", ["purchase"])
    draft.audience = GroupDraft("all", [leaf])
    with pytest.raises(InvalidInput) as problem:
        Definition.from_mapping(draft.document({}))
    assert Fields.is_missing(problem.value) is missing
