"""The one grammar of targets, audiences and segments.

A condition is a group (``all``, ``any``, ``not``) over leaves::

    all:
      - {did: purchase, at_least: 2, within_days: 90, where: [{property: amount, gte: 50}]}
      - {aggregate: sum, event: purchase, of: amount, gte: 100}
      - not: {attribute: country, in: [GB, FR]}

Every leaf is true or false of a user at a moment; what each means is written in
:mod:`predictive.conditions.compile`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from predictive.conditions.values import (
    Count,
    Flag,
    Number,
    PositiveCount,
    Scalar,
    Scalars,
    Text,
    WindowDays,
    problem,
)
from predictive.errors import one_of
from predictive.wording.sentence import Sentence

MAX_DEPTH = 10
MAX_LEAVES = 100
MAX_FILTERS = 50

#: Stands for every event name, as in ``{did_not: "*", within_days: 7}``: not active.
ANY_EVENT = "*"

Category = Literal["low", "medium", "high"]
AggregateName = Literal["sum", "mean", "min", "max", "last", "count_distinct"]
Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "exists"]
Operand = bool | int | float | str | tuple[bool | int | float | str, ...]
OPERATORS: tuple[Operator, ...] = get_args(Operator)


class Node(BaseModel):
    """Base of everything in the grammar: immutable, and no key beyond the declared ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __eq__(self, other: object) -> bool:
        # Python holds 1 and true to be equal; as operands they are different questions.
        return isinstance(other, Node) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Comparison(Node):
    """Exactly one operator with its operand; strings compare case-sensitively."""

    operators: ClassVar[tuple[Operator, ...]] = OPERATORS

    eq: Scalar | None = None
    ne: Scalar | None = None
    gt: Number | None = None
    gte: Number | None = None
    lt: Number | None = None
    lte: Number | None = None
    in_: Scalars | None = Field(default=None, alias="in")
    not_in: Scalars | None = None
    contains: Text | None = None
    exists: Flag | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Comparison:
        self._check_operator()
        return self

    def _check_operator(self) -> None:
        given = self._given()
        if len(given) != 1:
            raise problem(
                Sentence("exactly one of {names}", names=", ".join(self.operators)),
                Sentence("There is {names}.", names=", ".join(given))
                if given
                else "There is none.",
            )
        if given[0] not in self.operators:
            raise problem(one_of(self.operators), Sentence("There is {names}.", names=given[0]))

    def _given(self) -> list[Operator]:
        return [name for name in OPERATORS if self._operand_of(name) is not None]

    def _operand_of(self, operator: Operator) -> Operand | None:
        operand: Operand | None = getattr(self, "in_" if operator == "in" else operator)
        return operand

    @property
    def operator(self) -> Operator:
        """The operator that was given."""
        return self._given()[0]

    @property
    def operand(self) -> Operand:
        """What the operator compares with."""
        operand = self._operand_of(self.operator)
        assert operand is not None  # the validator let exactly one through
        return operand


class PropertyFilter(Comparison):
    """A comparison of one property of an event; events without the property fail it."""

    property: Text


