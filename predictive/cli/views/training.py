"""A training run, as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.models import promotion_step
from predictive.cli.views.quality import folds, headline, measures, outcome
from predictive.cli.views.why import leaks
from predictive.cli.views.words import count, counted, decimal, moment, on_screen


def view_training(console: Console, report: dict[str, Any]) -> None:
    """How good the model is, how it was tested, what it is made of."""
    name, did = report["prediction"], outcome(report["kind"])
    title(
        console,
        name,
        f"trained as of {moment(report['as_of'])}, model version {report['model_version']}",
    )
    console.print()
    headline(console, "Prediction Quality", report["quality"])
    tests = len(report["folds"])
    each = "" if tests == 1 else ", each counted in every period"
    sentence(
        console,
        f"Tested on {counted(tests, 'past period')} of {report['window_days']} days that the "
        f"model had not seen: {count(report['n'])} customers{each}, "
        f"{count(report['positives'])} of them {did}.",
    )
    console.print()
    folds(console, report["folds"], did)
    measures(console, report, did)
    console.print()
    _candidates(console, report["candidates"], report["chosen"])
    if report["selection"] == "cross-validation":
        sentence(
            console,
            "History is a window short, so the choice was made by cross-validation. "
            "Older events would make it surer.",
            "yellow",
        )
    _promotion(console, report)
    leaks(console, [each for each in report["leakage"] if each["severity"] == "warning"])
    waits = not report["promoted"] and not report["data_broken"]
    next_steps(
        console,
        [
            *([promotion_step(name, report["model_version"])] if waits else []),
            (f"predictive score {name}", "score every customer of the audience"),
            (f"predictive simulate {name} --min-score 75", "see what a threshold reaches"),
            (f"predictive why {name}", "see what goes along with it"),
        ],
    )


def _promotion(console: Console, report: Mapping[str, Any]) -> None:
    """Whether the new version scores from now on; a first one needs no words."""
    if report["promoted"] and report["model_version"] == 1 and not report["data_broken"]:
        return
    role = "It is champion now" if report["promoted"] else "The champion stays"
    style = "yellow" if report["data_broken"] or not report["promoted"] else ""
    sentence(console, f"{role}. {report['promotion_reason']}", style)


def _candidates(console: Console, candidates: Sequence[Mapping[str, Any]], chosen: str) -> None:
    grid(
        console,
        [f"Models tried (chosen: {chosen})", "Quality", "Weight"],
        [
            [
                candidate["name"],
                on_screen(_mean(candidate["quality"])),
                decimal(candidate["weight"], 2),
            ]
            for candidate in candidates
        ],
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
