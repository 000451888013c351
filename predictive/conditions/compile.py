"""Conditions compiled to one Ibis expression: a row a user, a boolean column a question.

What a leaf means, of a user at ``as_of``:

- It looks at ``[as_of, as_of + window)`` forward, at ``[as_of - within_days, as_of)`` backward,
  and without ``within_days`` at all history before ``as_of``.
- Every leaf is true or false. A comparison with an absent value is false, with a value of
  another type too; ``not`` flips afterwards. Strings are case-sensitive.
- ``did`` is at least once, or what the counts say: ``at_most`` and ``exactly: 0`` are true of
  users who never did. ``did_not X`` is not (``did X``).
- Aggregates are over the events that have the property, as a number for sum, mean, min and max.
  The sum of nothing is 0, as is its count of distinct values; its mean, min, max and last are
  absent. ``last`` is the last by (time, event_id).
- An attribute's value is the one true at ``as_of``: of the newest fact before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis

from predictive.conditions import attributes, events
from predictive.conditions.grammar import (
    Aggregate,
    AttributeLeaf,
    Behaviour,
    Group,
    Leaf,
)
from predictive.conditions.intervals import Direction, Interval
from predictive.conditions.known import known_users
from predictive.conditions.predicates import Truth, all_of, any_of
from predictive.errors import InvalidInput
from predictive.tables import EventTables

__all__ = ["Direction", "Question", "answer", "known_users"]


@dataclass(frozen=True)
class Question:
    """One condition asked at one moment.

    Parameters
    ----------
    column
        Name of the boolean column that answers it.
    condition
        What is asked.
    as_of
        The moment, aware of its timezone.
    direction
        ``forward`` for a target's outcome, ``backward`` for an audience, or for a target mirrored
        into the past.
    window_days
        The target's window in days, for leaves that set none of their own; needed forward.
    """

    column: str
    condition: Group
    as_of: datetime
    direction: Direction
    window_days: int | None = None

    def __post_init__(self) -> None:
        if self.as_of.utcoffset() is None:
            raise ValueError(f"as_of is {self.as_of!r}; it must be aware of its timezone")
        if self.direction == "forward" and self.window_days is None:
            raise ValueError("window_days is None; a question forward needs a number of days")


def answer(questions: Sequence[Question], users: ibis.Table, tables: EventTables) -> ibis.Table:
    """Answer all questions about all users in one pass over events and one over attributes.

    Parameters
    ----------
    questions
        Any number, of any moments and directions, with distinct columns.
    users
        A table with a distinct string column ``user_id``; its other columns are kept.
    tables
        The events and attributes, of the same backend as ``users``.

    Returns
    -------
    ibis.Table
        Every row of ``users`` with one boolean column a question, never null; not yet executed.

    Raises
    ------
    InvalidInput
        When a condition asks forward for an attribute, or anywhere for a score.
    ValueError
        When two columns have the same name.
    """
    _check_columns([*users.columns, *(question.column for question in questions)])
    passes = _Passes(events.EventPass(tables), attributes.AttributePass(tables.attributes))
    truths = {question.column: passes.truth(question) for question in questions}
    joined = passes.joined(users)
    answers = {column: truth(joined) for column, truth in truths.items()}
    return joined.select(*users.columns, **answers)


@dataclass(frozen=True)
class _Passes:
    """The two passes, and what of a condition belongs to which."""

    events: events.EventPass
    attributes: attributes.AttributePass

    def truth(self, question: Question) -> Truth:
        return self._group(question.condition, question)

    def joined(self, users: ibis.Table) -> ibis.Table:
        for measured, user in (
            (self.events.measured(), events.USER),
            (self.attributes.measured(), attributes.USER),
        ):
            if measured is not None:
                users = users.left_join(measured, users["user_id"] == measured[user])
        return users

    def _group(self, group: Group, question: Question) -> Truth:
        members = [
            self._group(member, question)
            if isinstance(member, Group)
            else self._leaf(member, question)
            for member in group.members
        ]
        match group.operator:
            case "all":
                return lambda users: all_of([member(users) for member in members])
            case "any":
                return lambda users: any_of([member(users) for member in members])
            case "not":
                return lambda users: ~members[0](users)

    def _leaf(self, leaf: Leaf, question: Question) -> Truth:
        if isinstance(leaf, Behaviour | Aggregate):
            return self.events.truth(leaf, _interval(leaf, question))
        if isinstance(leaf, AttributeLeaf) and question.direction == "backward":
            return self.attributes.truth(leaf, question.as_of)
        raise InvalidInput(
            question.column,
            leaf.model_dump(by_alias=True, exclude_none=True),
            "conditions on events, and backward also on attributes",
        )


def _interval(leaf: Behaviour | Aggregate, question: Question) -> Interval:
    days = leaf.within_days or question.window_days
    return Interval.of(question.as_of, question.direction, days)


def _check_columns(columns: Sequence[str]) -> None:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f"columns {twice} occur twice; every question needs a name of its own")
