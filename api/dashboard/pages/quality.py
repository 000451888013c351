"""How good a prediction is: promised and come true, its curves, its errors at a threshold."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from api.dashboard.charts import lines
from api.dashboard.confusion import ConfusionPanel
from api.dashboard.frame import frame, loaded, tabs
from api.dashboard.numbers import decimal, moment, percent, whole
from api.dashboard.numbers import quality as shown_quality
from api.dashboard.parts import card, cell, element, quality_pill, table, term, unbuilt
from api.dashboard.visit import Visit, visit_of
from evaluation.intervals import interval_of_rate
from predictive import quality as service
from predictive.curves import show_curves
from predictive.predictions import show

Points = list[tuple[float, float]]
_SIDES = ("expected", "actual")


@ui.page("/predictions/{name}/quality")
async def quality(request: Request, name: str) -> None:
    """Show expected beside actual, the curves, the confusion matrix and the history."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        shown = await loaded(visit, show, visit.workspace, name)
        if shown is None:
            return
        element("h1", name)
        tabs(visit, name, "quality")
        if shown["model_version"] is None:
            unbuilt(visit, name)
            return
        report = await loaded(visit, service.quality, visit.workspace, name)
        curves = await loaded(visit, show_curves, visit.workspace, name)
        history = await loaded(visit, service.quality_history, visit.workspace, name)
        if report is None or curves is None or history is None:
            return
        _figures(visit, report)
        _compared(visit, report)
        _curves(visit, curves, report["actual"])
        await ConfusionPanel(visit, name).build()
        if report["actual"]:
            _came(visit, report["actual"])
        _history(visit, history)


def _figures(visit: Visit, report: dict[str, Any]) -> None:
    say, actual, estimate = visit.say, report["actual"], report["estimate"]
    with card(), element("div", classes="figures"):
        _quality(visit, "predictions.expected", report["expected"]["quality"])
        _quality(visit, "predictions.actual", actual["actual"]["quality"] if actual else None)
        if estimate is not None:
            with element("div", classes="figure"):
                with element("div", classes="name"):
                    when = moment(estimate["matures_at"])
                    term(say("quality.estimate"), say("quality.estimate.term", moment=when))
                element("div", shown_quality(estimate["value"]), classes="value")
                _between(visit, shown_quality(estimate["low"]), shown_quality(estimate["high"]))
        with element("div", classes="figure"):
            with element("div", classes="name"):
                term(say("quality.matured"), say("quality.matured.term"))
            of = say("quality.of", some=report["evaluated"], all=report["runs"])
            element("div", of, classes="value")


def _quality(visit: Visit, key: str, value: dict[str, Any] | None) -> None:
    with element("div", classes="figure"):
        with element("div", classes="name"):
            term(visit.say(key), visit.say(f"{key}.term"))
        if value is None:
            element("div", visit.say("predictions.not_yet"), classes="quiet")
            return
        quality_pill(visit, value["value"], value["label"])
        _between(visit, shown_quality(value["low"]), shown_quality(value["high"]))


def _between(visit: Visit, low: str, high: str) -> None:
    element("div", visit.say("common.range", low=low, high=high), classes="range")


def _compared(visit: Visit, report: dict[str, Any]) -> None:
    say, expected = visit.say, report["expected"]
    actual = report["actual"]["actual"] if report["actual"] else None
    columns = [say(f"quality.{name}") for name in ("measure", "expected", "actual")]
    with card(say("quality.compared")):
        element("p", say("quality.compared.about"), classes="quiet small")
        with table(columns, say("quality.compared")):
            for key in ("quality", "auc", "lift", "base_rate", "observed_expected", "n"):
                with element("tr"):
                    with cell(columns[0]):
                        term(say(f"quality.of.{key}"), say(f"quality.of.{key}.term"))
                    for column, block in zip(columns[1:], (expected, actual), strict=True):
                        with cell(column):
                            _measure(visit, key, block)
        if report["actual"] and not report["actual"].get("comparable", True):
            reason, said = report["actual"]["reason"], report["actual"].get("reason_said")
            element("p", visit.words(reason, said), classes="problem small")


def _measure(visit: Visit, key: str, block: dict[str, Any] | None) -> None:
    if block is None:
        element("span", "–")
        return
    quality = block["quality"]
    low, high = quality["low"], quality["high"]
    match key:
        case "quality":
            element("div", shown_quality(quality["value"]))
            _between(visit, shown_quality(low), shown_quality(high))
        case "auc":
            # Quality is 100 · (2 · AUC − 1), so its interval is that of the AUC.
            element("div", decimal(block["auc"], 3))
            _between(visit, decimal(low / 200 + 0.5, 3), decimal(min(1.0, high / 200 + 0.5), 3))
        case "lift":
            element(
                "div", visit.say("simulator.lift.value", lift=decimal(block["lift_top_decile"]))
            )
            _bounds(visit, block, "lift_top_decile", 1)
        case "base_rate":
            element("div", percent(block.get("base_rate", block["positives"] / block["n"])))
            if found := interval_of_rate(block["positives"], block["n"]):
                _between(visit, percent(found.low), percent(found.high))
        case "observed_expected":
            element("div", decimal(block["calibration"]["observed_expected"], 2))
            _bounds(visit, block, "observed_expected", 2)
        case _:
            told = {"users": whole(block["n"]), "positives": whole(block["positives"])}
            element("div", visit.say("quality.of.n.value", **told))


