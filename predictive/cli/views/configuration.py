"""Settings, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import grid


def view_settings(console: Console, report: dict[str, Any]) -> None:
    """One line a setting: name, value, where it comes from."""
    grid(
        console,
        ("setting", "value", "from"),
        [
            (each["name"], "" if each["value"] is None else str(each["value"]), each["from"])
            for each in report["settings"]
        ],
        rest="left",
    )
