"""The part of a condition that compares: an operator, and the value that fits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui.element import Element

from api.dashboard.builder.drafts import Leaf
from api.dashboard.builder.fields import Fields
from api.dashboard.parts import element
from predictive.conditions.grammar import OPERATORS
from predictive.tables import PropertyType

_FITTING: dict[PropertyType, tuple[str, ...]] = {
    "number": ("gte", "lte", "gt", "lt", "eq", "ne", "in", "not_in", "exists"),
    "text": ("eq", "ne", "in", "not_in", "contains", "exists"),
    "flag": ("eq", "exists"),
}
_TYPES: dict[PropertyType, tuple[type, ...]] = {
    "number": (int, float),
    "text": (str,),
    "flag": (bool,),
}
_START: dict[PropertyType, Any] = {"number": 0, "text": None, "flag": True}


class Comparisons:
    """Makes comparisons of a form.

    Parameters
    ----------
    fields
        Where the fields are kept.
    """

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def of(
        self,
        leaf: Leaf,
        kind: Callable[[], PropertyType | None],
        values: Callable[[], Sequence[str]] = tuple,
    ) -> Comparison:
        """The comparison in a leaf.

        Parameters
        ----------
        kind
            Type of what is compared; None while unknown.
        values
            What is offered.
        """
        return Comparison(self._fields, leaf, kind, values)


class Comparison:
    """Operator and value of one leaf; both change with what is compared."""

    def __init__(
        self,
        fields: Fields,
        leaf: Leaf,
        kind: Callable[[], PropertyType | None],
        values: Callable[[], Sequence[str]],
    ) -> None:
        self._fields, self._leaf, self._kind, self._values = fields, leaf, kind, values
        self.before = element("div", classes="contents")
        self._parts: Element = element("div", classes="contents")

    def renaming(self, key: str) -> Callable[[Any], None]:
        """Puts another name under a key, and offers what fits it."""

        def rename(name: Any) -> None:
            self._leaf[key] = name
            self.show()

        return rename

    def show(self) -> None:
        """Make the fields anew."""
        kind, leaf = self._kind() or "text", self._leaf
        operators = [each for each in _FITTING[kind] if self._fits(each)]
        if self._operator() not in operators:
            self._become(operators[0], _START[kind])
        elif not self._of_kind(kind):
            self._become(self._operator(), _start(self._operator(), kind))
        self._parts.clear()
        say = self._fields.visit.say
        with self._parts:
            names = {each: say(f"builder.operator.{each}") for each in operators}
            chosen = self._fields.choice(
                say("builder.operator"), names, self._operator(), self._choose
            )
            value = self._value(kind)
            self._fields.stands_for(value or chosen, leaf, "", *OPERATORS)

    def _choose(self, operator: str) -> None:
        kind = self._kind() or "text"
        before = self._leaf.get(self._operator())
        same = {operator, self._operator()}.isdisjoint({"in", "not_in", "exists"})
        self._become(operator, before if same else _start(operator, kind))
        self.show()

    def _value(self, kind: PropertyType) -> Any:
        say, operator = self._fields.visit.say, self._operator()
        label, value = say("builder.value"), self._leaf.get(operator)
        if operator == "exists":
            options = {True: say("builder.known"), False: say("builder.unknown")}
            return self._fields.choice(label, options, value, self._put)
        if operator in {"in", "not_in"}:
            put = self._put_numbers if kind == "number" else self._put
            return self._fields.several(label, self._values(), value or (), put)
        if kind == "flag":
            options = {True: say("builder.yes"), False: say("builder.no")}
            return self._fields.choice(label, options, value, self._put)
        if kind == "number":
            return self._fields.number(label, value, self._put)
        offered = list(self._values())
        if offered and operator in {"eq", "ne"}:
            return self._fields.choice(label, offered, value, self._put, search=len(offered) > 8)
        return self._fields.text(label, value, self._put)

    def _put(self, value: Any) -> None:
        self._leaf[self._operator()] = value

    def _put_numbers(self, values: Sequence[Any]) -> None:
        self._put([_number(each) for each in values])

    def _operator(self) -> str:
        return next((each for each in OPERATORS if each in self._leaf), "")

    def _become(self, operator: str, value: Any) -> None:
        for each in OPERATORS:
            self._leaf.pop(each, None)
        # The operator stays where it is even while it has no value.
        self._leaf[operator] = value

    def _fits(self, operator: str) -> bool:
        return operator != "exists" or self._leaf.get("aggregate") not in {"sum", "count_distinct"}

    def _of_kind(self, kind: PropertyType) -> bool:
        value = self._leaf.get(self._operator())
        if self._operator() == "exists" or value is None:
            return True
        types = _TYPES[kind]
        values = value if isinstance(value, list) else [value]
        return all(
            isinstance(each, types) and (kind == "flag") == isinstance(each, bool)
            for each in values
        )


def _start(operator: str, kind: PropertyType) -> Any:
    if operator in {"in", "not_in"}:
        return []
    return True if operator == "exists" else _START[kind]


def _number(text: Any) -> Any:
    """A number as it was typed; what is none stays, for the grammar to refuse."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value
