"""``predictive notify test``."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from predictive.cli.failures import EXIT_FAILURE
from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(help="Who is told of alerts, by webhook and e-mail.", rich_markup_mode=None)


@app.callback()
def notify() -> None:
    """Who is told of alerts, by webhook and e-mail."""


@app.command("test")
def test(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Send a test message to everybody who is told of alerts.

    The exit code is 1 when somebody was not reached.
    """
    from predictive.cli.views.notifications import view_test  # noqa: PLC0415
    from predictive.notifications import send_test  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    results = send_test(session.open(), datetime.now(UTC))
    session.show({"channels": results}, view_test)
    return 0 if all(each["delivered"] for each in results) else EXIT_FAILURE
