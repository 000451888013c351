"""A scoring run, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.words import count, moment, percent


def view_scoring(console: Console, report: dict[str, Any]) -> None:
    """How many customers were scored, and how their scores are spread."""
    name, users = report["prediction"], report["users"]
    title(
        console,
        name,
        f"scored as of {moment(report['as_of'])} by model version {report['model_version']}",
    )
    sentence(console, f"{count(users)} customers scored and published, run {report['run_id']}.")
    sentence(console, f"Expected of them to come true: {count(report['expected_positives'])}.\n")
    grid(
        console,
        ["Likelihood", "Customers", "Share"],
        [
            [category, count(number), percent(number / users if users else None)]
            for category, number in report["categories"].items()
        ],
    )
    if not report["categories"]["high"]:
        sentence(console, "Nobody here has three times the average odds, which a 75 needs.", "dim")
    if report["out"]:
        sentence(console, f"Written to {report['out']}")
    next_steps(
        console,
        [
            (f"predictive simulate {name} --min-score 75", "see what a threshold reaches"),
            ("predictive serve", "serve the scores over HTTP"),
        ],
    )
