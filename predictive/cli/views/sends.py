"""Sends, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.words import count, moment, percent


def view_send(console: Console, report: dict[str, Any]) -> None:
    """What was recorded, and what it means for the outcomes."""
    title(console, "Recorded" if report["new"] else "Recorded before", f"send {report['send_id']}")
    facts(
        console,
        [
            ("sent", moment(report["sent_at"])),
            ("scoring run", report["run_id"]),
            ("reached", f"{count(report['treated'])} customers"),
            ("held back", _held_back(report)),
        ],
    )
    if report["not_scored"]:
        sentence(
            console, f"{count(report['not_scored'])} of them have no score in that run.", "yellow"
        )
    if not report["held_out"]:
        sentence(
            console,
            "Nobody was held back: quality of the runs that it falls into will be shown as not "
            "comparable.",
            "yellow",
        )
    next_steps(
        console,
        [(f"predictive evaluate {report['prediction']}", "once the window has passed")],
    )


def view_sends(console: Console, report: dict[str, Any]) -> None:
    """All sends of a prediction, a line each."""
    if not report["sends"]:
        sentence(console, f"No send of {report['prediction']} has been recorded.")
        return
    grid(
        console,
        ["Sent", "Reached", "Held back", "Scoring run"],
        [
            [
                moment(send["sent_at"]),
                count(send["treated"]),
                _held_back(send),
                send["run_id"],
            ]
            for send in report["sends"]
        ],
    )


def _held_back(send: dict[str, Any]) -> str:
    return f"{count(send['held_out'])} ({percent(send['holdout_share'])})"
