"""``predictive train``."""

from __future__ import annotations

from typing import Annotated

import typer

from predictive.cli.options import AsOfOption, JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import BY, Session


def train(
    context: typer.Context,
    name: PredictionName,
    as_of: AsOfOption = None,
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=2**31 - 1, help="Same data and same seed give the same model."
        ),
    ] = 0,
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe",
            metavar="NAME",
            help="How the model is made: standard, or the NAME of a file recipes/NAME.py in the "
            "workspace. Default: as the champion was made.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model and measure how good it is.

    The model is first tested on periods it has not seen (the backtest), which gives the
    Prediction Quality with its interval; then it is trained again on all of history. It
    takes over from the model before unless it is worse on the same periods.
    """
    from predictive.cli.views.training import view_training  # noqa: PLC0415
    from predictive.jobs import train as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        report = job.train(
            opened, name, as_of=as_of, seed=seed, recipe=recipe, by=BY, progress=progress
        )
    session.show(report, view_training)
