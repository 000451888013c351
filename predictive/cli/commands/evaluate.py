"""``predictive evaluate``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session
from predictive.errors import InvalidInput


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
    matured: Annotated[
        bool,
        typer.Option(
            "--all", help="Every run whose window has passed and that was not evaluated yet."
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare past scores with what then happened.

    Works once the data covers the whole window after the run: predicted against actual
    buyers or churners, and the quality that was promised against the one that came.
    """
    from predictive.cli.views.evaluation import view_evaluation, view_matured  # noqa: PLC0415
    from predictive.jobs import evaluate as job  # noqa: PLC0415

    if matured and run is not None:
        raise InvalidInput("--run", run, "--run or --all, not both")
    session = Session.of(context, workspace, as_json)
    opened = session.open()
    if not matured:
        session.show(job.evaluate(opened, name, run_id=run), view_evaluation)
        return
    with session.progress() as progress:
        report = job.evaluate_matured(opened, name, now=datetime.now(UTC), progress=progress)
    session.show(report, view_matured)
