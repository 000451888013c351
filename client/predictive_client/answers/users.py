"""Users."""

from typing import Any, TypedDict

from predictive_client.answers.scores import Category
from predictive_client.answers.why import Reason


class Attribute(TypedDict):
    """The newest value of an attribute."""

    name: str
    value: str | float | bool | None
    since: str | None


class Event(TypedDict):
    """Something the user did."""

    name: str
    time: str
    properties: dict[str, Any]


class CustomerScore(TypedDict):
    """The published score of one prediction."""

    user_id: str
    probability: float
    score: float
    category: Category
    prediction: str
    run_id: str
    model_version: int
    as_of: str
    scored_at: str
    reasons: list[Reason] | None


class Customer(TypedDict):
    """One user as known now."""

    user_id: str
    attributes: list[Attribute]
    events: list[Event]
    scores: list[CustomerScore]


class UserDeleted(TypedDict):
    """How much of a user was removed, and where."""

    user_id: str
    events: int
    attributes: int
    scores: int
    archived_scores: int
    segments: int
    exports: int
    sends: int
    rejected_rows: int
    hidden: int
