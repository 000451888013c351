"""Service and worker, as people read that they run."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, sentence, title


def view_service(console: Console, report: dict[str, Any]) -> None:
    """The service's address."""
    title(console, "Serving", report["workspace"])
    facts(console, [("dashboard", report["url"]), ("API", report["docs"])])
    sentence(console, "Needs an API key: predictive keys create. Stop with Ctrl-C.", "dim")


def view_worker(console: Console, report: dict[str, Any]) -> None:
    """A worker that takes jobs."""
    title(console, "Working", report["workspace"])
    sentence(
        console, "Jobs are run on schedule and as they are asked for. Stop with Ctrl-C.", "dim"
    )
