"""Quality reports and confusion matrices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.times import UtcMoment


class Threshold(BaseModel):
    """The score from which a user counts as predicted positive."""

    model_config = ConfigDict(extra="forbid")

    threshold: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        default=50.0, description="A user with at least this score is predicted positive."
    )


class Quality(BaseModel):
    """Prediction Quality with its 95 % interval, from 0 (random) to 100 (perfect)."""

    model_config = ConfigDict(extra="allow")

    value: float
    low: float | None
    high: float | None
    label: Literal["excellent", "good", "fair", "poor"]


class FoldQuality(BaseModel):
    """Quality on one test snapshot."""

    model_config = ConfigDict(extra="allow")

    as_of: UtcMoment
    n: int
    positives: int
    quality: float
    auc: float


class Measures(BaseModel):
    """What one set of predictions and outcomes says."""

    model_config = ConfigDict(extra="allow")

    quality: Quality
    auc: float
    average_precision: float
    brier: float
    log_loss: float
    ece: float = Field(description="Expected calibration error.")
    lift_top_decile: float
    mean_lift_quality: float
    calibration: dict[str, Any]
    n: int
    positives: int
    folds: list[FoldQuality]


_EXPECTED: dict[str, Any] = {
    "quality": {"value": 52.1, "low": 47.9, "high": 56.3, "label": "good"},
    "auc": 0.7605,
    "average_precision": 0.488,
    "brier": 0.131,
    "log_loss": 0.412,
    "ece": 0.018,
    "lift_top_decile": 3.1,
    "mean_lift_quality": 0.44,
    "calibration": {"slope": 0.97, "intercept": -0.02, "observed_expected": 1.03, "ece": 0.018},
    "n": 6280,
    "positives": 1204,
    "folds": [
        {
            "as_of": "2025-10-04T00:00:00+00:00",
            "n": 2090,
            "positives": 402,
            "quality": 51.4,
            "auc": 0.757,
        }
    ],
}


class QualityReport(BaseModel):
    """How good a prediction is: as expected from the backtest, and as it came true."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "model_version": 3,
                    "expected": _EXPECTED,
                    "actual": None,
                    "history": [],
                }
            ]
        }
    )

    prediction: str
    model_version: int
    expected: Measures
    actual: dict[str, Any] | None = Field(
        description="The newest evaluation of a scoring run; null before one has matured."
    )
    history: list[dict[str, Any]] = Field(description="All evaluations, newest first.")


class ConfusionReport(BaseModel):
    """The four counts at a threshold and every rate that follows from them."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "prediction": "purchase-7d",
                    "model_version": 3,
                    "threshold": 75.0,
                    "basis": "backtest",
                    "snapshots": 3,
                    "true_positives": 11150,
                    "false_positives": 15385,
                    "false_negatives": 33450,
                    "true_negatives": 431015,
                    "rates": {"precision": 0.42, "sensitivity": 0.25, "specificity": 0.966},
                }
            ]
        },
    )

    prediction: str
    model_version: int
    threshold: float
    basis: str = Field(description="Whose predictions and outcomes are counted.")
    snapshots: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    rates: dict[str, float | None]
