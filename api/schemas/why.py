"""Why: what goes along with an outcome, what the model goes by, and why one user has a score."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.times import UtcMoment

_MORE: dict[str, Any] = {
    "words": "no purchase in the last 14 days",
    "feature": "count_14d:purchase",
    "among": None,
    "customers": 1008,
    "share": 0.14,
    "rate": 0.249,
    "average": 0.099,
    "ratio": 2.51,
    "low": 2.31,
    "high": 2.72,
}
_MODEL: dict[str, Any] = {
    "prediction": "churn-28d",
    "model_version": 3,
    "as_of": "2025-11-01T00:00:00+00:00",
}


class Association(BaseModel):
    """A group of users that has the outcome more, or less, often than the average."""

    words: str = Field(description="Who belongs to it.")
    feature: str = Field(description="The feature that it is made of.")
    among: str | None = Field(description="Of whom the average is; null: of all.")
    customers: int = Field(description="Distinct users in it over all snapshots.")
    share: float = Field(description="Share of all users at those moments.")
    rate: float = Field(description="Share of the group with the outcome.")
    average: float = Field(description="Share with the outcome at the same snapshots.")
    ratio: float = Field(description="rate / average.")
    low: float = Field(description="Lower end of the 95 % interval of the ratio.")
    high: float


class Associations(BaseModel):
    """What goes along with the outcome, on the test snapshots of the champion's training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _MODEL
                | {
                    "average": 0.099,
                    "customers": 2374,
                    "snapshots": 5,
                    "groups": 123,
                    "minimum_customers": 50,
                    "confidence": 0.95,
                    "more_likely": [_MORE],
                    "less_likely": [],
                }
            ]
        }
    )

    prediction: str
    model_version: int
    as_of: UtcMoment = Field(description="Where the data of the training ended.")
    average: float = Field(description="Share of users with the outcome.")
    customers: int
    snapshots: int
    groups: int = Field(description="Groups looked at; the intervals allow for their number.")
    minimum_customers: int
    confidence: float
    more_likely: list[Association] = Field(description="The surest first.")
    less_likely: list[Association]


class TopicImportance(BaseModel):
    """Features that say much the same, together."""

    words: str
    share: float = Field(description="Share of all that moves scores.")


class FeatureImportance(BaseModel):
    """One feature."""

    feature: str
    words: str
    topic: str
    share: float


class Importance(BaseModel):
    """What the champion goes by: mean absolute contributions over a sample of users."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _MODEL
                | {
                    "customers": 300,
                    "topics": [{"words": "time since the last purchase", "share": 0.31}],
                    "features": [
                        {
                            "feature": "target_days_since_last",
                            "words": "days since the last purchase",
                            "topic": "time since the last purchase",
                            "share": 0.19,
                        }
                    ],
                }
            ]
        }
    )

    prediction: str
    model_version: int
    as_of: UtcMoment
    customers: int
    topics: list[TopicImportance]
    features: list[FeatureImportance]


class FeatureReason(BaseModel):
    """What one feature of a user adds to the log odds."""

    feature: str
    words: str
    value: float | None = Field(description="Null: unknown.")
    typical: str | None = Field(description="The usual value, in words.")
    log_odds: float


class Reason(BaseModel):
    """What the features of one topic add together."""

    topic: str
    words: str = Field(description="What the strongest feature says of the user.")
    typical: str | None
    log_odds: float = Field(description="Above 0 it raises the score.")
    odds_factor: float = Field(description="By what it multiplies the odds.")
    features: list[FeatureReason]


_REASON: dict[str, Any] = {
    "words": "last purchase 41 days ago",
    "typical": "12 days",
    "log_odds": 0.83,
}


class Reasons(BaseModel):
    """What moves the published score of one user; all of it adds up to the score."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _MODEL
                | {
                    "user_id": "anna-1138",
                    "run_id": "0198c6b0a41d7c2e9f03",
                    "probability": 0.412,
                    "score": 78.21,
                    "category": "high",
                    "log_odds": -0.36,
                    "base_log_odds": -1.19,
                    "base_score": 60.9,
                    "data_changed": False,
                    "reasons": [
                        _REASON
                        | {
                            "topic": "time since the last purchase",
                            "odds_factor": 2.29,
                            "features": [
                                _REASON | {"feature": "target_days_since_last", "value": 41.3}
                            ],
                        }
                    ],
                }
            ]
        }
    )

    prediction: str
    user_id: str
    run_id: str
    model_version: int
    as_of: UtcMoment
    probability: float
    score: float
    category: Literal["low", "medium", "high"]
    log_odds: float = Field(description="Natural log odds of the probability.")
    base_log_odds: float = Field(description="The same before any reason speaks.")
    base_score: float
    data_changed: bool = Field(
        description="Events before `as_of` came or went since: the reasons speak of another score."
    )
    reasons: list[Reason] = Field(description="The strongest first.")
