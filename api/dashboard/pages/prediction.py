"""A prediction's page: whom a threshold reaches, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded, tabs, told
from api.dashboard.numbers import moment, whole
from api.dashboard.parts import card, element, empty
from api.dashboard.simulator.segment import segment_button
from api.dashboard.simulator.trial import Trial
from api.dashboard.simulator.view import Simulator
from api.dashboard.visit import Visit, visit_of
from predictive.jobs.queue import request_job
from predictive.predictions import show
from predictive.published import PublishedScores, published_scores


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
                saved = await visit.call(visit.workspace.store.segments.list)
                _simulator(visit, name, published, [segment.name for segment in saved])


def _unscored(visit: Visit, name: str) -> None:
    with empty(visit.say("simulator.unscored"), visit.say("simulator.unscored.next")):
        if not visit.allows("manage"):
            return

        async def build() -> None:
            async with told(visit):
                await visit.change(
                    "start build", name, request_job, visit.workspace, "build", name, by=visit.by
                )
                ui.notify(visit.say("simulator.build.asked"), type="positive")

        ui.button(visit.say("simulator.build"), on_click=build)


def _simulator(
    visit: Visit, name: str, published: PublishedScores, segments: Sequence[str]
) -> None:
    trial = Trial(published.histogram, published.shift)
    scored = element("p", _scored(visit, published), classes="quiet small", role="status")

    async def restrict(segment: str | None) -> bool:
        async with told(visit):
            part = await visit.call(published_scores, visit.workspace, name, segment=segment)
            trial.histogram, trial.shift, trial.segment = part.histogram, part.shift, segment
            scored.set_text(_scored(visit, part))  # type: ignore[attr-defined]
            return True
        return False

    simulator = Simulator(visit, published.kind, trial, segments, restrict)
    simulator.build()
    if visit.allows("manage"):
        with card(visit.say("simulator.segment")):
            element("p", visit.say("simulator.segment.about"), classes="quiet small")
            segment_button(visit, name, trial, simulator.selected)


def _scored(visit: Visit, published: PublishedScores) -> str:
    return visit.say(
        "simulator.scored.segment" if published.segment else "simulator.scored",
        users=whole(published.histogram.total),
        moment=moment(published.run.as_of),
        version=published.run.model_version,
        segment=published.segment["name"] if published.segment else "",
    )
