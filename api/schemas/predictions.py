"""Predictions as they are listed, shown, applied and estimated."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Applied(BaseModel):
    """What applying a definition did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "churn-28d", "definition_version": 1, "change": "created"}]
        }
    )

    name: str
    definition_version: int
    change: Literal["created", "updated", "unchanged"]


class OutcomeCounts(BaseModel):
    """Users of each outcome, and how many of each are needed."""

    positives: int
    negatives: int
    minimum: int


class SnapshotCounts(BaseModel):
    """Eligible users at one moment of the past, and what then happened."""

    as_of: datetime
    n: int
    positives: int
    negatives: int


class TestCounts(SnapshotCounts):
    """The same for a test snapshot, with the minimum for each outcome."""

    minimum: int


class EstimateReport(BaseModel):
    """What history holds for a prediction, before anything is trained."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "as_of": "2025-11-01T00:00:00+00:00",
                    "window_days": 28,
                    "selection": "out-of-time",
                    "audience": 2114,
                    "training": {"positives": 812, "negatives": 1733, "minimum": 50},
                    "tests": [
                        {
                            "as_of": "2025-10-04T00:00:00+00:00",
                            "n": 2090,
                            "positives": 402,
                            "negatives": 1688,
                            "minimum": 10,
                        }
                    ],
                    "snapshots": [],
                    "enough": True,
                    "problem": None,
                }
            ]
        },
    )

    prediction: str
    as_of: datetime
    window_days: int
    selection: Literal["out-of-time", "cross-validation"]
    audience: int = Field(description="Users who would be scored at `as_of`.")
    training: OutcomeCounts = Field(description="Distinct users in training.")
    tests: list[TestCounts]
    snapshots: list[SnapshotCounts]
    enough: bool = Field(description="Whether training would be allowed.")
    problem: str | None = Field(description="What forbids it.")


class PredictionShown(BaseModel):
    """A prediction."""

    model_config = ConfigDict(extra="allow")

    name: str
    kind: Literal["churn", "purchase", "event"]
    state: Literal["draft", "preview", "active", "archived"]
    definition_version: int


class PredictionList(BaseModel):
    """All predictions, by name."""

    predictions: list[PredictionShown]
