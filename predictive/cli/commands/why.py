"""``predictive why``."""

from __future__ import annotations

from typing import Annotated

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session


def why(
    context: typer.Context,
    name: PredictionName,
    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            metavar="ID",
            help="Why this customer has the score they have.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who does it more often than the average, who less, and what the model goes by.

    Also what looks as if the model had been told the outcome. With --user: what moves the
    score of one customer.
    """
    session = Session.of(context, workspace, as_json)
    if user is None:
        from predictive.cli.views.why import view_why  # noqa: PLC0415
        from predictive.why import show_why  # noqa: PLC0415

        session.show(show_why(session.open(), name), view_why)
        return
    from predictive.cli.views.reasons import view_reasons  # noqa: PLC0415
    from predictive.reasons import show_reasons  # noqa: PLC0415

    session.show(show_reasons(session.open(), name, user), view_reasons)
