"""How good a prediction is: promised and come true, its curves, its errors at a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui

from api.dashboard.charts import lines
from api.dashboard.frame import frame, loaded, tabs, told
from api.dashboard.numbers import decimal, moment, percent, whole
from api.dashboard.numbers import quality as shown_quality
from api.dashboard.parts import card, cell, element, quality_pill, table, term
from api.dashboard.visit import Visit, visit_of
from evaluation.calibration import CalibrationCurve, calibration_curve
from evaluation.curves import GainsCurve, LiftCurve, gains, lift
from predictive import quality as service
from predictive.errors import Conflict
from predictive.model_folder import read_backtest
from predictive.workspace import Workspace

_RATES = ("precision", "recall", "specificity", "false_discovery_rate", "accuracy", "lift")
_START = 75.0


@dataclass(frozen=True)
class Curves:
    """Of the champion's backtest, all test snapshots together."""

    gains: GainsCurve
    lift: LiftCurve
    calibration: CalibrationCurve


@ui.page("/predictions/{name}/quality")
async def quality(request: Request, name: str) -> None:
    """Show expected beside actual, the curves, the confusion matrix and the history."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        element("h1", name)
        tabs(visit, name, "quality")
        report = await loaded(visit, service.quality, visit.workspace, name)
        if report is None:
            return
        _figures(visit, report)
        curves = await loaded(visit, curves_of, visit.workspace, name)
        if curves is not None:
            _curves(visit, curves)
            await _Confusion(visit, name).build()
        _history(visit, report)


def curves_of(workspace: Workspace, name: str) -> Curves:
    """The curves of the champion.

    Raises
    ------
    Conflict
        There is no champion.
    """
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict(f"Prediction {name!r} has no model yet. Train it first.")
    tested = read_backtest(workspace.path / champion.folder)
    return Curves(
        gains(tested.labels, tested.scores),
        lift(tested.labels, tested.scores),
        calibration_curve(tested.labels, tested.probabilities),
    )


def _figures(visit: Visit, report: dict[str, Any]) -> None:
    actual = report["actual"]
    with card(), element("div", classes="figures"):
        _figure(visit, "predictions.expected", report["expected"]["quality"])
        _figure(visit, "predictions.actual", actual["actual"]["quality"] if actual else None)
        with element("div", classes="figure"):
            with element("div", classes="name"):
                term("AUC", visit.say("quality.auc.term"))
            element("div", decimal(report["expected"]["auc"], 3), classes="value")
        with element("div", classes="figure"):
            element("div", visit.say("quality.matured"), classes="name")
            of = visit.say("quality.of", some=report["evaluated"], all=report["runs"])
            element("div", of, classes="value")


def _figure(visit: Visit, key: str, value: dict[str, Any] | None) -> None:
    with element("div", classes="figure"):
        with element("div", classes="name"):
            term(visit.say(key), visit.say(f"{key}.term"))
        if value is None:
            element("div", visit.say("predictions.not_yet"), classes="quiet")
            return
        quality_pill(visit, value["value"], value["label"])
        low, high = shown_quality(value["low"]), shown_quality(value["high"])
        element("div", visit.say("common.range", low=low, high=high), classes="range")


def _curves(visit: Visit, curves: Curves) -> None:
    say = visit.say
    captured = zip(curves.gains.share * 100, curves.gains.captured * 100, strict=True)
    lifted = zip(curves.lift.share * 100, curves.lift.lift, strict=True)
    rates = curves.calibration
    observed = zip(rates.expected * 100, rates.observed * 100, strict=True)
    top = float(max(rates.expected.max(), rates.observed.max()) * 100)
    charts: tuple[tuple[str, Any, Any, tuple[str, str]], ...] = (
        ("gains", captured, [(0, 0), (100, 100)], ("quality.reached", "quality.found")),
        ("lift", lifted, [(0, 1), (100, 1)], ("quality.reached", "quality.times")),
        ("calibration", observed, [(0, 0), (top, top)], ("quality.promised", "quality.came")),
    )
    with element("div", classes="thirds"):
        for key, points, chance, (across, up) in charts:
            with card():
                with element("h2"):
                    term(say(f"quality.{key}"), say(f"quality.{key}.term"))
                chart = ui.echart(lines(points, chance, say(across), say(up))).classes("chart")
                chart.props["role"] = "img"
                chart.props["aria-label"] = say(f"quality.{key}.term")


class _Confusion:
    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.name = visit, name
        self.matrix: dict[str, Any] | None = None

    async def build(self) -> None:
        say = self.visit.say
        with card():
            with element("h2"):
                term(say("quality.confusion"), say("quality.confusion.term"))
            self._threshold = ui.number(
                say("simulator.threshold"), value=_START, min=0, max=100, on_change=self._read
            )
            await self._read()
            self._shown()

    async def _read(self) -> None:
        threshold = self._threshold.value
        if threshold is None:
            return
        async with told(self.visit):
            self.matrix = await self.visit.call(
                service.confusion_matrix_at, self.visit.workspace, self.name, float(threshold)
            )
            self._shown.refresh()

    @ui.refreshable_method
    def _shown(self) -> None:
        say, matrix = self.visit.say, self.matrix
        if matrix is None:
            return
        columns = [say(f"quality.{key}") for key in ("predicted", "did", "did_not")]
        rows = (
            ("above", matrix["true_positives"], matrix["false_positives"]),
            ("below", matrix["false_negatives"], matrix["true_negatives"]),
        )
        with table(columns, say("quality.confusion")):
            for key, *counts in rows:
                with element("tr"):
                    texts = [say(f"quality.{key}"), *map(whole, counts)]
                    for column, text in zip(columns, texts, strict=True):
                        with cell(column):
                            element("span", text)
        with element("div", classes="figures"):
            for rate in _RATES:
                value = matrix["rates"][rate]
                with element("div", classes="figure"):
                    element("div", say(f"quality.rate.{rate}"), classes="name")
                    shown = percent(value) if rate != "lift" else decimal(value or 0, 2)
                    element("div", shown, classes="value")


def _history(visit: Visit, report: dict[str, Any]) -> None:
    names = ("as_of", "model", "expected", "actual", "matures")
    columns = [visit.say(f"quality.{name}") for name in names]
    with card(visit.say("quality.history")):
        if not report["history"]:
            element("p", visit.say("quality.history.empty"), classes="quiet")
            return
        with table(columns, visit.say("quality.history")):
            for run in report["history"]:
                with element("tr"):
                    texts = (
                        moment(run["as_of"]),
                        str(run["model_version"]),
                        _value(run["expected"]),
                        _value(run["actual"]),
                        moment(run["matures_at"]),
                    )
                    for column, text in zip(columns, texts, strict=True):
                        with cell(column):
                            element("span", text)


def _value(quality: dict[str, Any] | None) -> str:
    return "–" if quality is None else shown_quality(quality["value"])
