"""``predictive evaluate``."""

from __future__ import annotations

from typing import Annotated

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session


def evaluate(
    context: typer.Context,
    name: PredictionName,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="ID",
            help="The scoring run. Default: the newest one whose window has passed.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare past scores with what then happened.

    Works once the data covers the whole window after the run: predicted against actual
    buyers or churners, and the quality that was promised against the one that came.
    """
    from predictive.cli.views.evaluation import view_evaluation  # noqa: PLC0415
    from predictive.jobs import evaluate as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(job.evaluate(session.open(), name, run_id=run), view_evaluation)
