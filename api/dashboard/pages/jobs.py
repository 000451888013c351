"""Jobs of a prediction: what runs, how far it is, and what has come of the others."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded, tabs, told
from api.dashboard.numbers import moment, percent
from api.dashboard.parts import card, cell, element, empty, table
from api.dashboard.visit import SignedOut, Visit, visit_of
from predictive.jobs.queue import request_job
from predictive.predictions import show
from predictive.store.jobs import Job, JobKind

_STARTED: tuple[JobKind, ...] = ("build", "train", "score", "evaluate")
_REFRESH_SECONDS = 1.0
_SHOWN = 30
_COLUMNS = ("what", "state", "asked", "by", "actions")


@ui.page("/predictions/{name}/jobs")
async def jobs(request: Request, name: str) -> None:
    """List the newest jobs; what runs is brought up to date every second."""
    visit = visit_of(request)
    with frame(visit, "predictions", request.url.path):
        if await loaded(visit, show, visit.workspace, name) is None:
            return
        element("h1", name)
        tabs(visit, name, "jobs")
        await _Jobs(visit, name).build()


class _Jobs:
    def __init__(self, visit: Visit, name: str) -> None:
        self.visit, self.name = visit, name
        self.found: list[Job] = []

    async def build(self) -> None:
        if self.visit.allows("manage"):
            with element("div", classes="actions"):
                for kind in _STARTED:
                    start = ui.button(
                        self.visit.say(f"jobs.start.{kind}"), on_click=partial(self._start, kind)
                    )
                    start.props("outline" if kind != "build" else "")
        await self._read()
        self._list()
        ui.timer(_REFRESH_SECONDS, self._refresh)

    async def _read(self) -> bool:
        """Whether anything changed."""
        store, before = self.visit.workspace.store, self.found
        self.found = list(await self.visit.call(store.jobs.list, self.name, limit=_SHOWN))
        return self.found != before

    async def _refresh(self) -> None:
        try:
            if await self._read():
                self._list.refresh()
        except SignedOut:
            ui.navigate.to("/sign-in")

    @ui.refreshable_method
    def _list(self) -> None:
        say = self.visit.say
        if not self.found:
            empty(say("jobs.empty"), say("jobs.empty.next"))
            return
        columns = [say(f"jobs.{column}") for column in _COLUMNS]
        with card(), table(columns, say("tab.jobs")):
            for job in self.found:
                self._row(job, columns)

    def _row(self, job: Job, columns: list[str]) -> None:
        say = self.visit.say
        with element("tr"):
            with cell(columns[0]):
                element("span", say(f"job.{job.kind}"))
            with cell(columns[1]):
                self._state(job)
            with cell(columns[2]):
                element("span", moment(job.created_at))
            with cell(columns[3]):
                element("span", job.requested_by)
            with cell(columns[4]):
                if job.finished_at is None and self.visit.allows("manage"):
                    ui.button(say("jobs.stop"), on_click=partial(self._stop, job.id)).props(
                        "flat dense"
                    )

    def _state(self, job: Job) -> None:
        colour = {"failed": "bad", "succeeded": "good"}.get(job.state, "")
        element("span", self.visit.say(f"job.{job.state}"), classes=f"pill {colour}")
        if job.state == "running" and job.share is not None:
            meter = element("div", classes="meter progress", role="progressbar")
            meter.props["aria-valuenow"] = round(job.share * 100)
            meter.props["aria-label"] = job.stage or ""
            with meter:
                element("div").style(f"width: {job.share * 100:.0f}%")
            element("div", f"{job.stage or ''} {percent(job.share)}", classes="quiet small")
        elif job.error:
            element("div", str(job.error.get("message", "")), classes="problem small")

    async def _start(self, kind: JobKind) -> None:
        async with told(self.visit):
            await self.visit.call(
                request_job, self.visit.workspace, kind, self.name, by=self.visit.by
            )
            await self._refresh()

    async def _stop(self, job_id: str) -> None:
        async with told(self.visit):
            await self.visit.call(self.visit.workspace.store.jobs.request_cancel, job_id)
            await self._refresh()
