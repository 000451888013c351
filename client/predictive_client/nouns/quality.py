"""Quality: how good a prediction is, and why it says what it says."""

from __future__ import annotations

from predictive_client.answers import (
    Associations,
    ConfusionReport,
    Curves,
    EvaluationReport,
    Importance,
    QualityHistory,
    QualityReport,
)
from predictive_client.nouns.noun import Noun, Run, call
from predictive_client.steps import Flow

_PREDICTION = "/v1/predictions/{name}"


class Quality(Noun[Run]):
    """Expected from the backtest, and as it came true."""

    @call
    def show(self, prediction: str) -> Flow[QualityReport]:
        """Expected, and actual of every scoring run whose window has passed."""
        return self.read(f"{_PREDICTION}/quality", name=prediction)

    @call
    def history(self, prediction: str) -> Flow[QualityHistory]:
        """Expected and actual over time, by model version."""
        return self.read(f"{_PREDICTION}/quality/history", name=prediction)

    @call
    def of_run(self, prediction: str, run_id: str) -> Flow[EvaluationReport]:
        """One scoring run against what happened."""
        template = f"{_PREDICTION}/quality/runs/{{run_id}}"
        return self.read(template, name=prediction, run_id=run_id)

    @call
    def curves(self, prediction: str) -> Flow[Curves]:
        """Gains, lift, ROC, precision against recall, and calibration, of the backtest."""
        return self.read(f"{_PREDICTION}/curves", name=prediction)

    @call
    def confusion_matrix(self, prediction: str, threshold: float = 50.0) -> Flow[ConfusionReport]:
        """The four counts at a threshold, and every rate."""
        query = {"threshold": threshold}
        return self.read(f"{_PREDICTION}/confusion-matrix", query, name=prediction)

    @call
    def associations(self, prediction: str) -> Flow[Associations]:
        """Behaviours and attributes that go along with the outcome."""
        return self.read(f"{_PREDICTION}/associations", name=prediction)

    @call
    def importance(self, prediction: str) -> Flow[Importance]:
        """What the model goes by."""
        return self.read(f"{_PREDICTION}/importance", name=prediction)
