"""The curves of a backtest."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class GainsPoint(BaseModel):
    """Of all positives, how many the best share of users holds."""

    share: float = Field(description="Share of all users, highest scores first.")
    captured: float = Field(description="Share of all positives among them.")


class LiftPoint(BaseModel):
    """How many times more positives the best share of users holds than as many picked blindly."""

    share: float
    lift: float


class RocPoint(BaseModel):
    """Both rates at one threshold."""

    false_positive_rate: float
    true_positive_rate: float


class PrecisionRecallPoint(BaseModel):
    """Both at one threshold."""

    recall: float
    precision: float


class CalibrationPoint(BaseModel):
    """What was promised to a group of users, and what came of it."""

    expected: float = Field(description="Mean probability.")
    observed: float = Field(description="Share of positives.")
    low: float = Field(description="Lower end of the 95 % interval of `observed`.")
    high: float
    rows: int


class Curves(BaseModel):
    """The curves of the champion's backtest, all test snapshots together."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prediction": "churn-28d",
                    "model_version": 3,
                    "basis": "backtest",
                    "snapshots": 3,
                    "users": 6280,
                    "positives": 1204,
                    "gains": [{"share": 0.1, "captured": 0.31}],
                    "lift": [{"share": 0.1, "lift": 3.1}],
                    "roc": [{"false_positive_rate": 0.05, "true_positive_rate": 0.31}],
                    "precision_recall": [{"recall": 0.31, "precision": 0.59}],
                    "calibration": [
                        {
                            "expected": 0.41,
                            "observed": 0.43,
                            "low": 0.39,
                            "high": 0.47,
                            "rows": 628,
                        }
                    ],
                }
            ]
        }
    )

    prediction: str
    model_version: int
    basis: str = Field(description="Whose predictions and outcomes are counted.")
    snapshots: int
    users: int = Field(description="Cases: a user counts once for each test snapshot.")
    positives: int
    gains: list[GainsPoint]
    lift: list[LiftPoint]
    roc: list[RocPoint]
    precision_recall: list[PrecisionRecallPoint]
    calibration: list[CalibrationPoint] = Field(description="Groups of equal size.")
