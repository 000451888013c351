"""What a prediction's newest job is doing, told anew every second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nicegui.element import Element

from api.dashboard.numbers import percent
from api.dashboard.parts import card, element
from api.dashboard.visit import Visit
from predictive.store.jobs import Job

#: Stages with words of our own; others are told as the job tells them.
_STAGES = {
    "Counting users": "counting",
    "Checking": "checking",
    "Writing": "writing",
    "Backtesting the champion's recipe": "rival",
    "Computing features": "features",
    "Backtesting": "backtest",
    "Fitting the deployed model": "fitting",
    "Looking for reasons and leaks": "reasons",
    "Saving": "saving",
    "Scoring": "scoring",
    "Evaluating": "evaluating",
}
_MAKES_SCORES = frozenset({"build", "score"})


def failure(visit: Visit, error: Mapping[str, Any]) -> str:
    """Why a job failed, in the visitor's language."""
    return visit.words(str(error.get("message", "")), error.get("said"))


class RunningJob:
    """The newest job: how far it is, or what has come of it.

    Parameters
    ----------
    visit
        Who sees it.
    prediction
        Whose job it is.
    """

    def __init__(self, visit: Visit, prediction: str) -> None:
        self._visit, self._prediction = visit, prediction
        self._shown: tuple[str, str] | None = None
        with card() as self._card:
            self._body = element("div")
        self._card.set_visibility(False)

    def show(self, job: Job | None) -> None:
        """Tell of this job; what did not change stays as it is."""
        self._card.set_visibility(job is not None)
        if job is None:
            return
        if (job.id, job.state) != self._shown:
            self._shown = (job.id, job.state)
            self._build(job)
        if job.state == "running":
            self._advance(job)

    def _build(self, job: Job) -> None:
        say = self._visit.say
        self._body.clear()
        with self._body:
            with element("div", role="status"):
                element("h2", say(f"jobs.{job.state}", what=say(f"job.{job.kind}")))
            if job.state == "queued":
                element("p", say("jobs.queued.about"), classes="quiet small")
            elif job.state == "running":
                self._progress()
            elif job.state == "failed":
                element("p", failure(self._visit, job.error or {}), classes="problem")
            elif job.state == "succeeded" and job.kind in _MAKES_SCORES:
                self._next()

    def _progress(self) -> None:
        self._meter = element("div", classes="meter progress", role="progressbar")
        self._meter.props["aria-label"] = self._visit.say("jobs.progress")
        with self._meter:
            self._filled: Element = element("div")
        self._words = element("p", " ", classes="quiet small")

    def _advance(self, job: Job) -> None:
        say = self._visit.say
        share = job.share or 0.0
        known = _STAGES.get(job.stage or "")
        words = say(f"jobs.stage.{known}") if known else job.stage or ""
        if job.share is not None:
            words += f" · {percent(share)}"
        if job.seconds_left is not None:
            words += " · " + say("jobs.left", seconds=max(1, round(job.seconds_left)))
        self._filled.style(f"width: {100 * share:.0f}%")
        self._meter.props["aria-valuenow"] = round(100 * share)
        self._meter.props["aria-valuetext"] = words
        self._words.set_text(words)  # type: ignore[attr-defined]

    def _next(self) -> None:
        page = f"/predictions/{quote(self._prediction, safe='')}"
        with element("div", classes="actions"):
            element("a", self._visit.say("jobs.see.simulator"), href=page, classes="button")
            element("a", self._visit.say("jobs.see.quality"), href=f"{page}/quality")
