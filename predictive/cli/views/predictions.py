"""Predictions, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import next_steps, title


def view_applied(console: Console, report: dict[str, Any]) -> None:
    """What applying a definition changed."""
    name = report["name"]
    title(console, name, f"{report['change']}, definition version {report['definition_version']}")
    next_steps(
        console,
        [
            (f"predictive estimate {name}", "see whether history holds enough"),
            (f"predictive train {name}", "train it and measure its quality"),
        ],
    )


def view_list(console: Console, report: dict[str, Any]) -> None:
    """All predictions, a line each."""


def view_prediction(console: Console, report: dict[str, Any]) -> None:
    """One prediction."""
