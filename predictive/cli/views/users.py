"""What a deletion removed, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, title
from predictive.cli.views.words import count


def view_deletion(console: Console, report: dict[str, Any]) -> None:
    """Where a customer was removed, and how much of them there was."""
    title(console, "Removed", str(report["user_id"]))
    removed = {name.replace("_", " "): count(value) for name, value in _counts(report).items()}
    facts(console, removed.items())


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    return {
        name: value
        for name, value in report.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
