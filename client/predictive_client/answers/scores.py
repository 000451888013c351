"""Scores of users."""

from typing import Literal, TypedDict

Category = Literal["low", "medium", "high"]


class UserScore(TypedDict):
    """How likely one user is to do what the prediction is about."""

    user_id: str
    probability: float
    score: float
    category: Category


class ScoresFound(TypedDict):
    """Scores in the order asked for, without the users that have none."""

    prediction: str
    run_id: str | None
    model_version: int | None
    as_of: str | None
    scores: list[UserScore]
    missing: list[str]


class Score(TypedDict):
    """A user's score and where it comes from."""

    user_id: str
    probability: float
    score: float
    category: Category
    prediction: str
    run_id: str
    model_version: int
    as_of: str
    scored_at: str
