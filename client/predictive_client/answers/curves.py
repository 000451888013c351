"""The curves of a backtest."""

from typing import TypedDict


class GainsPoint(TypedDict):
    """Of all positives, how many the best share of users holds."""

    share: float
    captured: float


class LiftPoint(TypedDict):
    """How many times more positives the best share of users holds than as many picked blindly."""

    share: float
    lift: float


class RocPoint(TypedDict):
    """Both rates at one threshold."""

    false_positive_rate: float
    true_positive_rate: float


class PrecisionRecallPoint(TypedDict):
    """Both at one threshold."""

    recall: float
    precision: float


class CalibrationPoint(TypedDict):
    """What was promised to a group of users, and what came of it."""

    expected: float
    observed: float
    low: float
    high: float
    rows: int


class Curves(TypedDict):
    """The curves of the champion's backtest, all test snapshots together."""

    prediction: str
    model_version: int
    basis: str
    snapshots: int
    users: int
    positives: int
    gains: list[GainsPoint]
    lift: list[LiftPoint]
    roc: list[RocPoint]
    precision_recall: list[PrecisionRecallPoint]
    calibration: list[CalibrationPoint]
