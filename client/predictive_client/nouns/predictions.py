"""Predictions: create, estimate, read, archive, delete."""

from __future__ import annotations

from datetime import datetime

from predictive_client.answers import (
    Applied,
    Change,
    Deleted,
    EstimateReport,
    PredictionShown,
    PredictionSummary,
    State,
    StateChange,
    Validated,
)
from predictive_client.nouns.given import moment
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.questions import Document
from predictive_client.steps import Flow, Request

_ALL = "/v1/predictions"
_ONE = f"{_ALL}/{{name}}"


class Predictions(Noun[Run]):
    """What is predicted, for whom."""

    @call
    def apply(self, definition: Document) -> Flow[Applied]:
        """Create a prediction from its definition, or give it a new version."""
        return self.write("POST", _ALL, definition)

    @call
    def validate(self, definition: Document) -> Flow[Validated]:
        """What applying it would do, with the same errors; nothing is changed."""
        return self.pose(f"{_ALL}/validate", definition)

    @call
    def estimate(self, name: str, as_of: datetime | str | None = None) -> Flow[EstimateReport]:
        """Count before training: the audience, and positives and negatives in history."""
        body = {"as_of": moment(as_of)} if as_of is not None else None
        return self.pose(f"{_ONE}/estimate", body, name=name)

    @call
    def estimate_definition(
        self, definition: Document, as_of: datetime | str | None = None
    ) -> Flow[EstimateReport]:
        """The same for a definition that need not be saved."""
        query = {"as_of": moment(as_of)}
        return self.ask(Request("POST", f"{_ALL}/estimate", query=query, body=definition))

    @items
    def list(self) -> Flow[PredictionSummary]:
        """All predictions, by name."""
        return self.listed("predictions", _ALL)

    @call
    def show(self, name: str) -> Flow[PredictionShown]:
        """The definition, the models and the published scoring run."""
        return self.read(_ONE, name=name)

    @call
    def set_state(self, name: str, state: State) -> Flow[StateChange]:
        """Activate, archive, put in preview or set aside as a draft."""
        return self.write("POST", f"{_ONE}/state", {"state": state}, name=name)

    @items
    def history(self, name: str) -> Flow[Change]:
        """What changed, when and by which key, newest first; also of one that was deleted."""
        return self.listed("changes", f"{_ONE}/history", name=name)

    @call
    def delete(self, name: str) -> Flow[Deleted]:
        """Delete it with its models, scores and archives."""
        return self.write("DELETE", _ONE, name=name)
