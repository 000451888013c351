"""Simulations: whom to reach, what a conversion is worth, and what would come of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
ScoreBound = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class MoneyTerms(BaseModel):
    """Costs of a message and what share of conversions it causes."""

    model_config = ConfigDict(extra="forbid")

    share_caused: Share = Field(
        default=1.0, description="Share of the conversions that the message causes."
    )
    message_cost: Amount = Field(default=0.0, description="Cost of one message.")
    incentive_cost: Amount = Field(default=0.0, description="Cost of one incentive taken.")
    incentive_taken_by: Literal["converters", "everyone"] = Field(
        default="converters", description="Who takes the incentive."
    )


class Money(MoneyTerms):
    """What a conversion is worth and what reaching for it costs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "conversion_value": 40.0,
                    "share_caused": 0.2,
                    "message_cost": 0.01,
                    "incentive_cost": 5.0,
                    "incentive_taken_by": "converters",
                }
            ]
        },
    )

    conversion_value: Amount = Field(description="Worth of one conversion.")


class MoneyQuery(MoneyTerms):
    """The same in a query, where money may be left out altogether."""

    conversion_value: Amount | None = Field(
        default=None, description="Worth of one conversion; without it no money is shown."
    )

    @model_validator(mode="after")
    def _costs_need_a_value(self) -> MoneyQuery:
        if self.conversion_value is None and self.model_fields_set:
            raise ValueError("costs need conversion_value beside them")
        return self


class SimulationRequest(BaseModel):
    """Whom to reach: a score range, a top share, a number of messages, or a budget."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"min_score": 75, "money": {"conversion_value": 40, "message_cost": 0.01}},
                {"top_share": 0.1},
            ]
        },
    )

    min_score: ScoreBound | None = Field(default=None, description="Lowest score reached.")
    max_score: ScoreBound | None = Field(default=None, description="Highest score reached.")
    top_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None, description="The highest-scored share of the users."
    )
    messages: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="So many users, highest score first."
    )
    budget: Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)] | None = Field(
        default=None, description="As many users as this pays for; needs `money`."
    )
    money: Money | None = None

    @model_validator(mode="after")
    def _one_selection(self) -> SimulationRequest:
        ranged = self.min_score is not None or self.max_score is not None
        given = [ranged, *(x is not None for x in (self.top_share, self.messages, self.budget))]
        if sum(given) != 1:
            raise ValueError("give one of: min_score and max_score, top_share, messages, budget")
        low, high = self.min_score or 0.0, 100.0 if self.max_score is None else self.max_score
        if low > high:
            raise ValueError(f"min_score {low:g} is above max_score {high:g}")
        if self.budget is not None and self.money is None:
            raise ValueError("a budget needs money.message_cost or money.incentive_cost")
        return self


class Estimate(BaseModel):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


class SimulatedMoney(BaseModel):
    """What reaching them costs and brings."""

    model_config = ConfigDict(extra="allow")

    cost: float
    revenue: float
    profit: Estimate


class Simulation(BaseModel):
    """What would come of reaching these users."""

    model_config = ConfigDict(extra="allow")

    min_score: float | None
    max_score: float | None
    reached: float = Field(description="Users reached.")
    reached_share: float
    expected_true_positives: Estimate
    true_positive_share: Estimate = Field(
        description="Share of all expected positives that is reached (the green bar)."
    )
    expected_false_positives: float
    false_positive_share: float = Field(
        description="Share of all expected negatives that is reached (the red bar)."
    )
    precision: float | None
    lift: float | None
    money: SimulatedMoney | None


class ThresholdCurve(BaseModel):
    """The simulation at every threshold, thinned for drawing."""

    model_config = ConfigDict(extra="allow")

    prediction: str
    points: list[dict[str, Any]]
