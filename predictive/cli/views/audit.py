"""The audit log, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, older_ones, sentence
from predictive.cli.views.words import moment


def view_audit(console: Console, report: dict[str, Any]) -> None:
    """A line for each change that was asked for."""
    if not report["entries"]:
        sentence(console, "Nothing has been asked for yet.")
        return
    grid(
        console,
        ["When", "By", "What", "Of", "Ended"],
        [
            [
                moment(entry["at"]),
                entry["key_id"],
                entry["action"],
                entry["target"],
                str(entry["status"]),
            ]
            for entry in report["entries"]
        ],
    )
    older_ones(console, report)
