"""``predictive check`` and ``predictive alerts``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(help="What the checks found wrong.", rich_markup_mode=None)


@app.callback()
def alerts() -> None:
    """What the checks found wrong."""


@app.command("list")
def list_all(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Only those about this prediction. Default: all, those about the data among them.",
            show_default=False,
        ),
    ] = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Those that are resolved as well.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000)] = 100,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The open alerts, newest first."""
    from predictive.alerts import list_alerts  # noqa: PLC0415
    from predictive.cli.views.alerts import view_alerts  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    report = list_alerts(session.open(), name, open_only=not resolved, limit=limit)
    session.show(report, view_alerts)


@app.command("show")
def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number in the list.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """One alert with the figures behind it."""
    from predictive.alerts import show_alert  # noqa: PLC0415
    from predictive.cli.views.alerts import view_alert  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(show_alert(session.open(), number), view_alert)


def check(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Only this prediction. Default: the data and every prediction that is active or "
            "a preview.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look whether data and predictions are as they should be.

    Events that stopped, imports with many bad rows, customers who changed, quality below what
    was promised: what is found becomes an alert, which is resolved when the cause is gone. A
    worker does this every day and after each import.
    """
    from predictive.cli.views.alerts import view_check  # noqa: PLC0415
    from predictive.watching import check as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(job(session.open(), now=datetime.now(UTC), prediction=name), view_check)
