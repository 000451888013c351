"""Model versions, their cards, and which of them scores."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.pages import Page
from api.schemas.quality import FoldQuality, Quality
from api.schemas.times import UtcMoment

Role = Literal["champion", "challenger"]

_QUALITY: dict[str, Any] = {"value": 52.1, "low": 47.9, "high": 56.3, "label": "good"}
_COMPARISON: dict[str, Any] = {
    "champion_version": 2,
    "recipe": {"name": "standard", "version": 1},
    "champion_quality": _QUALITY,
    "challenger_quality": {"value": 53.0, "low": 48.7, "high": 57.3, "label": "good"},
    "difference": 0.9,
    "z": 1.1,
    "p": 0.864,
    "verdict": "not worse",
}
_VERSION: dict[str, Any] = {
    "version": 3,
    "role": "champion",
    "recipe": {"name": "forest", "digest": "9f2c6b01d35a7e48"},
    "definition_version": 1,
    "as_of": "2025-11-01T00:00:00+00:00",
    "created_at": "2025-11-01T02:12:41+00:00",
    "promoted_at": "2025-11-01T02:12:42+00:00",
    "promotion_reason": "It is not worse than the champion's recipe: +0.9 points of Prediction "
    "Quality on the same snapshots, p = 0.864.",
    "comparison": _COMPARISON,
    "quality": {"value": 53.0, "low": 48.7, "high": 57.3, "label": "good"},
    "base_rate": 0.192,
    "seed": 0,
    "data_version": "lake:events=41,attributes=3",
    "code_version": "0.1.0",
    "mlflow_run_id": "7d1f0c2ab4e94c5f8f5f4b8f0a9d3e21",
    "job_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
}


class Comparison(BaseModel):
    """A challenger's recipe against the champion's, on the same test snapshots."""

    model_config = ConfigDict(extra="allow")

    champion_version: int
    recipe: dict[str, Any] = Field(description="The champion's.")
    champion_quality: Quality
    challenger_quality: Quality
    difference: float = Field(description="The challenger's Prediction Quality minus the other's.")
    z: float
    p: float = Field(description="Chance of doing so badly if it were as good; below 0.05: worse.")
    verdict: Literal["worse", "not worse"]


class ModelVersion(BaseModel):
    """One trained model and where it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VERSION]})

    version: int
    role: Role | None = Field(description="The champion scores; the challenger could.")
    recipe: dict[str, Any] = Field(description="How it was made: name, and version or digest.")
    definition_version: int
    as_of: UtcMoment = Field(description="Nothing later was seen in training.")
    created_at: UtcMoment
    promoted_at: UtcMoment | None = Field(description="When it last became champion.")
    promotion_reason: str | None = Field(description="Why it took over, or why not.")
    comparison: Comparison | None
    quality: Quality | None = Field(description="Expected, from the backtest.")
    base_rate: float
    seed: int
    data_version: str
    code_version: str
    mlflow_run_id: str | None
    job_id: str | None


class ModelList(Page):
    """The versions of a prediction's model, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "champion_version": 3,
                    "challenger_version": 2,
                    "models": [_VERSION],
                    "next_cursor": None,
                }
            ]
        }
    )

    prediction: str
    champion_version: int | None
    challenger_version: int | None
    models: list[ModelVersion]


class ModelShown(ModelVersion):
    """One version with its whole training report."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_VERSION | {"prediction": "churn-28d", "report": {"auc": 0.765}}]
        }
    )

    prediction: str
    report: dict[str, Any]


class ModelCard(BaseModel):
    """What a version is, what it was made from, and where it ends."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "version": 3,
                    "role": "champion",
                    "format_version": 1,
                    "prediction": "churn-28d",
                    "definition": "name: churn-28d\n",
                    "model": {"as_of": "2025-11-01T00:00:00+00:00", "chosen": "blend"},
                    "data": {"from": "2024-01-01T08:12:00+00:00", "version": "lake:events=41"},
                    "features": {"count": 64, "own": ["baskets"], "excluded": ["gender"]},
                    "quality": _QUALITY,
                    "measures": {"auc": 0.7605},
                    "folds": [
                        {
                            "as_of": "2025-10-04T00:00:00+00:00",
                            "n": 2090,
                            "positives": 402,
                            "quality": 51.4,
                            "auc": 0.757,
                        }
                    ],
                    "calibration": {"slope": 0.97},
                    "curves": {"2025-10-04T00:00:00+00:00": {"gains": [[0.0, 0.0], [0.1, 0.33]]}},
                    "leakage": [],
                    "limits": ["It says how likely this is within 28 days of a scoring run."],
                    "text": "# churn-28d: model version 2, as of 2025-11-01\n",
                }
            ]
        },
    )

    version: int
    role: Role | None
    format_version: int
    prediction: str
    definition: str = Field(description="In YAML.")
    model: dict[str, Any] = Field(description="Recipe, candidates and what traces it.")
    data: dict[str, Any] = Field(description="Range, version, moments and counts.")
    features: dict[str, Any]
    quality: Quality
    measures: dict[str, float | None]
    folds: list[FoldQuality]
    calibration: dict[str, Any]
    curves: dict[str, dict[str, list[list[float]]]] = Field(
        description="By test snapshot: points of gains, lift, roc, precision_recall, calibration."
    )
    leakage: list[dict[str, Any]]
    limits: list[str] = Field(description="What its figures do not say, in sentences.")
    text: str = Field(description="The card in Markdown.")


class Promoted(BaseModel):
    """Which version scores from the next scoring run on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "champion_version": 2,
                    "challenger_version": 3,
                    "before": 3,
                    "changed": True,
                }
            ]
        }
    )

    prediction: str
    champion_version: int
    challenger_version: int | None
    before: int | None = Field(description="The champion until now.")
    changed: bool
