"""Forms for conditions: groups of what customers did, spent, and are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

from nicegui import ui
from nicegui.element import Element

from api.dashboard.builder.comparisons import Comparisons
from api.dashboard.builder.drafts import DefinitionDraft, GroupDraft, Leaf
from api.dashboard.builder.fields import Fields
from api.dashboard.parts import element
from api.dashboard.visit import Visit
from predictive.conditions.grammar import ANY_EVENT, MAX_DEPTH
from predictive.suggestions import Suggestions
from predictive.tables import CORE_PROPERTIES, PropertyType

Place = Literal["target", "audience", "segment"]

_ADDED: dict[Place, tuple[str, ...]] = {
    "target": ("behaviour", "aggregate", "group"),
    "audience": ("behaviour", "aggregate", "attribute", "group"),
    "segment": ("score", "behaviour", "aggregate", "attribute", "group"),
}
_COUNTS = ("once", "at_least", "at_most", "exactly", "between")
_COUNT_KEYS = ("at_least", "at_most", "exactly")
_AGGREGATES = ("sum", "mean", "min", "max", "last", "count_distinct")
_CATEGORIES = ("low", "medium", "high")


class ConditionForms:
    """Makes the form of any group of conditions.

    Parameters
    ----------
    fields
        Where the fields are kept.
    known
        What conditions can speak of.
    place
        Decides which conditions are allowed.
    predictions
        Whose scores a segment may ask for.
    """

    def __init__(
        self, fields: Fields, known: Suggestions, place: Place, predictions: Sequence[str] = ()
    ) -> None:
        self.fields, self.known, self.place = fields, known, place
        self.predictions = list(predictions)
        self.visit: Visit = fields.visit
        self.events = sorted(known.vocabulary.events)
        self.properties: dict[str, PropertyType] = {
            **{name: kept.type for name, kept in sorted(known.vocabulary.properties.items())},
            **CORE_PROPERTIES,
        }
        self.comparisons = Comparisons(fields)

    def group(self, group: GroupDraft, depth: int = 1) -> None:
        """The form of a group with everything in it."""
        say = self.visit.say
        joined = {each: say(f"builder.joined.{each}") for each in ("all", "any", "none")}
        with element("div", classes="group", role="group", aria_label=say("builder.group")):
            self.fields.choice(
                say("builder.joined"), joined, group.joined, partial(setattr, group, "joined")
            ).classes("joined")
            members = element("div", classes="members")
            self.fields.line_for(group)
            with element("div", classes="actions adding"):
                for kind in _ADDED[self.place]:
                    if kind != "group" or depth < MAX_DEPTH:
                        self._add_button(kind, group, members, depth)
        for member in group.members:
            self._member(member, group, members, depth)

    def _add_button(self, kind: str, group: GroupDraft, members: Element, depth: int) -> None:
        def add() -> None:
            made = self._new(kind)
            group.members.append(made)
            self._member(made, group, members, depth)
            self.fields.changed()

        ui.button(self.visit.say(f"builder.add.{kind}"), icon="add", on_click=add).props(
            "flat dense"
        )

    def _new(self, kind: str) -> Leaf | GroupDraft:
        usual = DefinitionDraft.usual_event(self.events)
        match kind:
            case "group":
                return GroupDraft("any", [self._new("behaviour")])
            case "behaviour":
                days = {} if self.place == "target" else {"within_days": 30}
                return {"did": usual, **days}
            case "aggregate":
                return {"aggregate": "sum", "event": usual, "of": "amount", "gte": 100}
            case "score":
                chosen = self.predictions[0] if self.predictions else None
                return {"prediction": chosen, "category": "high"}
            case _:
                return {"attribute": next(iter(sorted(self.known.vocabulary.attributes)), None)}

    def _member(
        self, member: Leaf | GroupDraft, group: GroupDraft, members: Element, depth: int
    ) -> None:
        with members, element("div", classes="condition") as box:
            with element("div", classes="grow"):
                if isinstance(member, GroupDraft):
                    self.group(member, depth + 1)
                else:
                    self._leaf(member)
                    self.fields.line_for(member)

            def remove() -> None:
                # By identity: two conditions may read the same.
                group.members[:] = [each for each in group.members if each is not member]
                box.delete()
                self.fields.changed()

            button = ui.button(icon="close", on_click=remove).props("flat dense round")
            button.props["aria-label"] = self.visit.say("builder.remove")

    def _leaf(self, leaf: Leaf) -> None:
        if "aggregate" in leaf:
            self._aggregate(leaf)
        elif "attribute" in leaf:
            self._attribute(leaf)
        elif "prediction" in leaf:
            self._score(leaf)
        else:
            self._behaviour(leaf)

    def _behaviour(self, leaf: Leaf) -> None:
        say = self.visit.say
        verb = "did" if "did" in leaf else "did_not"
        event = leaf[verb]

        def write_event(new_verb: str, new_event: str | None) -> None:
            # The event stands first, as a person would write it.
            rest = {k: v for k, v in leaf.items() if k not in {"did", "did_not"}}
            leaf.clear()
            leaf.update({new_verb: new_event, **rest})

        with element("div", classes="fields tight"):
            verbs = {each: say(f"builder.{each}") for each in ("did", "did_not")}
            self.fields.choice(
                say("builder.verb"), verbs, verb, lambda v: write_event(v, _event(leaf))
            )
            anything = {ANY_EVENT: say("builder.any_event")}
            names = {**{name: name for name in self.events}, **anything}
            chosen = self.fields.choice(
                say("builder.event"), names, event,
                lambda name: write_event("did" if "did" in leaf else "did_not", name),
                search=len(self.events) > 8,
            )  # fmt: skip
            self.fields.stands_for(chosen, leaf, "did", "did_not")
            self._times(leaf)
            self._within(leaf)
        self._where(leaf)

    def _times(self, leaf: Leaf) -> None:
        say = self.visit.say
        numbers: dict[str, ui.number] = {}

        def count(how: str) -> None:
            shown = {"between": ("at_least", "at_most"), "once": ()}.get(how, (how,))
            for key, number in numbers.items():
                number.set_visibility(key in shown)
                if key not in shown:
                    leaf.pop(key, None)
                    number.set_value(None)
                elif leaf.get(key) is None:
                    number.set_value(2)

        counts = {each: say(f"builder.count.{each}") for each in _COUNTS}
        present = [key for key in _COUNT_KEYS if leaf.get(key) is not None]
        how = "between" if len(present) == 2 else (present[0] if present else "once")
        self.fields.choice(say("builder.count"), counts, how, count)
        for key in _COUNT_KEYS:
            number = self.fields.number(
                say(f"builder.times.{key}"), leaf.get(key), partial(_put, leaf, key)
            )
            number.set_visibility(key in present)
            self.fields.stands_for(number, leaf, key)
            numbers[key] = number

    def _within(self, leaf: Leaf) -> None:
        if self.place == "target":
            return
        number = self.fields.number(
            self.visit.say("builder.within"), leaf.get("within_days"),
            partial(_put, leaf, "within_days"),
        )  # fmt: skip
        number.props["placeholder"] = self.visit.say("builder.ever")
        number.props("stack-label")
        self.fields.stands_for(number, leaf, "within_days")

    def _where(self, leaf: Leaf) -> None:
        filters = element("div", classes="filters")

        def show(each: Leaf) -> None:
            with filters, element("div", classes="condition") as box:
                with element("div", classes="grow"):
                    self._filter(each)

                def remove() -> None:
                    leaf["where"][:] = [other for other in leaf["where"] if other is not each]
                    box.delete()
                    self.fields.changed()

                button = ui.button(icon="close", on_click=remove).props("flat dense round")
                button.props["aria-label"] = self.visit.say("builder.remove")

        def add() -> None:
            made: Leaf = {"property": "amount", "gte": 50}
            leaf.setdefault("where", []).append(made)
            show(made)
            self.fields.changed()

        for each in leaf.get("where", ()):
            show(each)
        ui.button(self.visit.say("builder.add.where"), icon="filter_alt", on_click=add).props(
            "flat dense"
        )

    def _filter(self, each: Leaf) -> None:
        with element("div", classes="fields tight"):
            compared = self.comparisons.of(each, lambda: self.properties.get(each["property"]))
            with compared.before:
                chosen = self.fields.choice(
                    self.visit.say("builder.property"), list(self.properties), each["property"],
                    compared.renaming("property"), search=len(self.properties) > 8,
                )  # fmt: skip
            self.fields.stands_for(chosen, each, "property")
            compared.show()

    def _aggregate(self, leaf: Leaf) -> None:
        say = self.visit.say
        with element("div", classes="fields tight"):
            aggregates = {each: say(f"builder.aggregate.{each}") for each in _AGGREGATES}
            compared = self.comparisons.of(leaf, lambda: self._aggregate_type(leaf))
            with compared.before:
                self.fields.choice(
                    say("builder.aggregate"), aggregates, leaf["aggregate"],
                    compared.renaming("aggregate"),
                )  # fmt: skip
                of = self.fields.choice(
                    say("builder.of"), list(self.properties), leaf["of"],
                    compared.renaming("of"), search=len(self.properties) > 8,
                )  # fmt: skip
                event = self.fields.choice(
                    say("builder.over"), self.events, leaf["event"], partial(_put, leaf, "event"),
                    search=len(self.events) > 8,
                )  # fmt: skip
            self.fields.stands_for(of, leaf, "of")
            self.fields.stands_for(event, leaf, "event")
            compared.show()
            self._within(leaf)
        self._where(leaf)

    def _aggregate_type(self, leaf: Leaf) -> PropertyType | None:
        return self.properties.get(leaf["of"]) if leaf["aggregate"] == "last" else "number"

    def _attribute(self, leaf: Leaf) -> None:
        names = sorted(self.known.vocabulary.attributes)
        with element("div", classes="fields tight"):
            compared = self.comparisons.of(
                leaf,
                lambda: self.known.types.get(leaf["attribute"]),
                lambda: self.known.values.get(leaf["attribute"], []),
            )
            with compared.before:
                chosen = self.fields.choice(
                    self.visit.say("builder.attribute"), names, leaf["attribute"],
                    compared.renaming("attribute"), search=len(names) > 8,
                )  # fmt: skip
            self.fields.stands_for(chosen, leaf, "attribute")
            compared.show()

    def _score(self, leaf: Leaf) -> None:
        say = self.visit.say
        with element("div", classes="fields tight"):
            chosen = self.fields.choice(
                say("builder.prediction"), self.predictions, leaf["prediction"],
                partial(_put, leaf, "prediction"),
            )  # fmt: skip
            self.fields.stands_for(chosen, leaf, "prediction")
            ways = {
                **{f"category:{each}": say(f"builder.category.{each}") for each in _CATEGORIES},
                "gte": say("builder.operator.gte"),
                "lte": say("builder.operator.lte"),
            }
            present = "category:" + str(leaf.get("category"))
            way = present if present in ways else ("lte" if "lte" in leaf else "gte")
            number = None

            def compare(new: str) -> None:
                value = 75 if number is None or number.value is None else number.value
                for key in ("category", "gt", "gte", "lt", "lte", "eq", "ne"):
                    leaf.pop(key, None)
                kind, _, category = new.partition(":")
                leaf.update({"category": category} if category else {kind: value})
                if number is not None:
                    number.set_value(None if category else value)
                    number.set_visibility(not category)

            self.fields.choice(say("builder.score"), ways, way, compare)
            number = self.fields.number(
                say("builder.value"), leaf.get("gte", leaf.get("lte")),
                lambda value: _put_score(leaf, value),
            )  # fmt: skip
            number.set_visibility("category" not in leaf)
            self.fields.stands_for(number, leaf, "")


def _event(leaf: Leaf) -> str | None:
    event: str | None = leaf.get("did", leaf.get("did_not"))
    return event


def _put(leaf: Leaf, key: str, value: Any) -> None:
    if value is None and key not in {"event", "prediction"}:
        leaf.pop(key, None)
    else:
        leaf[key] = value


def _put_score(leaf: Leaf, value: float | None) -> None:
    for key in ("gte", "lte"):
        if key in leaf:
            leaf[key] = value
