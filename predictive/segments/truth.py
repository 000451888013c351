"""A segment's condition, cut where scores begin.

Conditions on events and attributes are answered where the events are, partition by partition;
scores stand in archives of their own. So each largest part of the tree without a score becomes
one question to the source, and what is left is decided over the answers joined with the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from predictive.conditions.grammar import Group, Leaf, ScoreLeaf
from predictive.conditions.predicates import all_of, any_of, holds

#: Lowest scores of medium and high, by prediction.
Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Cut:
    """A condition cut into questions about events and a rest about scores.

    Parameters
    ----------
    condition
        The whole condition.
    questions
        Its largest parts without a score; the answer to the i-th is the column ``answer_i``.
    predictions
        The predictions whose scores are asked for; the column of the i-th is ``score_i``.
    """

    condition: Group
    questions: tuple[Group, ...]
    predictions: tuple[str, ...]

    def truth(self, users: ibis.Table, bounds: Bounds) -> ir.BooleanValue:
        """Whether the condition is true of each row of answers and scores; never null."""
        return self._truth(self.condition, users, bounds)

    def needs_a_score(self) -> bool:
        """Whether nobody without any score can be in the segment.

        Then the people with scores are all that need to be looked at.
        """
        return not _possible_without_scores(self.condition)

    def _truth(self, member: Group | Leaf, users: Any, bounds: Bounds) -> ir.BooleanValue:
        if not has_score(member):
            return users[f"answer_{self.questions.index(_as_group(member))}"].fill_null(False)
        if isinstance(member, ScoreLeaf):
            column = users[f"score_{self.predictions.index(member.prediction)}"]
            return _score_holds(column, member, bounds).fill_null(False)
        assert isinstance(member, Group)  # only groups hold others
        truths = [self._truth(inner, users, bounds) for inner in member.members]
        match member.operator:
            case "all":
                return all_of(truths)
            case "any":
                return any_of(truths)
            case "not":
                return ~truths[0]


def cut(condition: Group) -> Cut:
    """Cut a condition where scores begin."""
    leaves = [leaf for _, leaf in condition.leaves("")]
    predictions = {leaf.prediction for leaf in leaves if isinstance(leaf, ScoreLeaf)}
    questions = dict.fromkeys(_questions(condition))
    return Cut(condition, tuple(questions), tuple(sorted(predictions)))


def has_score(member: Group | Leaf) -> bool:
    """Whether a condition asks for a score anywhere."""
    if isinstance(member, Group):
        return any(has_score(inner) for inner in member.members)
    return isinstance(member, ScoreLeaf)


def _questions(member: Group | Leaf) -> list[Group]:
    if not has_score(member):
        return [_as_group(member)]
    if isinstance(member, ScoreLeaf):
        return []
    assert isinstance(member, Group)  # only groups hold others
    return [question for inner in member.members for question in _questions(inner)]


def _as_group(member: Group | Leaf) -> Group:
    return member if isinstance(member, Group) else Group.model_validate({"all": [member]})


def _possible_without_scores(member: Group | Leaf, wanted: bool = True) -> bool:
    """Whether the condition can come out as ``wanted`` for a user without any score."""
    if isinstance(member, ScoreLeaf):
        return not wanted
    if not isinstance(member, Group):
        return True
    if member.operator == "not":
        return _possible_without_scores(member.members[0], not wanted)
    every = (member.operator == "all") == wanted
    possible = [_possible_without_scores(inner, wanted) for inner in member.members]
    return all(possible) if every else any(possible)


def _score_holds(column: Any, leaf: ScoreLeaf, bounds: Bounds) -> ir.BooleanValue:
    if leaf.category is None:
        return holds(column, "number", leaf)
    medium, high = bounds[leaf.prediction]
    match leaf.category:
        case "low":
            return column < medium
        case "medium":
            return (column >= medium) & (column < high)
        case "high":
            return column >= high
