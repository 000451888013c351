"""Promised and actual quality over time, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.words import count, decimal, interval, moment, on_screen, percent

#: Runs of a model version that are shown; --json tells them all.
_SHOWN = 30


def view_quality_history(console: Console, report: dict[str, Any]) -> None:
    """Each model version, what it promised, and what its runs turned out to be worth."""
    name = report["prediction"]
    title(
        console,
        name,
        f"{count(report['matured'])} of {count(report['runs'])} scoring runs have matured, "
        f"{count(report['evaluated'])} are evaluated",
    )
    for model in report["models"]:
        _model(console, model)
    if not report["models"]:
        next_steps(console, [(f"predictive score {name}", "score every customer of the audience")])
    elif report["evaluated"] < report["matured"]:
        next_steps(console, [(f"predictive evaluate {name} --all", "compare the others, too")])


def _model(console: Console, model: Mapping[str, Any]) -> None:
    expected = model["expected"]
    sentence(
        console,
        f"\nModel version {model['model_version']}, trained as of "
        f"{moment(model['trained_as_of'])}: promised {on_screen(expected['value'])} "
        f"({interval(expected)})",
        "bold",
    )
    grid(
        console,
        ["Scored as of", "Customers", "Actual quality", "Came true", "Came / expected"],
        [_run(run) for run in model["runs"][:_SHOWN]],
    )
    if any(run.get("comparable") is False for run in model["runs"][:_SHOWN]):
        sentence(console, "* not comparable: a send without a holdout reached customers", "yellow")
    rest = len(model["runs"]) - _SHOWN
    if rest > 0:
        sentence(console, f"… and {count(rest)} older ones: --json tells them all.", "dim")


def _run(run: Mapping[str, Any]) -> list[str]:
    first = [moment(run["as_of"]), count(run["users"])]
    actual = run["actual"]
    if actual is None:
        return [*first, f"matures {moment(run['matures_at'])}", "", ""]
    bounds = "" if actual["low"] is None else f" ({interval(actual)})"
    return [
        *first,
        ("" if run["comparable"] else "* ") + on_screen(actual["value"]) + bounds,
        percent(run["base_rate"]),
        decimal(run["observed_expected"], 2),
    ]
