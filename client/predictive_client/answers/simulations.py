"""Simulations and how scores are spread."""

from typing import Literal, NotRequired, TypedDict

from predictive_client.answers.estimates import Estimate
from predictive_client.answers.predictions import Kind
from predictive_client.answers.scores import Category

NobodyBecause = Literal["no_users", "no_score", "limit"]


class SimulatedSegment(TypedDict):
    """The members that an answer is restricted to."""

    name: str
    version: int
    as_of: str
    users: int


class MoneyOutcome(TypedDict):
    """What reaching them costs and brings."""

    cost: float
    revenue: float
    profit: Estimate


class BestThreshold(TypedDict):
    """The most profitable threshold, and how flat profit is around it."""

    threshold: float | None
    reached: int
    profit: float
    flat_from: float | None
    flat_to: float | None


class Simulation(TypedDict):
    """What would come of reaching these users."""

    prediction: str
    run_id: str
    model_version: int
    as_of: str
    kind: Kind
    users: int
    segment: SimulatedSegment | None
    min_score: float | None
    max_score: float | None
    reached: int
    reached_share: float | None
    expected_true_positives: Estimate
    true_positive_share: Estimate | None
    expected_false_positives: Estimate
    false_positive_share: Estimate | None
    precision: Estimate | None
    lift: Estimate | None
    lowest_score: float | None
    highest_score: float | None
    nobody_because: NobodyBecause | None
    money: MoneyOutcome | None
    interval_basis: str
    best: NotRequired[BestThreshold | None]


class ScenarioOutcome(TypedDict):
    """What would come of one scenario."""

    min_score: float | None
    max_score: float | None
    reached: int
    reached_share: float | None
    expected_true_positives: Estimate
    true_positive_share: Estimate | None
    expected_false_positives: Estimate
    false_positive_share: Estimate | None
    precision: Estimate | None
    lift: Estimate | None
    lowest_score: float | None
    highest_score: float | None
    nobody_because: NobodyBecause | None
    money: MoneyOutcome | None
    interval_basis: str
    best: NotRequired[BestThreshold | None]
    label: str | None


class ScenarioComparison(TypedDict):
    """What would come of each scenario, in the order asked for."""

    prediction: str
    run_id: str
    model_version: int
    as_of: str
    kind: Kind
    users: int
    segment: SimulatedSegment | None
    scenarios: list[ScenarioOutcome]


class Reach(TypedDict):
    """What would come of reaching some users."""

    min_score: float | None
    max_score: float | None
    reached: int
    reached_share: float | None
    expected_true_positives: Estimate
    true_positive_share: Estimate | None
    expected_false_positives: Estimate
    false_positive_share: Estimate | None
    precision: Estimate | None
    lift: Estimate | None
    lowest_score: float | None
    highest_score: float | None
    nobody_because: NobodyBecause | None
    money: MoneyOutcome | None
    interval_basis: str


class ThresholdCurve(TypedDict):
    """The simulation at every whole threshold."""

    prediction: str
    run_id: str
    model_version: int
    as_of: str
    kind: Kind
    users: int
    segment: SimulatedSegment | None
    points: list[Reach]
    best: NotRequired[BestThreshold | None]


class Bucket(TypedDict):
    """Users in a range of scores; the last one includes its upper bound too."""

    min_score: float
    max_score: float
    users: int
    expected_positives: float


class CategoryCount(TypedDict):
    """Users of a category."""

    category: Category
    min_score: float
    users: int
    expected_positives: float


class ScoreDistribution(TypedDict):
    """How many users have which score."""

    prediction: str
    run_id: str
    model_version: int
    as_of: str
    kind: Kind
    users: int
    segment: SimulatedSegment | None
    expected_positives: float
    buckets: list[Bucket]
    categories: list[CategoryCount]
