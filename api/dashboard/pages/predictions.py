"""The first page: all predictions and how good they are."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded
from api.dashboard.numbers import moment, whole
from api.dashboard.numbers import quality as shown_quality
from api.dashboard.overview import Line, Overview, overview
from api.dashboard.parts import card, cell, element, empty, no_events, quality_pill, table, term
from api.dashboard.visit import Visit, visit_of


@ui.page("/")
async def predictions(request: Request) -> None:
    """List the predictions, or say how to begin."""
    visit = visit_of(request)
    with frame(visit, "predictions", "/"):
        element("h1", visit.say("predictions.title"))
        found: Overview | None = await loaded(visit, overview, visit.workspace)
        if found is None:
            return
        if found.lines:
            _list(visit, found.lines)
            _below(visit, found)
        elif found.data_end is None:
            no_events(visit)
        else:
            with empty(visit.say("predictions.empty"), visit.say("predictions.empty.next")):
                _new(visit)


def _below(visit: Visit, found: Overview) -> None:
    with element("div", classes="head"):
        end = moment(found.data_end) if found.data_end else visit.say("common.none")
        with element("p", classes="quiet small"):
            term(
                visit.say("predictions.data_end", moment=end),
                visit.say("predictions.data_end.term"),
            )
        _new(visit)


def _new(visit: Visit) -> None:
    if visit.allows("manage"):
        element("a", visit.say("predictions.new"), href="/new-prediction", classes="button")
    else:
        element("p", visit.say("common.needs", scope="manage"), classes="quiet small")


def _list(visit: Visit, lines: list[Line]) -> None:
    names = ("name", "state", "expected", "actual", "last_build", "next", "alerts")
    columns = [visit.say(f"predictions.{name}") for name in names]
    fills = (_name, _state, _expected, _actual, _build, _next, _alerts)
    with card(), table(columns, visit.say("predictions.title")):
        for line in lines:
            with element("tr"):
                for column, fill in zip(columns, fills, strict=True):
                    with cell(column):
                        fill(visit, line)


def _name(visit: Visit, line: Line) -> None:
    name = line.summary["name"]
    element("a", name, href=f"/predictions/{quote(name, safe='')}")
    kind = visit.say(f"kind.{line.summary['kind']}")
    window = visit.say("predictions.within", days=line.summary["window_days"])
    element("div", f"{kind}, {window}", classes="quiet small")
    if line.summary["scores"]:
        users = whole(line.summary["scores"]["users"])
        element("div", visit.say("predictions.users", users=users), classes="quiet small")


def _state(visit: Visit, line: Line) -> None:
    state = line.summary["state"]
    with element("span", classes="pill good" if state == "active" else "pill"):
        term(visit.say(f"state.{state}"), visit.say(f"state.{state}.term"))


def _expected(visit: Visit, line: Line) -> None:
    if line.summary["quality"] is None:
        element("span", visit.say("predictions.untrained"), classes="quiet")
    else:
        _quality(visit, line.summary["quality"], "expected")


def _actual(visit: Visit, line: Line) -> None:
    if line.actual is None:
        element("span", visit.say("predictions.not_yet"), classes="quiet")
    else:
        _quality(visit, line.actual, "actual")


def _quality(visit: Visit, told: dict[str, Any], which: str) -> None:
    quality_pill(visit, told["value"], told["label"])
    low, high = told.get("low"), told.get("high")
    if low is not None and high is not None:
        shown = visit.say("common.range", low=shown_quality(low), high=shown_quality(high))
        with element("div", classes="quiet small"):
            term(shown, visit.say(f"predictions.{which}.term"))


def _build(visit: Visit, line: Line) -> None:
    job = line.build
    if job is None:
        said = "predictions.by_hand" if line.trained else "predictions.untrained"
        element("span", visit.say(said), classes="quiet")
        if line.trained:
            element("div", moment(line.trained), classes="quiet small")
        return
    text = f"{visit.say(f'job.{job.kind}')}: {visit.say(f'job.{job.state}')}"
    with element("span", classes="problem" if job.state == "failed" else ""):
        element("a", text, href=f"/predictions/{quote(line.summary['name'], safe='')}/jobs")
    element("div", moment(job.finished_at or job.created_at), classes="quiet small")


def _next(visit: Visit, line: Line) -> None:
    if line.next_scores is None:
        element("span", visit.say("predictions.next.none"), classes="quiet")
    else:
        element("span", moment(line.next_scores))


def _alerts(visit: Visit, line: Line) -> None:
    if line.alerts:
        with element("span", classes="pill bad"):
            element("a", visit.say("predictions.alerts.open", count=line.alerts), href="/alerts")
    else:
        element("span", visit.say("common.none"), classes="quiet")
