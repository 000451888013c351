"""``predictive users delete``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(help="Customers: remove one everywhere.", rich_markup_mode=None)


@app.callback()
def users() -> None:
    """Customers: remove one everywhere."""


@app.command("delete")
def delete(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a customer everywhere: events, attributes, scores and score archives.

    This can not be undone. On a terminal it asks first.
    """
    from predictive.cli.views.users import view_deletion  # noqa: PLC0415
    from predictive.deletion import delete_user  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"Remove {user_id!r} everywhere, for good?", abort=True, err=True)
    session.show(delete_user(opened, user_id), view_deletion)
