"""Scores of users. The look-ups write these shapes themselves: a model would cost too much."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.times import UtcMoment

#: The longest user id an import takes.
MAX_USER_ID = 256
MAX_IDS = 1_000
MAX_PAGE = 1_000

UserId = Annotated[
    str,
    Field(min_length=1, max_length=MAX_USER_ID, pattern=r"^[^\x00]+$", description="Id of a user."),
]

_ANNA: dict[str, Any] = {
    "user_id": "anna-1138",
    "probability": 0.412,
    "score": 78.21,
    "category": "high",
}
_RUN: dict[str, Any] = {
    "run_id": "0198c6b0a41d7c2e9f03",
    "model_version": 3,
    "as_of": "2025-11-01T00:00:00+00:00",
}


class UserScore(BaseModel):
    """How likely one user is to do what the prediction is about."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANNA]})

    user_id: str
    probability: float = Field(ge=0, le=1, description="Calibrated probability.")
    score: float = Field(
        ge=0, le=100, description="50: as likely as the average user; 75: three times the odds."
    )
    category: Literal["low", "medium", "high"]


class Score(UserScore):
    """A user's score and where it comes from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ANNA | {"prediction": "churn-28d", "scored_at": "2025-11-01T02:14:09+00:00"} | _RUN
            ]
        }
    )

    prediction: str
    run_id: str = Field(description="The scoring run that made it.")
    model_version: int
    as_of: UtcMoment = Field(description="The moment of prediction; only earlier events count.")
    scored_at: UtcMoment


LowestScore = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False, description="Scores from here on.")
]
HighestScore = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False, description="Scores up to here, included.")
]


class ScoreRange(BaseModel):
    """Which page of which users; a misspelt parameter is an error, not a default."""

    model_config = ConfigDict(extra="forbid")

    min_score: LowestScore = 0.0
    max_score: HighestScore = 100.0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="How many at most.")] = 100
    # Room for the longest user id in base64; a longer address is more than servers read.
    cursor: Annotated[str, Field(max_length=4_096)] | None = Field(
        default=None, description="`next_cursor` of the page before; its bounds hold on."
    )


class ScoresRequest(BaseModel):
    """The users to look up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"user_ids": ["anna-1138", "ben-204", "nobody"]}]},
    )

    user_ids: Annotated[list[UserId], Field(min_length=1, max_length=MAX_IDS)]


class ScoresFound(BaseModel):
    """Scores in the order asked for, without the users that have none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"prediction": "churn-28d", **_RUN, "scores": [_ANNA], "missing": ["nobody"]}
            ]
        }
    )

    prediction: str
    run_id: str | None
    model_version: int | None
    as_of: UtcMoment | None
    scores: list[UserScore]
    missing: list[str] = Field(description="Ids that have no score.")


class ScorePage(Page):
    """One page of users in a score range, highest score first, all of one scoring run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"prediction": "churn-28d", **_RUN, "scores": [_ANNA], "next_cursor": "MDE5OGM2"}
            ]
        }
    )

    prediction: str
    run_id: str
    model_version: int | None = Field(description="Null on an empty page.")
    as_of: UtcMoment | None = Field(description="Null on an empty page.")
    scores: list[UserScore]
