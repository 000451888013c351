"""The workspace, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, next_steps, title


def view_workspace(console: Console, report: dict[str, Any]) -> None:
    """A workspace that was made."""
    title(console, "Workspace made")
    facts(console, [("folder", report["workspace"]), ("time zone", report["timezone"])])
    next_steps(
        console,
        [
            ("export PREDICTIVE_WORKSPACE=" + report["workspace"], "so that you need not name it"),
            ("predictive import events FILE --user COL --time COL --event COL", "bring events"),
        ],
    )
