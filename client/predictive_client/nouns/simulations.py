"""Simulations: what reaching a part of the audience would bring."""

from __future__ import annotations

from collections.abc import Sequence

from predictive_client.answers import ScenarioComparison, Simulation, ThresholdCurve
from predictive_client.nouns.given import given
from predictive_client.nouns.noun import Noun, Run, call
from predictive_client.questions import Money, Scenario
from predictive_client.steps import Flow

_PREDICTION = "/v1/predictions/{name}"


class Simulations(Noun[Run]):
    """Before a message is sent."""

    @call
    def simulate(
        self,
        prediction: str,
        *,
        min_score: float | None = None,
        max_score: float | None = None,
        top_share: float | None = None,
        messages: int | None = None,
        budget: float | None = None,
        money: Money | None = None,
        segment: str | None = None,
    ) -> Flow[Simulation]:
        """Whom a selection reaches, hits and misses, and what that costs and earns."""
        body = given(
            min_score=min_score,
            max_score=max_score,
            top_share=top_share,
            messages=messages,
            budget=budget,
            money=money,
            segment=segment,
        )
        return self.pose(f"{_PREDICTION}/simulations", body, name=prediction)

    @call
    def compare(
        self, prediction: str, scenarios: Sequence[Scenario], *, segment: str | None = None
    ) -> Flow[ScenarioComparison]:
        """Up to 20 selections side by side, on the same scores."""
        body = given(scenarios=list(scenarios), segment=segment)
        return self.pose(f"{_PREDICTION}/scenarios", body, name=prediction)

    @call
    def threshold_curve(
        self, prediction: str, *, money: Money | None = None, segment: str | None = None
    ) -> Flow[ThresholdCurve]:
        """The simulation at every whole threshold, and the best one where money is given."""
        query = given(segment=segment, **dict(money or {}))
        return self.read(f"{_PREDICTION}/threshold-curve", query, name=prediction)
