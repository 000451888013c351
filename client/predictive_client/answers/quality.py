"""How good a prediction is."""

from typing import Any, Literal, NotRequired, TypedDict

from predictive_client.answers.estimates import Estimate

Label = Literal["excellent", "good", "fair", "poor"]


class Quality(TypedDict):
    """Prediction Quality with its 95 % interval, from 0 (random) to 100 (perfect)."""

    value: float
    low: float | None
    high: float | None
    label: Label


class FoldQuality(TypedDict):
    """Quality on one test snapshot."""

    as_of: str
    n: int
    positives: int
    quality: float
    auc: float


class Measures(TypedDict):
    """What one set of predictions and outcomes says."""

    quality: Quality
    auc: float
    average_precision: float
    brier: float
    log_loss: float
    ece: float
    lift_top_decile: float
    mean_lift_quality: float
    calibration: dict[str, Any]
    intervals: NotRequired[dict[str, Estimate | None]]
    n: int
    positives: int
    folds: list[FoldQuality]


class RunQuality(TypedDict):
    """One scoring run: what was expected of it, and what came."""

    run_id: str
    model_version: int
    as_of: str
    matures_at: str
    users: int
    expected: Quality | None
    actual: Quality | None


class QualityReport(TypedDict):
    """How good a prediction is: as expected from the backtest, and as it came true."""

    runs: int
    matured: int
    evaluated: int
    prediction: str
    model_version: int
    expected: Measures
    actual: dict[str, Any] | None
    estimate: dict[str, Any] | None
    history: list[RunQuality]


class ModelQuality(TypedDict):
    """A model version: what it promised, and what its runs turned out to be worth."""

    model_version: int
    trained_as_of: str
    expected: Quality
    base_rate: float
    runs: list[RunQuality]


class QualityHistory(TypedDict):
    """Expected and actual quality over time, by model version."""

    runs: int
    matured: int
    evaluated: int
    prediction: str
    models: list[ModelQuality]


class EvaluationReport(TypedDict):
    """A matured scoring run against what happened."""

    prediction: str
    run_id: str
    model_version: int
    as_of: str
    matured_at: str
    expected: Measures
    actual: Measures


class ConfusionReport(TypedDict):
    """The four counts at a threshold and every rate that follows from them."""

    prediction: str
    model_version: int
    threshold: float
    basis: str
    snapshots: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    rates: dict[str, float | None]
    lift_interval: Estimate | None
