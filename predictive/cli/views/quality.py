"""How good a prediction is, as people read it: shared by training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from predictive.cli.views.layout import bar, facts, grid
from predictive.cli.views.words import count, decimal, interval, moment, on_screen, percent

_STYLES = {"excellent": "bold green", "good": "green", "fair": "yellow", "poor": "red"}
#: What the positives of each kind of prediction did.
_OUTCOMES = {"churn": "churned", "purchase": "bought", "event": "did it"}


def outcome(kind: str) -> str:
    """What the positives did, as a past participle.

    >>> outcome("purchase")
    'bought'
    """
    return _OUTCOMES[kind]


def headline(console: Console, name: str, quality: Mapping[str, Any]) -> None:
    """The Prediction Quality with its label, its place from 0 to 100 and its interval."""
    style = _STYLES[quality["label"]]
    line = Text(f"{name}  ")
    line.append(on_screen(quality["value"]), style=style)
    line.append(f"  {quality['label']}", style=style)
    console.print(line)
    console.print(
        bar(console, quality["value"] / 100, style), Text(" 0 chance, 100 perfect", "dim")
    )
    if quality.get("low") is not None:
        console.print(Text(f"95 % interval {interval(quality)}"))


def folds(console: Console, rows: Sequence[Mapping[str, Any]], did: str) -> None:
    """Quality at each past period it was tested on."""
    grid(
        console,
        ["Tested from", "Customers", did.capitalize(), "Share", "Quality", "AUC"],
        [
            [
                moment(fold["as_of"]),
                count(fold["n"]),
                count(fold["positives"]),
                percent(fold["positives"] / fold["n"]),
                on_screen(fold["quality"]),
                decimal(fold["auc"]),
            ]
            for fold in rows
        ],
    )


def measures(console: Console, report: Mapping[str, Any], did: str) -> None:
    """The other measures, each with what it says."""
    calibration = report["calibration"]
    perfect = calibration["ece_perfect"]["high"]
    lift = with_bounds(report["lift_top_decile"], bounds_of(report, "lift_top_decile"), 1)
    came = with_bounds(calibration["observed_expected"], bounds_of(report, "observed_expected"), 2)
    facts(
        console,
        [
            ("top 10 %", f"{lift} times as many of them {did} as of all"),
            ("came true", f"{came} times what was expected"),
            (
                "calibration",
                f"off by {percent(calibration['ece'])}; chance alone explains {percent(perfect)}",
            ),
            (
                "further",
                f"AUC {decimal(report['auc'])}, average precision "
                f"{decimal(report['average_precision'])}, Brier {decimal(report['brier'])}, "
                f"log loss {decimal(report['log_loss'])}",
            ),
        ],
    )


def with_bounds(value: float, bounds: Mapping[str, Any] | None, digits: int) -> str:
    """A number with its interval, where it has one."""
    words = decimal(value, digits)
    return f"{words} ({interval(bounds, digits)})" if bounds else words


def bounds_of(report: Mapping[str, Any], measure: str) -> Mapping[str, Any] | None:
    """The interval of a measure; reports of before intervals were kept have none."""
    known: Mapping[str, Mapping[str, Any] | None] = report.get("intervals", {})
    return known.get(measure)
