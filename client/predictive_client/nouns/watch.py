"""Alerts and the checks that open them."""

from __future__ import annotations

from predictive_client.answers import Alert, CheckReport, Job
from predictive_client.nouns.given import given
from predictive_client.nouns.noun import Noun, Run, call, items
from predictive_client.steps import Flow


class Alerts(Noun[Run]):
    """What the checks found wrong."""

    @items
    def list(self, prediction: str | None = None, *, open_only: bool | None = None) -> Flow[Alert]:
        """Alerts, newest first: about one prediction, or all."""
        query = given(open=open_only)
        if prediction is None:
            return self.listed("alerts", "/v1/alerts", query)
        return self.listed("alerts", "/v1/predictions/{name}/alerts", query, name=prediction)

    @call
    def show(self, number: int) -> Flow[Alert]:
        """One alert with the figures behind it."""
        return self.read("/v1/alerts/{number}", number=number)


class Checks(Noun[Run]):
    """Looks at data and predictions."""

    @call
    def start(self, prediction: str | None = None) -> Flow[Job]:
        """Queue a check of the data and all predictions, or of one."""
        return self.write("POST", "/v1/checks", given(prediction=prediction))

    @items
    def list(self, prediction: str | None = None) -> Flow[CheckReport]:
        """What checks have found, newest first."""
        return self.listed("checks", "/v1/checks", given(prediction=prediction))
