"""Why: associations, importance, reasons."""

from typing import TypedDict

from predictive_client.answers.scores import Category


class FeatureReason(TypedDict):
    """What one feature of a user adds to the log odds."""

    feature: str
    words: str
    value: float | None
    typical: str | None
    log_odds: float


class Reason(TypedDict):
    """What the features of one topic add together."""

    topic: str
    words: str
    typical: str | None
    log_odds: float
    odds_factor: float
    features: list[FeatureReason]


class Reasons(TypedDict):
    """What moves the published score of one user; all of it adds up to the score."""

    prediction: str
    user_id: str
    run_id: str
    model_version: int
    as_of: str
    probability: float
    score: float
    category: Category
    log_odds: float
    base_log_odds: float
    base_score: float
    data_changed: bool
    reasons: list[Reason]


class Association(TypedDict):
    """A group of users that has the outcome more, or less, often than the average."""

    words: str
    feature: str
    among: str | None
    customers: int
    share: float
    rate: float
    average: float
    ratio: float
    low: float
    high: float


class Associations(TypedDict):
    """What goes along with the outcome, on the test snapshots of the champion's training."""

    prediction: str
    model_version: int
    as_of: str
    average: float
    customers: int
    snapshots: int
    groups: int
    minimum_customers: int
    confidence: float
    more_likely: list[Association]
    less_likely: list[Association]


class TopicImportance(TypedDict):
    """Features that say much the same, together."""

    words: str
    share: float


class FeatureImportance(TypedDict):
    """One feature."""

    feature: str
    words: str
    topic: str
    share: float


class Importance(TypedDict):
    """What the champion goes by: mean absolute contributions over a sample of users."""

    prediction: str
    model_version: int
    as_of: str
    customers: int
    topics: list[TopicImportance]
    features: list[FeatureImportance]