class Behaviour(Node):
    """How often an event (``*``: any) happened: at least once unless a count says otherwise."""

    did: Text | None = None
    did_not: Text | None = None
    at_least: PositiveCount | None = None
    at_most: Count | None = None
    exactly: Count | None = None
    within_days: WindowDays | None = None
    where: Annotated[tuple[PropertyFilter, ...], Field(max_length=MAX_FILTERS)] = ()

    @model_validator(mode="after")
    def _one_event(self) -> Behaviour:
        if (self.did is None) == (self.did_not is None):
            raise problem("one event, as did or as did_not")
        return self

    @model_validator(mode="after")
    def _counts_agree(self) -> Behaviour:
        bounded = self.at_least is not None or self.at_most is not None
        if self.exactly is not None and bounded:
            raise problem("exactly alone, or at_least and at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise problem("at_least not above at_most")
        return self

    @property
    def event(self) -> str:
        """The name of the event counted."""
        event = self.did if self.did is not None else self.did_not
        assert event is not None  # the validator let exactly one through
        return event


class Aggregate(Comparison):
    """A comparison of one number (for ``last``: value) made of a property over events."""

    aggregate: AggregateName
    event: Text
    of: Text
    within_days: WindowDays | None = None
    where: Annotated[tuple[PropertyFilter, ...], Field(max_length=MAX_FILTERS)] = ()

    @model_validator(mode="after")
    def _fits(self) -> Aggregate:
        if self.aggregate in ("sum", "count_distinct") and self.operator == "exists":
            raise problem("exists only of mean, min, max and last; a sum or count always exists")
        if self.aggregate != "last" and not _numeric(self.operand) and self.operator != "exists":
            raise problem(Sentence("a comparison of the {name} with numbers", name=self.aggregate))
        return self


class AttributeLeaf(Comparison):
    """A comparison of an attribute's value as it was at the moment asked about."""

    attribute: Text


class ScoreLeaf(Comparison):
    """A comparison of a prediction's score (0-100), or its category; segments only.

    Customers without a score, for whatever reason, are in no category and pass no comparison.
    """

    operators: ClassVar[tuple[Operator, ...]] = ("eq", "ne", "gt", "gte", "lt", "lte")

    prediction: Text
    category: Category | None = None

    def _check_operator(self) -> None:
        if self.category is None:
            super()._check_operator()
        elif self._given():
            raise problem("either a category or a comparison of the score")

    @model_validator(mode="after")
    def _number(self) -> ScoreLeaf:
        if self.category is None and not _numeric(self.operand):
            raise problem("a comparison of the score with a number from 0 to 100")
        return self


Leaf = Behaviour | Aggregate | AttributeLeaf | ScoreLeaf

#: What tells one kind of condition from another.
KIND_OF_KEY = {
    "all": "<group>",
    "any": "<group>",
    "not": "<group>",
    "did": "<behaviour>",
    "did_not": "<behaviour>",
    "aggregate": "<aggregate>",
    "attribute": "<attribute>",
    "prediction": "<score>",
}


def _kind(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        return _KIND_OF_MODEL.get(type(value))
    if isinstance(value, dict):
        return next((kind for key, kind in KIND_OF_KEY.items() if key in value), None)
    return None


Condition = Annotated[
    Annotated["Group", Tag("<group>")]
    | Annotated[Behaviour, Tag("<behaviour>")]
    | Annotated[Aggregate, Tag("<aggregate>")]
    | Annotated[AttributeLeaf, Tag("<attribute>")]
    | Annotated[ScoreLeaf, Tag("<score>")],
    Discriminator(_kind),
]
Conditions = Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MAX_LEAVES)]


class Group(Node):
    """Conditions that must hold together: ``all``, ``any``, or ``not`` one condition."""

    all_: Conditions | None = Field(default=None, alias="all")
    any_: Conditions | None = Field(default=None, alias="any")
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_operator(self) -> Group:
        given = [members for members in (self.all_, self.any_, self.not_) if members is not None]
        if len(given) != 1:
            raise problem("exactly one of all, any, not")
        return self

    @property
    def operator(self) -> Literal["all", "any", "not"]:
        """How the members are joined."""
        if self.not_ is not None:
            return "not"
        return "all" if self.all_ is not None else "any"

    @property
    def members(self) -> tuple[Group | Leaf, ...]:
        """The conditions inside; one for ``not``."""
        if self.not_ is not None:
            return (self.not_,)
        return self.all_ or self.any_ or ()

    def leaves(self, path: str) -> Iterator[tuple[str, Leaf]]:
        """Every leaf with its dotted path, ``path`` being this group's own."""
        for index, member in enumerate(self.members):
            inner = f"{path}.not" if self.operator == "not" else f"{path}.{self.operator}.{index}"
            if isinstance(member, Group):
                yield from member.leaves(inner)
            else:
                yield inner, member

    def depth(self) -> int:
        """How many groups stand inside one another, this one included."""
        return 1 + max(
            (member.depth() for member in self.members if isinstance(member, Group)), default=0
        )


_KIND_OF_MODEL: dict[type, str] = {
    Group: "<group>",
    Behaviour: "<behaviour>",
    Aggregate: "<aggregate>",
    AttributeLeaf: "<attribute>",
    ScoreLeaf: "<score>",
}


def _numeric(operand: Operand) -> bool:
    values = operand if isinstance(operand, tuple) else (operand,)
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
