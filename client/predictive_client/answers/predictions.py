"""Predictions."""

from typing import Any, Literal, TypedDict

from predictive_client.answers.quality import Quality

Kind = Literal["churn", "purchase", "event"]
State = Literal["draft", "preview", "active", "archived"]


class PublishedRun(TypedDict):
    """The scoring run that readers see."""

    run_id: str
    as_of: str
    users: int
    model_version: int


class PredictionSummary(TypedDict):
    """A prediction in short."""

    name: str
    kind: Kind
    state: State
    definition_version: int
    window_days: int
    created_at: str
    updated_at: str
    model_version: int | None
    quality: Quality | None
    scores: PublishedRun | None


class Applied(TypedDict):
    """What applying a definition did."""

    name: str
    kind: Kind
    definition_version: int
    change: Literal["created", "updated", "unchanged"]


class Validated(TypedDict):
    """What applying a definition would do."""

    name: str
    kind: Kind
    definition_version: int
    change: Literal["created", "updated", "unchanged"]
    definition: str


class OutcomeCounts(TypedDict):
    """Users of each outcome, and how many of each are needed."""

    positives: int
    negatives: int
    minimum: int


class TestSnapshotCounts(TypedDict):
    """The same for a test snapshot, with the minimum for each outcome."""

    as_of: str
    n: int
    positives: int
    negatives: int
    minimum: int


class SnapshotCounts(TypedDict):
    """Eligible users at one moment of the past, and what then happened."""

    as_of: str
    n: int
    positives: int
    negatives: int


class EstimateReport(TypedDict):
    """What history holds for a prediction, before anything is trained."""

    prediction: str
    as_of: str
    window_days: int
    selection: Literal["out-of-time", "cross-validation"]
    audience: int
    training: OutcomeCounts
    tests: list[TestSnapshotCounts]
    snapshots: list[SnapshotCounts]
    enough: bool
    problem: str | None


class TrainedModel(TypedDict):
    """One model version and where it comes from."""

    version: int
    definition_version: int
    as_of: str
    created_at: str
    quality: Quality
    seed: int
    data_version: str
    code_version: str
    mlflow_run_id: str | None


class PredictionShown(TypedDict):
    """A prediction with its definition, models and newest evaluation."""

    name: str
    kind: Kind
    state: State
    definition_version: int
    window_days: int
    created_at: str
    updated_at: str
    model_version: int | None
    quality: Quality | None
    scores: PublishedRun | None
    definition: str
    categories: dict[str, float]
    models: list[TrainedModel]
    evaluation: dict[str, Any] | None
