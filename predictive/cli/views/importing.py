"""An import, as people read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.words import count, counted, moment

_STEPS = [("predictive apply FILE.yaml", "say what is to be predicted, if not done yet")]


def view_events(console: Console, report: dict[str, Any]) -> None:
    """What came in, what was known already, and what was refused and why."""
    _view(console, report, "event")


def view_attributes(console: Console, report: dict[str, Any]) -> None:
    """The same, for attributes of customers."""
    _view(console, report, "attribute")


def _view(console: Console, report: Mapping[str, Any], noun: str) -> None:
    title(
        console,
        f"Imported {counted(report['imported'], noun)}",
        f"from {counted(report['rows'], 'row')}",
    )
    facts(console, [(name, words) for name, words in _facts(report) if words])
    if report["rejected"]:
        _rejects(console, report)
    if report["properties_left_out"]:
        left_out = ", ".join(report["properties_left_out"])
        sentence(console, f"Not kept as properties: {left_out}", "yellow")
    next_steps(console, _STEPS)


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    first, end = report["first_time"], report["data_end"]
    return [
        ("grouped", _number(report["grouped_rows"], "rows into one event an order")),
        ("known already", _number(report["duplicates"], "left as they were")),
        ("from", moment(first) if first else ""),
        ("to", moment(report["last_time"]) if first else ""),
        ("data ends", moment(end) if end else ""),
        ("lines unpaid", _number(report["unpaid_lines"], "with amount 0, kept in their order")),
        ("events unpaid", _number(report["unpaid_orders"], "kept with amount 0")),
        ("refunds", _number(report["refunds"], "kept with a negative amount")),
    ]


def _number(number: int | None, what_became: str) -> str:
    return f"{count(number)} {what_became}" if number else ""


def _rejects(console: Console, report: Mapping[str, Any]) -> None:
    rejected: Mapping[str, int] = report["rejected"]
    sentence(console, f"\nRefused {counted(sum(rejected.values()), 'row')}:", "yellow")
    grid(console, ["Reason", "Rows"], [[reason, count(n)] for reason, n in rejected.items()])
    for example in report["examples"]:
        row = json.dumps(example["row"], ensure_ascii=False)
        sentence(console, f"{example['reason']}: {row}", "dim")
    sentence(console, f"All of them with their reasons: {report['rejects_file']}")
