"""``predictive config show``."""

from __future__ import annotations

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(help="Settings, and where each comes from.", rich_markup_mode=None)


@app.callback()
def config() -> None:
    """Settings, and where each comes from."""


@app.command("show")
def show(
    context: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Show every setting: its value, and whether an option, the environment or a file set it.

    What may hold a password is hidden.
    """
    from predictive.cli.views.configuration import view_settings  # noqa: PLC0415
    from predictive.settings import load_settings, shown_settings  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    given = {"workspace": session.path} if session.path else {}
    session.show({"settings": shown_settings(load_settings(**given), given)}, view_settings)
