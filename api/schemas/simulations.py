"""Simulations: whom to reach, what a conversion is worth, and what would come of it."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.times import UtcMoment
from evaluation.money import Money
from evaluation.selection import Selection
from evaluation.simulation import NobodyBecause
from predictive.jobs.simulate import Scenario

Price = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Worth = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
ScoreBound = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]

MAX_SCENARIOS = 20
_SELECTION = {"min_score", "max_score", "top_share", "messages", "budget"}

_MONEY: dict[str, Any] = {
    "conversion_value": 40.0,
    "share_caused": 0.2,
    "message_cost": 0.01,
    "incentive_cost": 5.0,
    "incentive_taken_by": "converters",
}


class Prices(BaseModel):
    """What a message costs and what it causes."""

    model_config = ConfigDict(extra="forbid")

    share_caused: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=1.0,
        description="Share of the conversions that the message causes. At 1 every conversion is "
        "credited to it, an upper bound: a probability is not an uplift.",
    )
    message_cost: Price = Field(default=0.0, description="Of one message.")
    incentive_cost: Price = Field(default=0.0, description="Of one incentive that is taken.")
    incentive_taken_by: Literal["converters", "everyone"] = Field(
        default="converters", description="Who takes the incentive of those who are reached."
    )


class MoneyTerms(Prices):
    """What a conversion is worth and what reaching for it costs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_MONEY]})

    conversion_value: Worth = Field(
        description="Worth of one conversion; for churn, of one customer kept."
    )

    def to_money(self) -> Money:
        """The same for a simulation."""
        return Money(**self.model_dump())


SegmentName = Annotated[str, Field(max_length=63)]
_SEGMENT = "Only members of this segment; all shares are of them then."


class SegmentQuery(BaseModel):
    """Whom an answer is about."""

    model_config = ConfigDict(extra="forbid")

    segment: SegmentName | None = Field(default=None, description=_SEGMENT)


class CurveQuery(Prices, SegmentQuery):
    """Prices in a query, where money may be left out altogether, and whom it is about."""

    conversion_value: Worth | None = Field(
        default=None, description="Worth of one conversion; without it no money is shown."
    )

    @model_validator(mode="after")
    def _prices_need_a_value(self) -> CurveQuery:
        if self.conversion_value is None and self.model_fields_set - {"segment"}:
            raise ValueError("prices need conversion_value beside them")
        return self

    def to_money(self) -> Money | None:
        """The same for a curve, None where no money was given."""
        if self.conversion_value is None:
            return None
        return Money(**self.model_dump(exclude={"segment"}))


class Choice(BaseModel):
    """Whom to reach: a score range, a top share, or so many messages or so much money.

    Messages and budget may stand beside a score range.
    """

    model_config = ConfigDict(extra="forbid")

    min_score: ScoreBound | None = Field(default=None, description="Lowest score, included.")
    max_score: ScoreBound | None = Field(default=None, description="Highest score, included.")
    top_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None, description="Share of all users, highest scores first."
    )
    messages: Annotated[int, Field(ge=0, le=10**12)] | None = Field(
        default=None, description="At most so many users, highest scores first."
    )
    budget: Price | None = Field(
        default=None, description="As many users as this pays for; needs `money`."
    )
    money: MoneyTerms | None = None

    @model_validator(mode="after")
    def _is_a_selection(self) -> Choice:
        _ = self.selection
        if self.budget is not None and self.money is None:
            raise ValueError("a budget needs money, with what a message costs")
        return self

    @cached_property
    def selection(self) -> Selection:
        """Whom to reach, for a simulation."""
        return Selection(**{name: getattr(self, name) for name in _SELECTION})

    def to_money(self) -> Money | None:
        """Prices, None where none were given."""
        return None if self.money is None else self.money.to_money()


class SimulationRequest(Choice, SegmentQuery):
    """Whom to reach, at what prices, among whom."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"min_score": 75, "money": _MONEY},
                {"top_share": 0.1, "segment": "korean-speakers"},
                {"min_score": 50, "messages": 10_000},
            ]
        },
    )


class ScenarioRequest(Choice):
    """One of several selections."""

    label: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Comes back with the answer."
    )

    def to_scenario(self) -> Scenario:
        """The same for a simulation."""
        return Scenario(self.selection, self.to_money(), self.label)


class ComparisonRequest(SegmentQuery):
    """Several selections, to be compared on the same scores."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "scenarios": [
                        {"label": "the surest", "min_score": 75, "money": _MONEY},
                        {"label": "every second", "min_score": 50, "money": _MONEY},
                    ]
                }
            ]
        },
    )

    scenarios: Annotated[list[ScenarioRequest], Field(min_length=1, max_length=MAX_SCENARIOS)]


