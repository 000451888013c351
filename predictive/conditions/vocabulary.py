"""The names that occur in a source, to check a definition against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from predictive.conditions.grammar import ANY_EVENT, Aggregate, AttributeLeaf, Behaviour, Group
from predictive.errors import InvalidInput, nearest_hint
from predictive.tables import CORE_PROPERTIES, Property
from predictive.wording.sentence import Sentence

if TYPE_CHECKING:
    from predictive.definitions import Definition


@dataclass(frozen=True)
class Vocabulary:
    """The names that occur in a source.

    Parameters
    ----------
    events
        Names of events.
    properties
        Name to column and type, for every property beyond the core columns.
    attributes
        Names of attributes.
    """

    events: frozenset[str]
    properties: Mapping[str, Property]
    attributes: frozenset[str]

    def property_type(self, name: str) -> str | None:
        """The type of a property, core columns included, or None when nobody ever had it."""
        if name in CORE_PROPERTIES:
            return CORE_PROPERTIES[name]
        found = self.properties.get(name)
        return found.type if found else None


def check_names(definition: Definition, vocabulary: Vocabulary) -> None:
    """Refuse a definition that speaks of what the source has never seen.

    Raises
    ------
    InvalidInput
        For an event, property or attribute that does not occur, in a condition or among the
        excluded features, with the nearest name; and for a sum, mean, min or max of a property
        that holds no numbers.
    """
    excludable = {
        *vocabulary.events,
        *vocabulary.properties,
        *vocabulary.attributes,
        *CORE_PROPERTIES,
    }
    for index, name in enumerate(definition.exclude_features):
        if name not in excludable:
            raise InvalidInput(
                f"exclude_features.{index}",
                name,
                "an event, property or attribute that has been imported",
                nearest_hint(name, excludable),
            )
    check_group(definition.target, "target", vocabulary)
    if definition.audience is not None:
        check_group(definition.audience, "audience", vocabulary)


def check_group(group: Group, field: str, vocabulary: Vocabulary) -> None:
    """Refuse a condition that speaks of what the source has never seen.

    Raises
    ------
    InvalidInput
        As :func:`check_names`, the paths beginning with ``field``.
    """
    for path, leaf in group.leaves(field):
        if isinstance(leaf, AttributeLeaf):
            _known(f"{path}.attribute", leaf.attribute, "attribute", vocabulary.attributes)
        elif isinstance(leaf, Behaviour):
            key = "did" if leaf.did is not None else "did_not"
            _known_event(f"{path}.{key}", leaf.event, vocabulary)
            _check_filters(path, leaf, vocabulary)
        elif isinstance(leaf, Aggregate):
            _known_event(f"{path}.event", leaf.event, vocabulary)
            _check_property(f"{path}.of", leaf.of, vocabulary)
            _check_numbers(path, leaf, vocabulary)
            _check_filters(path, leaf, vocabulary)


def _check_filters(path: str, leaf: Behaviour | Aggregate, vocabulary: Vocabulary) -> None:
    for index, condition in enumerate(leaf.where):
        _check_property(f"{path}.where.{index}.property", condition.property, vocabulary)


def _check_numbers(path: str, leaf: Aggregate, vocabulary: Vocabulary) -> None:
    found = vocabulary.property_type(leaf.of)
    if leaf.aggregate in ("sum", "mean", "min", "max") and found != "number":
        raise InvalidInput(
            f"{path}.of",
            leaf.of,
            Sentence("a property that holds numbers, for a {name}", name=leaf.aggregate),
            Sentence("It holds values of the type {type}.", type=found),
        )


def _check_property(field: str, name: str, vocabulary: Vocabulary) -> None:
    _known(field, name, "property", {*CORE_PROPERTIES, *vocabulary.properties})


def _known_event(field: str, name: str, vocabulary: Vocabulary) -> None:
    if name != ANY_EVENT or not vocabulary.events:
        _known(field, name, "event", vocabulary.events)


def _known(field: str, name: str, kind: str, known: Collection[str]) -> None:
    if name not in known:
        allowed, import_some = _IMPORTED[kind]
        raise InvalidInput(field, name, allowed, nearest_hint(name, known) or import_some)


#: What is allowed, and what to do where there is nothing of the kind.
_IMPORTED = {
    "event": (
        "an event that has been imported",
        "There is none so far: import some events.",
    ),
    "property": (
        "a property that has been imported",
        "There is none so far: import some events with properties.",
    ),
    "attribute": (
        "an attribute that has been imported",
        "There is none so far: import some users.",
    ),
}
