"""The counts of ``estimate``, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.words import count, moment


def view_estimate(console: Console, report: dict[str, Any]) -> None:
    """The audience, and what history holds against the published minimums."""
    title(
        console,
        report["prediction"],
        f"as of {moment(report['as_of'])}, {report['window_days']} days ahead",
    )
    sentence(console, f"The audience now: {count(report['audience'])} customers.\n")
    training = report["training"]
    grid(
        console,
        ["Different customers", "It came true", "It did not", "Needed of each"],
        [
            _row("in training", training),
            *(_row(f"in the test from {moment(test['as_of'])}", test) for test in report["tests"]),
        ],
    )
    if report["enough"]:
        sentence(console, "History holds enough to train.", "green")
        name = report["prediction"]
        next_steps(console, [(f"predictive train {name}", "train it and measure its quality")])
    else:
        sentence(console, "Not enough to train: " + report["problem"], "red")


def _row(label: str, counts: Mapping[str, Any]) -> list[str]:
    return [label, *(count(counts[key]) for key in ("positives", "negatives", "minimum"))]
