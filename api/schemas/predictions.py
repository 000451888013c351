"""Predictions as they are listed, shown, applied and estimated."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.quality import Quality
from api.schemas.times import UtcMoment


class Applied(BaseModel):
    """What applying a definition did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "churn-28d",
                    "kind": "churn",
                    "definition_version": 1,
                    "change": "created",
                }
            ]
        }
    )

    name: str
    kind: Literal["churn", "purchase", "event"]
    definition_version: int
    change: Literal["created", "updated", "unchanged"]


class Validated(Applied):
    """What applying a definition would do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "churn-28d",
                    "kind": "churn",
                    "definition_version": 1,
                    "change": "created",
                    "definition": "name: churn-28d\nkind: churn\ntarget: …\n",
                }
            ]
        }
    )

    definition: str = Field(description="As it would be kept, in YAML.")


class OutcomeCounts(BaseModel):
    """Users of each outcome, and how many of each are needed."""

    positives: int
    negatives: int
    minimum: int


class SnapshotCounts(BaseModel):
    """Eligible users at one moment of the past, and what then happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2025-09-01T00:00:00+00:00",
                    "n": 4_120,
                    "positives": 1_236,
                    "negatives": 2_884,
                }
            ]
        }
    )

    as_of: UtcMoment
    n: int
    positives: int
    negatives: int


class TestSnapshotCounts(SnapshotCounts):
    """The same for a test snapshot, with the minimum for each outcome."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2025-10-01T00:00:00+00:00",
                    "n": 4_260,
                    "positives": 1_304,
                    "negatives": 2_956,
                    "minimum": 10,
                }
            ]
        }
    )

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
    as_of: UtcMoment
    window_days: int
    selection: Literal["out-of-time", "cross-validation"]
    audience: int = Field(description="Users who would be scored at `as_of`.")
    training: OutcomeCounts = Field(description="Distinct users in training.")
    tests: list[TestSnapshotCounts]
    snapshots: list[SnapshotCounts]
    enough: bool = Field(description="Whether training would be allowed.")
    problem: str | None = Field(description="What forbids it.")


_QUALITY: dict[str, Any] = {"value": 52.1, "low": 47.9, "high": 56.3, "label": "good"}
_SUMMARY: dict[str, Any] = {
    "name": "churn-28d",
    "kind": "churn",
    "state": "active",
    "definition_version": 1,
    "window_days": 28,
    "created_at": "2025-10-30T08:00:00+00:00",
    "updated_at": "2025-11-01T02:14:09+00:00",
    "model_version": 3,
    "quality": _QUALITY,
    "scores": {
        "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
        "as_of": "2025-11-01T00:00:00+00:00",
        "users": 2114,
        "model_version": 3,
    },
}


class PublishedRun(BaseModel):
    """The scoring run that readers see."""

    run_id: str
    as_of: UtcMoment
    users: int
    model_version: int


class PredictionSummary(BaseModel):
    """A prediction in short."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_SUMMARY]})

    name: str
    kind: Literal["churn", "purchase", "event"]
    state: Literal["draft", "preview", "active", "archived"]
    definition_version: int
    window_days: int
    created_at: UtcMoment
    updated_at: UtcMoment
    model_version: int | None = Field(description="The champion's; null before training.")
    quality: Quality | None = Field(description="Expected quality of the champion.")
    scores: PublishedRun | None = Field(description="Null before the first scoring run.")


class TrainedModel(BaseModel):
    """One model version and where it comes from."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "version": 3,
                    "definition_version": 1,
                    "as_of": "2025-11-01T00:00:00+00:00",
                    "created_at": "2025-11-01T02:10:44+00:00",
                    "quality": {"value": 48.0, "low": 37.0, "high": 57.0, "label": "good"},
                    "seed": 0,
                    "data_version": "17",
                    "code_version": "0.1.0",
                    "mlflow_run_id": None,
                }
            ]
        },
    )

    version: int
    definition_version: int
    as_of: UtcMoment
    created_at: UtcMoment
    quality: Quality
    seed: int
    data_version: str
    code_version: str
    mlflow_run_id: str | None


class PredictionShown(PredictionSummary):
    """A prediction with its definition, models and newest evaluation."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                _SUMMARY
                | {
                    "definition": "name: churn-28d\nkind: churn\ntarget: …\n",
                    "categories": {"low": 0, "medium": 50, "high": 75},
                    "models": [],
                    "evaluation": None,
                }
            ]
        },
    )

    definition: str = Field(description="The newest version, as YAML.")
    categories: dict[str, float] = Field(description="Lowest score of each category.")
    models: list[TrainedModel] = Field(description="Newest first.")
    evaluation: dict[str, Any] | None = Field(description="The newest, of a matured run.")


class PredictionList(Page):
    """Predictions by name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"predictions": [_SUMMARY], "next_cursor": None}]}
    )

    predictions: list[PredictionSummary]
