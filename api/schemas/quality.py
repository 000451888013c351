"""Quality reports and confusion matrices."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.simulations import Estimate
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
    intervals: dict[str, Estimate | None] = Field(
        default_factory=dict,
        description="Of `lift_top_decile` and `observed_expected`, 95 %; null where too few "
        "positives tell none, empty in reports of before they were kept.",
    )
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
    "intervals": {
        "lift_top_decile": {"value": 3.1, "low": 2.84, "high": 3.36},
        "observed_expected": {"value": 1.03, "low": 0.95, "high": 1.12},
    },
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


_POINT: dict[str, Any] = {
    "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
    "model_version": 3,
    "as_of": "2025-11-01T00:00:00+00:00",
    "matures_at": "2025-11-29T00:00:00+00:00",
    "users": 6310,
    "expected": {"value": 52.1, "low": 47.9, "high": 56.3, "label": "good"},
    "actual": {"value": 50.4, "low": 45.2, "high": 55.5, "label": "good"},
    "comparable": True,
    "n": 6310,
    "positives": 1191,
    "base_rate": 0.189,
    "observed_expected": 1.02,
}


class RunQuality(BaseModel):
    """One scoring run: what was expected of it, and what came."""

    model_config = ConfigDict(extra="allow")

    run_id: str
    model_version: int
    as_of: UtcMoment
    matures_at: UtcMoment = Field(description="When its window has passed.")
    users: int
    expected: Quality | None
    actual: Quality | None = Field(description="Null before the run was evaluated.")


class Maturity(BaseModel):
    """How many scoring runs there are, and of how many the outcomes are known."""

    runs: int
    matured: int = Field(description="Runs whose window the data covers.")
    evaluated: int


class QualityReport(Maturity):
    """How good a prediction is: as expected from the backtest, and as it came true."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "model_version": 3,
                    "expected": _EXPECTED,
                    "actual": None,
                    "estimate": {
                        "label": "estimate",
                        "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
                        "as_of": "2025-11-01T00:00:00+00:00",
                        "matures_at": "2025-11-29T00:00:00+00:00",
                        "value": 51.0,
                        "low": 46.2,
                        "high": 55.7,
                        "auc": 0.755,
                        "base_rate": 0.19,
                    },
                    "history": [],
                    "runs": 1,
                    "matured": 0,
                    "evaluated": 0,
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
    estimate: dict[str, Any] | None = Field(
        description="Of the newest scoring run while its outcomes are not known: an estimate of "
        "its quality from its own probabilities, labelled so."
    )
    history: list[RunQuality] = Field(description="All scoring runs, newest first.")


class ModelQuality(BaseModel):
    """A model version: what it promised, and what its runs turned out to be worth."""

    model_version: int
    trained_as_of: UtcMoment
    expected: Quality
    base_rate: float
    runs: list[RunQuality] = Field(description="Newest first.")


class QualityHistory(Maturity):
    """Expected and actual quality over time, by model version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "models": [
                        {
                            "model_version": 3,
                            "trained_as_of": "2025-11-01T00:00:00+00:00",
                            "expected": _POINT["expected"],
                            "base_rate": 0.191,
                            "runs": [_POINT],
                        }
                    ],
                    "runs": 1,
                    "matured": 1,
                    "evaluated": 1,
                }
            ]
        }
    )

    prediction: str
    models: list[ModelQuality] = Field(description="Versions that have scored, newest first.")


class EvaluationReport(BaseModel):
    """A matured scoring run against what happened."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
                    "model_version": 3,
                    "as_of": "2025-11-01T00:00:00+00:00",
                    "matured_at": "2025-11-29T00:00:00+00:00",
                    "expected": _EXPECTED,
                    "actual": _EXPECTED,
                }
            ]
        },
    )

    prediction: str
    run_id: str
    model_version: int
    as_of: UtcMoment
    matured_at: UtcMoment
    expected: Measures
    actual: Measures


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
                    "lift_interval": {"value": 4.69, "low": 4.61, "high": 4.77},
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
    lift_interval: Estimate | None = Field(
        description="95 %, by chance; null where too few positives are above the threshold."
    )
