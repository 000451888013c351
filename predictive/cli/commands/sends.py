"""``predictive sends``: who was sent a message, and who was held back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.moments import parse_sent_at
from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session

app = typer.Typer(
    help="Sends: who was sent a message, and who was held back.", rich_markup_mode=None
)


@app.callback()
def sends() -> None:
    """Sends: who was sent a message, and who was held back."""


@app.command("record")
def record(
    context: typer.Context,
    name: PredictionName,
    treated: Annotated[
        Path,
        typer.Option(
            "--treated",
            metavar="FILE",
            help="Ids of the customers who were sent the message: one a line, or a CSV or "
            "Parquet file with a column user_id.",
        ),
    ],
    held_out: Annotated[
        Path | None,
        typer.Option(
            "--held-out",
            metavar="FILE",
            help="Ids of those who were picked as well but held back at random, in the same "
            "form. Default: nobody was.",
            show_default=False,
        ),
    ] = None,
    sent_at: Annotated[
        datetime | None,
        typer.Option(
            "--sent-at",
            metavar="TIME",
            parser=parse_sent_at,
            help="When the messages went out. Default: now.",
            show_default=False,
        ),
    ] = None,
    holdout_share: Annotated[
        float | None,
        typer.Option(
            "--holdout-share",
            metavar="SHARE",
            help="Share of the picked customers that was to be held back, above 0 and below 1. "
            "Default: what the two files amount to.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="ID",
            help="The scoring run that they were picked from. Default: the newest one when the "
            "messages went out.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whom a message reached, so that its effect is not taken for the score's merit.

    When the scores are compared with what happened, those who were held back at random stand in
    for those who were reached. The same send told twice counts once.
    """
    from predictive.cli.user_files import read_user_ids  # noqa: PLC0415
    from predictive.cli.views.sends import view_send  # noqa: PLC0415
    from predictive.sends import record_send  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    report = record_send(
        session.open(),
        name,
        treated=read_user_ids(treated, "--treated"),
        held_out=read_user_ids(held_out, "--held-out") if held_out else [],
        sent_at=sent_at or datetime.now(UTC),
        run_id=run,
        holdout_share=holdout_share,
    )
    session.show(report, view_send)


@app.command("list")
def list_all(
    context: typer.Context,
    name: PredictionName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """The sends of a prediction, newest first."""
    from predictive.cli.views.sends import view_sends  # noqa: PLC0415
    from predictive.sends import list_sends  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(list_sends(session.open(), name), view_sends)
