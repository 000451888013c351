"""A matured scoring run beside what happened, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.quality import bounds_of, headline, with_bounds
from predictive.cli.views.words import (
    count,
    decimal,
    interval,
    moment,
    on_screen,
    percent,
)

_UNTOUCHED = "not picked"
_GROUPS = {"untouched": _UNTOUCHED, "held_out": "held back", "reached": "reached"}


def view_matured(console: Console, report: dict[str, Any]) -> None:
    """Which runs have just been evaluated, and which could not be."""
    title(
        console,
        report["prediction"],
        f"{report['matured']} of {report['runs']} scoring runs have matured",
    )
    if report["evaluated"]:
        grid(
            console,
            ["Scored as of", "Promised", "Actual", "95 % interval"],
            [
                [
                    moment(run["as_of"]),
                    on_screen(run["expected"]["value"]),
                    on_screen(run["actual"]["value"]),
                    interval(run["actual"]),
                ]
                for run in report["evaluated"]
            ],
        )
    for run in report["not_evaluated"]:
        sentence(console, f"{moment(run['as_of'])}: {run['reason']}", "yellow")
    if not (report["evaluated"] or report["not_evaluated"]):
        sentence(console, "Nothing new to evaluate.")
    name = report["prediction"]
    next_steps(console, [(f"predictive quality {name}", "promised and actual quality over time")])


def view_evaluation(console: Console, report: dict[str, Any]) -> None:
    """Promised against actual: quality, hits at each bound, probabilities by score."""
    title(
        console,
        report["prediction"],
        f"scores as of {moment(report['as_of'])} against what happened "
        f"(run {report['run_id']}; {report['matured']} of {report['runs']} runs have matured)",
    )
    console.print()
    headline(console, "Actual Prediction Quality", report["actual"]["quality"])
    if not report.get("comparable", True):
        sentence(console, f"Not comparable: {report['reason']}", "yellow")
    _side_by_side(console, report["expected"], report["actual"])
    _true_positives(console, report)
    for matrix in report["confusion_matrices"]:
        _confusion(console, matrix)
    _bands(console, report)
    _groups(console, report.get("groups", {}))
    name = report["prediction"]
    next_steps(console, [(f"predictive train {name}", "learn from what came since")])


def _side_by_side(console: Console, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
    rows = [
        ("Prediction Quality", _quality(expected), _quality(actual)),
        ("Customers", count(expected["n"]), count(actual["n"])),
        ("It came true for", _positive_share(expected), _positive_share(actual)),
        ("Best 10 %, times average", _lift(expected), _lift(actual)),
        ("Came for each one expected", _came(expected), _came(actual)),
        ("AUC", *_pair("auc", 3, expected, actual)),
        ("Average precision", *_pair("average_precision", 3, expected, actual)),
        ("Brier score", *_pair("brier", 4, expected, actual)),
        ("Log loss", *_pair("log_loss", 4, expected, actual)),
        ("Calibration error", percent(expected["ece"]), percent(actual["ece"])),
    ]
    grid(console, ["", "Promised (backtest)", "Actual"], rows)


def _quality(block: Mapping[str, Any]) -> str:
    quality = block["quality"]
    words = on_screen(quality["value"])
    return words if quality["low"] is None else f"{words} ({interval(quality)})"


def _positive_share(block: Mapping[str, Any]) -> str:
    return percent(block.get("base_rate", block["positives"] / block["n"]))


def _lift(block: Mapping[str, Any]) -> str:
    return with_bounds(block["lift_top_decile"], bounds_of(block, "lift_top_decile"), 2)


def _came(block: Mapping[str, Any]) -> str:
    ratio = block["calibration"]["observed_expected"]
    return with_bounds(ratio, bounds_of(block, "observed_expected"), 2)


def _pair(
    key: str, digits: int, expected: Mapping[str, Any], actual: Mapping[str, Any]
) -> tuple[str, str]:
    return decimal(expected[key], digits), decimal(actual[key], digits)


def _true_positives(console: Console, report: Mapping[str, Any]) -> None:
    grid(
        console,
        ["Score from", "Reached", "Expected hits", "95 % interval", "Actual hits"],
        [
            [
                decimal(row["threshold"], 0),
                count(row["reached"]),
                count(row["expected"]["value"]),
                interval(row["expected"]),
                count(row["actual"]),
            ]
            for row in report["true_positives"]
        ],
    )


def _confusion(console: Console, matrix: Mapping[str, Any]) -> None:
    actual = matrix["actual"]
    sentence(console, f"Confusion matrix at a score of {decimal(matrix['threshold'], 0)}", "bold")
    grid(
        console,
        ["", "It came true", "It did not"],
        [
            ["reached", count(actual["true_positives"]), count(actual["false_positives"])],
            ["not reached", count(actual["false_negatives"]), count(actual["true_negatives"])],
        ],
    )


def _bands(console: Console, report: Mapping[str, Any]) -> None:
    sentence(console, "By score", "bold")
    grid(
        console,
        ["Scores", "Customers", "Expected", "95 % interval", "Actual"],
        [
            [
                f"{decimal(band['min_score'], 0)} to {decimal(band['max_score'], 0)}",
                count(band["users"]),
                count(band["expected_positives"]["value"]),
                interval(band["expected_positives"]),
                count(band["actual_positives"]),
            ]
            for band in report["bands"]
        ],
    )


def _groups(console: Console, groups: Mapping[str, Any]) -> None:
    """Users whom sends reached beside the others; nothing where there was no send."""
    shown = {words: groups.get(name) for name, words in _GROUPS.items()}
    if not any(group["users"] for words, group in shown.items() if group and words != _UNTOUCHED):
        return
    sentence(console, "Picked by sends, and not", "bold")
    grid(
        console,
        ["Customers", "Number", "Expected", "Actual", "Share", "95 % interval"],
        [
            [
                words,
                count(group["users"]),
                count(group["expected_positives"]["value"]),
                count(group["positives"]),
                percent(group["rate"]["value"]),
                f"{percent(group['rate']['low'])} to {percent(group['rate']['high'])}",
            ]
            for words, group in shown.items()
            if group and group["users"]
        ],
    )
