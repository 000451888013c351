"""Jobs, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, older_ones, sentence, title
from predictive.cli.views.words import NOTHING, moment, percent

_STYLES = {"succeeded": "green", "failed": "red", "cancelled": "yellow"}
#: Where to see what came of a job, by its kind.
_OUTCOMES = {
    "build": ("predictive models show {name}", "how good the champion is"),
    "train": ("predictive models list {name}", "the new version, and which one scores"),
    "score": ("predictive show {name}", "the scores as they are now"),
    "evaluate": ("predictive quality {name}", "what was promised and what came true"),
    "check": ("predictive alerts list", "what is wrong now"),
}


def view_jobs(console: Console, report: dict[str, Any]) -> None:
    """Jobs in a table, newest first."""
    if not report["jobs"]:
        sentence(console, "There is no such job. The worker makes them: predictive serve")
        return
    grid(
        console,
        ["Id", "Job", "State", "Asked for"],
        [
            [
                job["id"],
                " ".join(filter(None, (job["kind"], job["prediction"]))),
                _state(job),
                moment(job["created_at"]),
            ]
            for job in report["jobs"]
        ],
        rest="left",
        copied=True,
    )
    older_ones(console, report)


def view_job(console: Console, report: dict[str, Any]) -> None:
    """One job: where it stands, its log, and why it failed if it did."""
    title(console, report["kind"].capitalize(), report["prediction"] or "the workspace")
    facts(
        console,
        [
            ("id", report["id"]),
            ("state", _state(report)),
            ("asked for", f"{moment(report['created_at'])} by {report['requested_by'] or NOTHING}"),
            ("began", moment(report["started_at"])),
            ("ended", moment(report["finished_at"])),
        ],
    )
    if report["log"]:
        console.print()
    for line in report["log"]:
        style = {"error": "red", "warning": "yellow"}.get(line["level"], "")
        sentence(console, f"{line['at']:%H:%M:%S}  {line['message']}", style)
    if report["error"] is None:
        sentence(console, f"\n{report['state'].capitalize()}.", _STYLES.get(report["state"], ""))
    if report["state"] == "succeeded" and report["kind"] in _OUTCOMES:
        command, shows = _OUTCOMES[report["kind"]]
        next_steps(console, [(command.format(name=report["prediction"]), shows)])


def view_cancelled(console: Console, report: dict[str, Any]) -> None:
    """A job that was asked to stop."""
    at_once = report["state"] == "cancelled"
    title(console, "Cancelled" if at_once else "Stopping", report["id"])
    if not at_once:
        sentence(console, f"See it end: predictive jobs follow {report['id']}", "dim")


def _state(job: dict[str, Any]) -> str:
    if job["state"] != "running" or job["stage"] is None:
        return str(job["state"])
    share = "" if job["share"] is None else f", {percent(job['share'], 0)}"
    left = "" if job["seconds_left"] is None else f", {_duration(job['seconds_left'])} left"
    return f"running: {job['stage']}{share}{left}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
