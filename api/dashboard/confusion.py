"""Right and wrong at a threshold that people choose: the confusion matrix and its rates."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from api.dashboard.frame import told
from api.dashboard.numbers import decimal, percent, whole
from api.dashboard.parts import card, cell, element, table, term
from api.dashboard.visit import Visit
from evaluation.intervals import interval_of_rate
from predictive import quality as service

_START = 75.0
#: Rates that people read, and the counts that each is made of: hits, then all that were tried.
_RATES = (
    ("precision", ("true_positives",), ("true_positives", "false_positives")),
    ("recall", ("true_positives",), ("true_positives", "false_negatives")),
    ("false_positive_rate", ("false_positives",), ("false_positives", "true_negatives")),
    ("specificity", ("true_negatives",), ("false_positives", "true_negatives")),
    (
        "accuracy",
        ("true_positives", "true_negatives"),
        ("true_positives", "true_negatives", "false_positives", "false_negatives"),
    ),
)


class ConfusionPanel:
    """The matrix of the backtest, anew at each threshold.

    Parameters
    ----------
    visit
        Who sees it.
    prediction
        Whose matrix it is.
    """

    def __init__(self, visit: Visit, prediction: str) -> None:
        self._visit, self._prediction = visit, prediction
        self._matrix: dict[str, Any] | None = None

    async def build(self) -> None:
        """Make the slider and what follows it."""
        say = self._visit.say
        with card():
            with element("h2"):
                term(say("quality.confusion"), say("quality.confusion.term"))
            with element("div", classes="fields"):
                self._number = ui.number(
                    say("simulator.threshold"), value=_START, min=0, max=100, on_change=self._read
                )
                self._slider = ui.slider(min=0, max=100, value=_START, on_change=self._slide)
                self._slider.props["aria-label"] = say("simulator.threshold")
            await self._read()
            self._shown()

    def _slide(self) -> None:
        self._number.set_value(self._slider.value)

    async def _read(self) -> None:
        threshold = self._number.value
        if threshold is None or not 0 <= threshold <= 100:
            return
        self._slider.set_value(threshold)
        async with told(self._visit):
            self._matrix = await self._visit.call(
                service.confusion_matrix_at,
                self._visit.workspace,
                self._prediction,
                float(threshold),
            )
            self._shown.refresh()

    @ui.refreshable_method
    def _shown(self) -> None:
        if self._matrix is not None:
            self._counts(self._matrix)
            self._rates(self._matrix)
            self._every_rate(self._matrix["rates"])

    def _counts(self, matrix: dict[str, Any]) -> None:
        say = self._visit.say
        columns = [say(f"quality.{key}") for key in ("predicted", "did", "did_not")]
        rows = (
            ("above", ("true_positives", "good"), ("false_positives", "bad")),
            ("below", ("false_negatives", "bad"), ("true_negatives", "good")),
        )
        with table(columns, say("quality.confusion")):
            for key, *counts in rows:
                with element("tr"):
                    with cell(columns[0]):
                        element("span", say(f"quality.{key}"))
                    for column, (name, colour) in zip(columns[1:], counts, strict=True):
                        with cell(column), element("span", classes=colour):
                            term(whole(matrix[name]), say(f"quality.cell.{name}"))

    def _rates(self, matrix: dict[str, Any]) -> None:
        say = self._visit.say
        with element("div", classes="figures"):
            for rate, hits, tried in _RATES:
                found = interval_of_rate(
                    sum(matrix[name] for name in hits), sum(matrix[name] for name in tried)
                )
                between = (
                    say("common.range", low=percent(found.low), high=percent(found.high))
                    if found
                    else ""
                )
                self._figure(rate, percent(found.value if found else None), between)
            lift = matrix["rates"]["lift"]
            shown = "–" if lift is None else say("simulator.lift.value", lift=decimal(lift))
            bounds = matrix["lift_interval"]
            between = (
                say("common.range", low=decimal(bounds["low"]), high=decimal(bounds["high"]))
                if bounds
                else ""
            )
            self._figure("lift", shown, between)

    def _figure(self, rate: str, value: str, between: str) -> None:
        with element("div", classes="figure"):
            with element("div", classes="name"):
                term(
                    self._visit.say(f"quality.rate.{rate}"),
                    self._visit.say(f"quality.rate.{rate}.term"),
                )
            element("div", value, classes="value")
            element("div", between, classes="range")

    def _every_rate(self, rates: dict[str, float | None]) -> None:
        say = self._visit.say
        columns = [say("quality.rate"), say("builder.value")]
        with (
            ui.expansion(say("quality.rates")).classes("more"),
            table(columns, say("quality.rates")),
        ):
            for name, value in rates.items():
                with element("tr"):
                    with cell(columns[0]):
                        element("span", say(f"rate.{name}"))
                    with cell(columns[1]):
                        element("span", "–" if value is None else decimal(value, 3))
