"""Why customers do it, as far as data can tell: what goes along, and what the model goes by."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded, tabs
from api.dashboard.numbers import percent, ratio, whole
from api.dashboard.parts import card, cell, element, table, unbuilt
from api.dashboard.visit import Visit, visit_of
from predictive.predictions import show
from predictive.why import show_why


@ui.page("/predictions/{name}/why")
async def why(request: Request, name: str) -> None:
    """Show associations and importance of the champion."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        shown = await loaded(visit, show, visit.workspace, name)
        if shown is None:
            return
        element("h1", name)
        tabs(visit, name, "why")
        if shown["model_version"] is None:
            unbuilt(visit, name)
            return
        found = await loaded(visit, show_why, visit.workspace, name)
        if found is None:
            return
        for finding in found["leakage"]:
            _leak(visit, finding)
        element("p", visit.say("why.cause"), classes="quiet")
        with element("div", classes="split even"):
            for direction in ("more_likely", "less_likely"):
                with card(visit.say(f"why.{direction}")):
                    _associations(visit, found["associations"][direction], direction)
        with card(visit.say("why.importance")):
            element("p", visit.say("why.importance.about"), classes="quiet small")
            _importance(visit, found["importance"]["topics"])


def _leak(visit: Visit, finding: dict[str, Any]) -> None:
    """What looks as if the model had been told the outcome, and what to do about it."""
    said = finding.get("said", {})
    with element("div", classes="card"):
        colour = "problem" if finding["severity"] == "warning" else ""
        element("p", visit.words(finding["words"], said.get("words")), classes=colour)
        element("p", visit.words(finding["advice"], said.get("advice")), classes="quiet small")


def _associations(visit: Visit, found: list[dict[str, Any]], direction: str) -> None:
    if not found:
        element("p", visit.say("why.nothing"), classes="quiet")
        return
    names = ("behaviour", "customers", "rate", "ratio")
    columns = [visit.say(f"why.{name}") for name in names]
    with table(columns, visit.say(f"why.{direction}")):
        for each in found:
            low, high = ratio(each["low"]), ratio(each["high"])
            with element("tr"):
                with cell(columns[0]):
                    element("span", visit.words(each["words"], each.get("said")))
                with cell(columns[1]):
                    element("span", whole(each["customers"]))
                with cell(columns[2]):
                    element("span", percent(each["rate"]))
                with cell(columns[3]):
                    element("div", visit.say("simulator.lift.value", lift=ratio(each["ratio"])))
                    shown = visit.say("common.range", low=low, high=high)
                    element("div", shown, classes="range")


def _importance(visit: Visit, topics: list[dict[str, Any]]) -> None:
    for topic in topics:
        with element("div", classes="figure"):
            words = visit.words(topic["words"], topic.get("said"))
            element("div", f"{words}: {percent(topic['share'])}")
            with (
                element("div", classes="meter progress", role="presentation"),
                element("div").style(f"width: {topic['share'] * 100:.1f}%"),
            ):
                pass
