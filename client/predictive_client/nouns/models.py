"""Model versions of a prediction."""

from __future__ import annotations

from predictive_client.answers import ModelCard, ModelShown, ModelVersion, Promoted
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow

_ALL = "/v1/predictions/{name}/models"
_ONE = f"{_ALL}/{{version}}"


class Models(Noun[Run]):
    """What was trained, and which version scores."""

    @items
    def list(self, prediction: str) -> Flow[ModelVersion]:
        """All versions, newest first."""
        return self.listed("models", _ALL, name=prediction)

    @call
    def show(self, prediction: str, version: int) -> Flow[ModelShown]:
        """One version with its training report."""
        return self.read(_ONE, name=prediction, version=version)

    @call
    def card(self, prediction: str, version: int) -> Flow[ModelCard]:
        """Data, definition, features, quality, curves and limits of a version."""
        return self.read(f"{_ONE}/card", name=prediction, version=version)

    @call
    def promote(self, prediction: str, version: int) -> Flow[Promoted]:
        """Let a version score from the next scoring run on."""
        return self.write("POST", f"{_ONE}/promote", name=prediction, version=version)

    @call
    def roll_back(self, prediction: str) -> Flow[Promoted]:
        """Go back to the version that scored before."""
        return self.write("POST", "/v1/predictions/{name}/rollback", name=prediction)
