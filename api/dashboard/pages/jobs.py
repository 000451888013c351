"""Jobs of a prediction: what runs, how far it is, and what has come of the others."""

from __future__ import annotations

from functools import partial

from fastapi import Request
from nicegui import ui

from api.dashboard.frame import frame, loaded, tabs, told
from api.dashboard.numbers import moment
from api.dashboard.parts import card, cell, element, empty, table
from api.dashboard.running_job import RunningJob, failure
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
        self.names: dict[str, str] = {}

    async def build(self) -> None:
        if self.visit.allows("manage"):
            with element("div", classes="actions"):
                for kind in _STARTED:
                    start = ui.button(
                        self.visit.say(f"jobs.start.{kind}"), on_click=partial(self._start, kind)
                    )
                    start.props("outline" if kind != "build" else "")
                    start.props["title"] = self.visit.say(f"jobs.start.{kind}.term")
        await self._read()
        self._newest = RunningJob(self.visit, self.name)
        self._newest.show(self.found[0] if self.found else None)
        self._list()
        ui.timer(_REFRESH_SECONDS, self._refresh)

    async def _read(self) -> bool:
        """Whether a job was added, or its state changed."""
        before = [(job.id, job.state) for job in self.found]
        self.found, self.names = await self.visit.call(self._look)
        return [(job.id, job.state) for job in self.found] != before

    def _look(self) -> tuple[list[Job], dict[str, str]]:
        store = self.visit.workspace.store
        names = {f"key {key.id}": key.name for key in store.keys.list()}
        return list(store.jobs.list(self.name, limit=_SHOWN)), names

    async def _refresh(self) -> None:
        try:
            changed = await self._read()
        except SignedOut:
            ui.navigate.to("/sign-in")
            return
        self._newest.show(self.found[0] if self.found else None)
        if changed:
            self._list.refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        say = self.visit.say
        if not self.found:
            empty(say("jobs.empty"), say("jobs.empty.next"))
            return
        columns = [say(f"jobs.{column}") for column in _COLUMNS]
        with card(say("jobs.all")), table(columns, say("jobs.all")):
            for job in self.found:
                self._row(job, columns)

    def _row(self, job: Job, columns: list[str]) -> None:
        say = self.visit.say
        by = {"schedule": say("jobs.by.schedule"), "command line": say("jobs.by.command_line")}
        with element("tr"):
            with cell(columns[0]):
                element("span", say(f"job.{job.kind}"))
            with cell(columns[1]):
                self._state(job)
            with cell(columns[2]):
                element("span", moment(job.created_at))
            with cell(columns[3]):
                asked = job.requested_by
                element("span", by.get(asked) or self.names.get(asked, asked))
            with cell(columns[4]):
                if job.finished_at is None and self.visit.allows("manage"):
                    ui.button(say("jobs.stop"), on_click=partial(self._stop, job.id)).props(
                        "flat dense"
                    )

    def _state(self, job: Job) -> None:
        colour = {"failed": "bad", "succeeded": "good"}.get(job.state, "")
        element("span", self.visit.say(f"job.{job.state}"), classes=f"pill {colour}")
        if job.error:
            element("div", failure(self.visit, job.error), classes="problem small")

    async def _start(self, kind: JobKind) -> None:
        async with told(self.visit):
            visit = self.visit
            await visit.change(
                f"start {kind}",
                self.name,
                request_job,
                visit.workspace,
                kind,
                self.name,
                by=visit.by,
            )
            await self._refresh()

    async def _stop(self, job_id: str) -> None:
        async with told(self.visit):
            stop = self.visit.workspace.store.jobs.request_cancel
            await self.visit.change("cancel job", job_id, stop, job_id)
            await self._refresh()
