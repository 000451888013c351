"""A prediction's page: whom a threshold reaches, and what comes of it."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded, tabs, told
from api.dashboard.numbers import moment, whole
from api.dashboard.parts import card, element, empty
from api.dashboard.segment_dialog import segment_button
from api.dashboard.simulation import Trial
from api.dashboard.simulator import Simulator
from api.dashboard.visit import Visit, visit_of
from predictive.jobs.queue import request_job
from predictive.jobs.simulate import PublishedScores, published_scores
from predictive.predictions import show


@ui.page("/predictions/{name}")
async def prediction(request: Request, name: str) -> None:
    """Show the simulator, or how to get scores."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        shown = await loaded(visit, show, visit.workspace, name)
        if shown is None:
            return
        element("h1", name)
        tabs(visit, name, "simulator")
        if shown["scores"] is None:
            _unscored(visit, name)
        elif not visit.allows("simulate"):
            element("p", visit.say("common.needs", scope="simulate"), classes="card")
        else:
            published = await loaded(visit, published_scores, visit.workspace, name)
            if published is not None:
                _simulator(visit, name, published)


def _unscored(visit: Visit, name: str) -> None:
    with empty(visit.say("simulator.unscored"), visit.say("simulator.unscored.next")):
        if not visit.allows("manage"):
            return

        async def build() -> None:
            async with told(visit):
                await visit.call(request_job, visit.workspace, "build", name, by=visit.by)
                ui.notify(visit.say("simulator.build.asked"), type="positive")

        ui.button(visit.say("simulator.build"), on_click=build)


def _simulator(visit: Visit, name: str, published: PublishedScores) -> None:
    run = published.run
    element(
        "p",
        visit.say(
            "simulator.scored",
            users=whole(published.histogram.total),
            moment=moment(run.as_of),
            version=run.model_version,
        ),
        classes="quiet small",
    )
    trial = Trial(published.histogram, published.shift)
    Simulator(visit, published.kind, trial).build()
    if visit.allows("manage"):
        with card(visit.say("simulator.segment")):
            element("p", visit.say("simulator.segment.about"), classes="quiet small")
            segment_button(visit, name, trial)
