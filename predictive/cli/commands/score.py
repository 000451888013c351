"""``predictive score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.options import AsOfOption, JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session


def score(
    context: typer.Context,
    name: PredictionName,
    as_of: AsOfOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.parquet",
            help="Also write user_id, probability, score and category to this file.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score every customer of the audience from 0 to 100.

    50 is as likely as the average customer, 75 has three times the odds. The
    scores are published: readers see all of the new ones at once, or all of the old ones.
    """
    from predictive.cli.views.scoring import view_scoring  # noqa: PLC0415
    from predictive.jobs import score as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        report = job.score(opened, name, as_of=as_of, out=out, progress=progress)
    session.show(report, view_scoring)