class Estimate(BaseModel):
    """A number and its 95 % interval."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": 212.4, "low": 180.1, "high": 244.7}]}
    )

    value: float
    low: float
    high: float


class MoneyOutcome(BaseModel):
    """What reaching them costs and brings."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cost": 920.0,
                    "revenue": 3130.4,
                    "profit": {"value": 2210.4, "low": 1790.2, "high": 2630.6},
                }
            ]
        }
    )

    cost: float
    revenue: float
    profit: Estimate


class Reach(BaseModel):
    """What would come of reaching some users."""

    min_score: float | None
    max_score: float | None
    reached: int
    reached_share: float | None
    expected_true_positives: Estimate
    true_positive_share: Estimate | None = Field(
        description="Share of all expected positives that is reached (the green bar)."
    )
    expected_false_positives: Estimate
    false_positive_share: Estimate | None = Field(
        description="Share of all expected negatives that is reached (the red bar)."
    )
    precision: Estimate | None
    lift: Estimate | None
    lowest_score: float | None = Field(description="Of all users, reached or not.")
    highest_score: float | None
    nobody_because: NobodyBecause | None = Field(
        description="Where nobody is reached: `no_users` have a score, `no_score` lies in the "
        "range, or the `limit` pays for nobody."
    )
    money: MoneyOutcome | None
    interval_basis: str = Field(description="What the intervals cover.")


class BestThreshold(BaseModel):
    """The most profitable threshold, and how flat profit is around it."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "threshold": 62.5,
                    "reached": 1840,
                    "profit": 2210.4,
                    "flat_from": 55.0,
                    "flat_to": 71.25,
                }
            ]
        },
    )

    threshold: float | None = Field(description="Null: sending nothing is best.")
    reached: int
    profit: float
    flat_from: float | None = Field(description="Profit stays within 5 % of the best from here …")
    flat_to: float | None = Field(description="… to here.")


class SimulatedSegment(BaseModel):
    """The members that an answer is restricted to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "at-risk-but-active",
                    "version": 2,
                    "as_of": "2025-11-01T00:00:00+00:00",
                    "users": 1_318,
                }
            ]
        }
    )

    name: str
    version: int
    as_of: UtcMoment = Field(description="The moment that its conditions look back from.")
    users: int = Field(description="Its members, with and without a score.")


class Origin(BaseModel):
    """The scoring run that an answer is about."""

    prediction: str
    run_id: str
    model_version: int
    as_of: UtcMoment
    kind: Literal["churn", "purchase", "event"]
    users: int = Field(description="Users that have a score; of the segment, if one was given.")
    segment: SimulatedSegment | None = Field(description="Null: all users of the run.")


class Outcome(Reach):
    """What would come of reaching some users, and where the most profitable threshold lies."""

    best: BestThreshold | None = Field(default=None, description="Only where money is given.")


_REACH: dict[str, Any] = {
    "min_score": 75.0,
    "max_score": 100.0,
    "reached": 310,
    "reached_share": 0.147,
    "expected_true_positives": {"value": 212.4, "low": 180.1, "high": 244.7},
    "true_positive_share": {"value": 0.52, "low": 0.46, "high": 0.58},
    "expected_false_positives": {"value": 97.6, "low": 65.3, "high": 129.9},
    "false_positive_share": {"value": 0.057, "low": 0.045, "high": 0.069},
    "precision": {"value": 0.685, "low": 0.581, "high": 0.789},
    "lift": {"value": 3.53, "low": 3.12, "high": 3.94},
    "lowest_score": 0.84,
    "highest_score": 93.12,
    "nobody_because": None,
    "money": None,
    "interval_basis": "chance and change between snapshots",
}
ORIGIN: dict[str, Any] = {
    "prediction": "churn-28d",
    "kind": "churn",
    "run_id": "0198c6b0a41d00007c2e9f0351b6d8aa",
    "model_version": 3,
    "as_of": "2025-11-01T00:00:00+00:00",
    "users": 2114,
    "segment": None,
}


class Simulation(Outcome, Origin):
    """What would come of reaching these users."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORIGIN | _REACH]})


class ScenarioOutcome(Outcome):
    """What would come of one scenario."""

    label: str | None


class ScenarioComparison(Origin):
    """What would come of each scenario, in the order asked for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [ORIGIN | {"scenarios": [_REACH | {"label": "the surest"}]}]}
    )

    scenarios: list[ScenarioOutcome]


class ThresholdCurve(Origin):
    """The simulation at every whole threshold."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORIGIN | {"points": [_REACH]}]})

    points: list[Reach]
    best: BestThreshold | None = Field(default=None, description="Only where money is given.")
