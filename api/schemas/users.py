"""What is known of a user, and what removing one took away."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.scores import UserScore
from api.schemas.times import UtcMoment
from api.schemas.why import Reason

_MAX_EVENTS = 1_000


class ProfileWanted(BaseModel):
    """How much of a user to tell."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[int, Field(ge=0, le=_MAX_EVENTS)] = Field(
        default=20, description="How many of the newest events."
    )
    reasons: bool = Field(default=False, description="Tell also why each score is what it is.")


class Attribute(BaseModel):
    """The newest value of an attribute."""

    name: str
    value: str | float | bool | None
    since: UtcMoment | None = Field(description="Null: it counts as always true.")


class Event(BaseModel):
    """Something the user did."""

    name: str
    time: UtcMoment
    properties: dict[str, Any] = Field(description="What is known of it.")


class CustomerScore(UserScore):
    """The published score of one prediction."""

    # Not those of a row of a page, which lack the run.
    model_config = ConfigDict(json_schema_extra={"examples": []})

    prediction: str
    run_id: str
    model_version: int
    as_of: UtcMoment
    scored_at: UtcMoment
    reasons: list[Reason] | None = Field(description="Null unless asked for.")


class Customer(BaseModel):
    """One user as known now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "anna-1138",
                    "attributes": [{"name": "country", "value": "KR", "since": None}],
                    "events": [
                        {
                            "name": "purchase",
                            "time": "2025-10-30T18:04:11+00:00",
                            "properties": {"amount": 42.5},
                        }
                    ],
                    "scores": [
                        {
                            "prediction": "churn-28d",
                            "user_id": "anna-1138",
                            "probability": 0.412,
                            "score": 78.21,
                            "category": "high",
                            "run_id": "0198c6b0a41d7c2e9f03",
                            "model_version": 3,
                            "as_of": "2025-11-01T00:00:00+00:00",
                            "scored_at": "2025-11-01T02:14:09+00:00",
                            "reasons": None,
                        }
                    ],
                }
            ]
        }
    )

    user_id: str
    attributes: list[Attribute] = Field(description="By name.")
    events: list[Event] = Field(description="The newest first.")
    scores: list[CustomerScore] = Field(description="Of each prediction that offers its scores.")


class UserDeleted(BaseModel):
    """How much of a user was removed, and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "customer-17",
                    "events": 41,
                    "attributes": 3,
                    "scores": 2,
                    "archived_scores": 12,
                    "segments": 1,
                    "exports": 0,
                    "sends": 1,
                    "rejected_rows": 0,
                    "hidden": 0,
                }
            ]
        }
    )

    user_id: str
    events: int
    attributes: int
    scores: int = Field(description="In the runs that are still kept for look-ups.")
    archived_scores: int = Field(description="In the archives of all runs.")
    segments: int = Field(description="Snapshots of segments that held the user.")
    exports: int = Field(description="Files of members that did.")
    sends: int
    rejected_rows: int = Field(description="Rows that an import refused and that name the user.")
    hidden: int = Field(description="Events in tables of yours, hidden from now on.")
