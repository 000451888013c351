"""Notifications, as people read about them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, title


def view_test(console: Console, report: dict[str, Any]) -> None:
    """Whom a test message reached."""
    channels = report["channels"]
    reached = sum(each["delivered"] for each in channels)
    title(console, f"{reached} of {len(channels)} reached")
    facts(console, [(each["channel"], each["error"] or "delivered") for each in channels])
