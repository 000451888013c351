"""What every command needs: where the workspace is, and how to answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from predictive.cli import auditing
from predictive.cli.json_output import json_text
from predictive.cli.progress_bar import ShownProgress, shown_progress

if TYPE_CHECKING:
    from rich.console import Console

    from predictive.workspace import Workspace

#: Who changed something, in a prediction's history.
BY = "command line"

View = Callable[["Console", dict[str, Any]], None]


@dataclass(frozen=True)
class GlobalOptions:
    """Options given before the command's name."""

    workspace: Path | None = None
    as_json: bool = False


@dataclass(frozen=True)
class Session:
    """One run of one command."""

    context: typer.Context
    path: Path | None
    as_json: bool

    @classmethod
    def of(cls, context: typer.Context, workspace: Path | None, as_json: bool) -> Session:
        """The options given after the command's name, else those before it."""
        before = context.ensure_object(GlobalOptions)
        return cls(context, workspace or before.workspace, as_json or before.as_json)

    def open(self) -> Workspace:
        """The workspace that was named, by an option or the environment."""
        from predictive.workspace import Workspace  # noqa: PLC0415

        workspace = Workspace.open(self.path)
        auditing.opened(self.context, workspace)
        return workspace

    def progress(self) -> ShownProgress:
        """A progress bar on stderr, or plain lines where stderr is no terminal."""
        return shown_progress()

    def show(self, report: dict[str, Any], view: View) -> None:
        """Answer: the report as JSON, or its view for people."""
        if self.as_json:
            sys.stdout.write(json_text(report) + "\n")
            # At once, also into a pipe: whoever reads `serve --json` waits for the address.
            sys.stdout.flush()
            return
        from rich.console import Console  # noqa: PLC0415

        view(Console(highlight=False, soft_wrap=False), report)
