"""``predictive audit``: who asked for which change."""

from __future__ import annotations

from typing import Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session


def audit(
    context: typer.Context,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="ID",
            help="Only what this API key asked for; 'command line' for commands.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000)] = 100,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Changes that were asked for, newest first: when, by whom, what, and how it ended."""
    from predictive.audit import list_audit  # noqa: PLC0415
    from predictive.cli.views.audit import view_audit  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(list_audit(session.open(), key_id=key, limit=limit), view_audit)
