"""``predictive init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session


def init(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="The folder; same as --workspace DIR."),
    ] = None,
    timezone: Annotated[
        str,
        typer.Option(
            metavar="TZ",
            help="The customers' time zone, for example Europe/Berlin: "
            "it decides what hour and which weekday an event fell on.",
        ),
    ] = "UTC",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace, the folder that everything is kept in.

    Events, predictions, models and scores: copy the folder and you have copied it all.
    """
    from predictive.cli.views.workspaces import view_workspace  # noqa: PLC0415
    from predictive.workspace import Workspace  # noqa: PLC0415

    session = Session.of(context, folder or workspace, as_json)
    made = Workspace.create(session.path, timezone=timezone)
    session.show({"workspace": str(made.path), "timezone": timezone}, view_workspace)
