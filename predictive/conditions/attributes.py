"""All attribute leaves of any number of questions in one pass over the attributes.

A fact counts from its time until the next fact of the same user and name; one without a time has
always counted. Of two facts of the same time the greater value counts, a number before a text and
a text before a flag, so that the answer does not depend on the order of rows.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from predictive.conditions.grammar import AttributeLeaf
from predictive.conditions.intervals import EARLIEST, moment
from predictive.conditions.predicates import Truth, all_of, any_of, cleaned, holds
from predictive.tables import PropertyType

USER = "__attributes_user_id"
_TYPES: tuple[PropertyType, ...] = ("number", "text", "flag")


@dataclass(frozen=True)
class _Measure:
    """The number (0 or 1) of facts that count at ``as_of`` and pass the leaf."""

    leaf: AttributeLeaf
    as_of: datetime


class AttributePass:
    """Collects what leaves need of the attributes and computes all of it at once.

    Parameters
    ----------
    attributes
        Timed facts, as :mod:`predictive.tables` describes them.
    """

    def __init__(self, attributes: ibis.Table) -> None:
        self._attributes = attributes
        self._measures: dict[_Measure, str] = {}

    def truth(self, leaf: AttributeLeaf, as_of: datetime) -> Truth:
        """Note what a leaf needs; what is returned tells it from a user's joined row."""
        measure = _Measure(leaf, as_of)
        column = self._measures.setdefault(measure, f"__attributes_{len(self._measures)}")
        return functools.partial(_passes, leaf, column)

    def measured(self) -> ibis.Table | None:
        """One row a user who has such attributes; None when no leaf was noted."""
        if not self._measures:
            return None
        facts = self._facts()
        measures = {name: _made(facts, measure) for measure, name in self._measures.items()}
        return facts.group_by(**{USER: facts["user_id"]}).aggregate(**measures)

    def _facts(self) -> ibis.Table:
        """The facts that any leaf looks at, with the times from which and until they count."""
        facts: Any = self._attributes
        names = sorted({measure.leaf.attribute for measure in self._measures})
        newest = moment(max(measure.as_of for measure in self._measures))
        facts = facts.filter(facts.name.isin(names), facts.time.isnull() | (facts.time < newest))
        facts = facts.select(
            "user_id",
            "name",
            since=facts.time.fill_null(moment(EARLIEST)),
            **{kind: cleaned(facts[kind], kind) for kind in _TYPES},
        )
        order = [facts.since, *(ibis.asc(facts[kind], nulls_first=True) for kind in _TYPES)]
        window = ibis.window(group_by=[facts.user_id, facts.name], order_by=order)
        return facts.mutate(until=facts.since.lead().over(window))


def _made(facts: Any, measure: _Measure) -> ir.IntegerScalar:
    as_of = moment(measure.as_of)
    tests = [
        facts.name == measure.leaf.attribute,
        facts.since < as_of,
        facts.until.isnull() | (facts.until >= as_of),
        any_of([_compares(facts, kind, measure.leaf) for kind in _TYPES]),
    ]
    return facts.count(where=all_of(tests))


def _compares(facts: Any, kind: PropertyType, leaf: AttributeLeaf) -> ir.BooleanValue:
    if leaf.operator == "exists":
        return facts[kind].notnull()
    return holds(facts[kind], kind, leaf).fill_null(False)


def _passes(leaf: AttributeLeaf, column: str, users: Any) -> ir.BooleanValue:
    passes = users[column].fill_null(0) > 0
    absent_wanted = leaf.operator == "exists" and leaf.operand is False
    return ~passes if absent_wanted else passes
