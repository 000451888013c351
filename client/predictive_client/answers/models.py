"""Model versions."""

from typing import Any, Literal, TypedDict

from predictive_client.answers.quality import FoldQuality, Quality


class Comparison(TypedDict):
    """A challenger's recipe against the champion's, on the same test snapshots."""

    champion_version: int
    recipe: dict[str, Any]
    champion_quality: Quality
    challenger_quality: Quality
    difference: float
    z: float
    p: float
    verdict: Literal["worse", "not worse"]


class ModelVersion(TypedDict):
    """One trained model and where it comes from."""

    version: int
    role: Literal["champion", "challenger"] | None
    recipe: dict[str, Any]
    definition_version: int
    as_of: str
    created_at: str
    promoted_at: str | None
    promotion_reason: str | None
    comparison: Comparison | None
    quality: Quality | None
    base_rate: float
    seed: int
    data_version: str
    code_version: str
    mlflow_run_id: str | None
    job_id: str | None


class ModelShown(TypedDict):
    """One version with its whole training report."""

    version: int
    role: Literal["champion", "challenger"] | None
    recipe: dict[str, Any]
    definition_version: int
    as_of: str
    created_at: str
    promoted_at: str | None
    promotion_reason: str | None
    comparison: Comparison | None
    quality: Quality | None
    base_rate: float
    seed: int
    data_version: str
    code_version: str
    mlflow_run_id: str | None
    job_id: str | None
    prediction: str
    report: dict[str, Any]


class ModelCard(TypedDict):
    """What a version is, what it was made from, and where it ends."""

    version: int
    role: Literal["champion", "challenger"] | None
    format_version: int
    prediction: str
    definition: str
    model: dict[str, Any]
    data: dict[str, Any]
    features: dict[str, Any]
    quality: Quality
    measures: dict[str, float | None]
    folds: list[FoldQuality]
    calibration: dict[str, Any]
    curves: dict[str, dict[str, list[list[float]]]]
    leakage: list[dict[str, Any]]
    limits: list[str]
    text: str


class Promoted(TypedDict):
    """Which version scores from the next scoring run on."""

    prediction: str
    champion_version: int
    challenger_version: int | None
    before: int | None
    changed: bool