def _bounds(visit: Visit, block: dict[str, Any], measure: str, places: int) -> None:
    # Reports of before intervals were kept have none.
    bounds = block.get("intervals", {}).get(measure)
    if bounds:
        _between(visit, decimal(bounds["low"], places), decimal(bounds["high"], places))


def _curves(visit: Visit, curves: dict[str, Any], evaluated: dict[str, Any] | None) -> None:
    say = visit.say

    def points(curve: str, across: str, up: str, scale: float = 100.0) -> Points:
        return [(100 * each[across], scale * each[up]) for each in curves[curve]]

    observed = points("calibration", "expected", "observed")
    band = points("calibration", "expected", "low"), points("calibration", "expected", "high")
    kept = evaluated["calibration_curve"] if evaluated else []
    came = [(100 * each["expected"], 100 * each["observed"]) for each in kept]
    top = max((max(point) for point in [*observed, *came]), default=100.0)
    charts: tuple[tuple[str, Points, Points, tuple[str, str], tuple[Points, ...]], ...] = (
        ("gains", points("gains", "share", "captured"), [(0, 0), (100, 100)],
         ("quality.reached", "quality.found"), ()),
        ("lift", points("lift", "share", "lift", 1.0), [(0, 1), (100, 1)],
         ("quality.reached", "quality.times"), ()),
        ("calibration", observed, [(0, 0), (top, top)],
         ("quality.promised", "quality.came"), band),
    )  # fmt: skip
    with element("div", classes="thirds"):
        for key, drawn, chance, (across, up), bounds in charts:
            with card():
                with element("h2"):
                    term(say(f"quality.{key}"), say(f"quality.{key}.term"))
                beside = came if key == "calibration" else []
                options = lines(drawn, chance, say(across), say(up), bounds, beside)
                chart = ui.echart(options).classes("chart")
                chart.props["role"] = "img"
                chart.props["aria-label"] = say(f"quality.{key}.term")
                if beside:
                    element("p", say("quality.calibration.came"), classes="quiet small")


def _came(visit: Visit, evaluated: dict[str, Any]) -> None:
    """Right and wrong at the bounds of the categories, as expected of the run and as they came."""
    say = visit.say
    keys = ("true_positives", "false_positives", "false_negatives")
    columns = [say("simulator.threshold"), *(say(f"quality.came.{key}") for key in keys)]
    pairs = zip(evaluated["confusion_matrices"], evaluated["true_positives"], strict=True)
    with card():
        with element("h2"):
            term(say("quality.came.bounds"), say("quality.came.bounds.term"))
        when = moment(evaluated["as_of"])
        element("p", say("quality.came.about", moment=when), classes="quiet small")
        with table(columns, say("quality.came.bounds")):
            for matrix, hits in pairs:
                with element("tr"):
                    with cell(columns[0]):
                        element("span", decimal(matrix["threshold"], 2))
                    for column, key in zip(columns[1:], keys, strict=True):
                        with cell(column):
                            told = {side: whole(matrix[side][key]) for side in _SIDES}
                            with element("div"):
                                term(say("quality.came.value", **told), say(f"quality.cell.{key}"))
                            if key == "true_positives":
                                bounds = hits["expected"]
                                _between(visit, whole(bounds["low"]), whole(bounds["high"]))


def _history(visit: Visit, history: dict[str, Any]) -> None:
    say = visit.say
    columns = [
        say(f"quality.{name}") for name in ("as_of", "model", "expected", "actual", "matures")
    ]
    runs = [
        (run, model["expected"]) for model in history["models"] for run in model["runs"]
    ]  # fmt: skip
    runs.sort(key=lambda each: each[0]["as_of"], reverse=True)
    with card(say("quality.history")):
        if not runs:
            element("p", say("quality.history.empty"), classes="quiet")
            return
        with table(columns, say("quality.history")):
            for run, promised in runs:
                with element("tr"):
                    with cell(columns[0]):
                        element("span", moment(run["as_of"]))
                    with cell(columns[1]):
                        element("span", str(run["model_version"]))
                    for column, value in (
                        (columns[2], run["expected"] or promised),
                        (columns[3], run["actual"]),
                    ):
                        with cell(column):
                            _past(visit, value)
                    with cell(columns[4]):
                        element("span", moment(run["matures_at"]))


def _past(visit: Visit, quality: dict[str, Any] | None) -> None:
    if quality is None:
        element("span", visit.say("predictions.not_yet"), classes="quiet")
        return
    quality_pill(visit, quality["value"], quality["label"])
    _between(visit, shown_quality(quality["low"]), shown_quality(quality["high"]))
