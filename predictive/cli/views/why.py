"""What goes along with an outcome, as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, next_steps, sentence, title
from predictive.cli.views.quality import outcome
from predictive.cli.views.words import count, decimal, interval, moment, percent

_TOPICS = 8


def view_why(console: Console, report: dict[str, Any]) -> None:
    """More likely, less likely, what the model goes by, and what to look at."""
    found, did = report["associations"], outcome(report["kind"])
    name = report["prediction"]
    title(
        console, name, f"as of {moment(report['as_of'])}, model version {report['model_version']}"
    )
    periods = "1 past period" if found["snapshots"] == 1 else f"{found['snapshots']} past periods"
    sentence(
        console,
        f"On average {percent(found['average'])} {did} within {report['window_days']} days "
        f"({count(found['customers'])} customers, {periods}).\n",
    )
    _side(console, f"More of them {did}", found["more_likely"], did)
    _side(console, f"Fewer of them {did}", found["less_likely"], did)
    if found["more_likely"] or found["less_likely"]:
        sentence(console, "It goes along with the outcome; it need not be the cause.\n", "dim")
    _importance(console, report["importance"])
    leaks(console, report["leakage"])
    next_steps(console, [(f"predictive why {name} --user ID", "the reasons of one customer")])


def leaks(console: Console, findings: Sequence[Mapping[str, Any]]) -> None:
    """Warnings and notes of the leakage report, each with what to do."""
    for each in findings:
        warning = each["severity"] == "warning"
        lead = "May know the outcome: " if warning else "Note: "
        sentence(console, lead + each["words"], "yellow" if warning else "")
        sentence(console, each["advice"], "dim")


def _side(console: Console, head: str, rows: Sequence[Mapping[str, Any]], did: str) -> None:
    if not rows:
        sentence(console, f"{head}: no group that is surely so.\n", "dim")
        return
    grid(
        console,
        [head, "× average", "95 % interval", did.capitalize(), "Customers"],
        [
            [
                _group(row),
                decimal(row["ratio"], 2),
                interval(row, 2),
                percent(row["rate"]),
                count(row["customers"]),
            ]
            for row in rows
        ],
    )


def _group(row: Mapping[str, Any]) -> str:
    """Who it is and, where that is not everybody's, the average it is held against."""
    if row["among"] is None:
        return str(row["words"])
    return f"{row['words']} (where {row['among']}: {percent(row['average'])})"


def _importance(console: Console, importance: Mapping[str, Any]) -> None:
    topics = importance["topics"][:_TOPICS]
    grid(
        console,
        ["What moves the scores", "Share"],
        [[topic["words"], percent(topic["share"], 0)] for topic in topics],
    )
