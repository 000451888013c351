"""One grammar of conditions, compiled once into expressions for every engine Ibis speaks."""

from predictive.conditions.compile import Question, answer
from predictive.conditions.grammar import Group
from predictive.conditions.known import known_users
from predictive.conditions.vocabulary import Vocabulary, check_group, check_names

__all__ = [
    "Group",
    "Question",
    "Vocabulary",
    "answer",
    "check_group",
    "check_names",
    "known_users",
]
