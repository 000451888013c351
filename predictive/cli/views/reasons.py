"""Why one customer has a score, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid, sentence, title
from predictive.cli.views.words import NOTHING, decimal, moment, percent

_SHOWN = 8


def view_reasons(console: Console, report: dict[str, Any]) -> None:
    """The score, and what raises and lowers it, the strongest first."""
    title(
        console,
        f"{report['prediction']}, customer {report['user_id']}",
        f"as of {moment(report['as_of'])}, model version {report['model_version']}",
    )
    sentence(
        console,
        f"Score {decimal(report['score'], 2)} ({report['category']}), likelihood "
        f"{percent(report['probability'])}. 50 is the average customer.\n",
    )
    strongest, rest = report["reasons"][:_SHOWN], report["reasons"][_SHOWN:]
    grid(
        console,
        ["What moves the score", "Odds", "Typical"],
        [[each["words"], _effect(each), each["typical"] or NOTHING] for each in strongest],
    )
    if rest:
        sentence(console, f"{len(rest)} weaker reasons are in --json.", "dim")
    if report["data_changed"]:
        sentence(
            console,
            "Events from before that moment were imported or deleted since: with them the score "
            "would be another one, which these reasons speak of.",
            "yellow",
        )


def _effect(reason: Mapping[str, Any]) -> str:
    return f"{'raised' if reason['log_odds'] > 0 else 'lowered'} × {reason['odds_factor']:.2f}"
