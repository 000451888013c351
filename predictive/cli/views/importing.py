"""An import, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.words import count, moment


def view_import(console: Console, report: dict[str, Any]) -> None:
    """What came in, what was known already, and what was refused and why."""
    title(console, "Imported", f"{count(report['imported'])} of {count(report['rows'])} rows")
    facts(console, [(name, words) for name, words in _facts(report) if words])
    if report["rejected"]:
        _rejects(console, report)
    next_steps(
        console, [("predictive apply FILE.yaml", "say what is to be predicted, if not done yet")]
    )


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    duplicates, first = report["duplicates"], report.get("first_time")
    return [
        ("known already", count(duplicates) if duplicates else ""),
        ("from", moment(first) if first else ""),
        ("to", moment(report["last_time"]) if first else ""),
        ("data ends", moment(report["data_end"]) if report.get("data_end") else ""),
        ("nothing paid", _orders(report.get("unpaid_orders"), "kept with amount 0")),
        ("refunds", _orders(report.get("refunds"), "kept with a negative amount")),
    ]


def _orders(number: int | None, what_became: str) -> str:
    return f"{count(number)} events, {what_became}" if number else ""


def _rejects(console: Console, report: Mapping[str, Any]) -> None:
    total = sum(report["rejected"].values())
    sentence(console, f"\nRefused {count(total)} rows:", "yellow")
    rejected: Mapping[str, int] = report["rejected"]
    grid(console, ["Reason", "Rows"], [[reason, count(n)] for reason, n in rejected.items()])
    for example in report["examples"]:
        sentence(console, f"for example {example}", "dim")
    sentence(console, f"All of them with their reasons: {report['rejects_file']}")
