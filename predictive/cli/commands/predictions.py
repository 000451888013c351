"""``predictive apply``, ``estimate``, ``list`` and ``show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from predictive.cli.options import AsOfOption, JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import BY, Session


def apply(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.yaml", help="The definition, in YAML or JSON.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do; change nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a prediction from its definition, or update it.

    The definition says in plain terms what is predicted and for whom, for example:

        name: churn-28d
        kind: churn
        target: {within_days: 28, all: [{did_not: purchase}]}
    """
    from predictive import predictions  # noqa: PLC0415
    from predictive.cli.views.predictions import view_applied, view_validated  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    if dry_run:
        session.show(predictions.validate(session.open(), file), view_validated)
        return
    session.show(predictions.apply(session.open(), file, by=BY), view_applied)


def estimate(
    context: typer.Context,
    name: PredictionName,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count whether history holds enough to train a prediction.

    Says how many customers are in the audience now, and for how many it came true in the
    past, against the minimums that training needs.
    """
    from predictive.cli.views.estimate import view_estimate  # noqa: PLC0415
    from predictive.jobs import estimate as job  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    with session.progress() as progress:
        report = job.estimate(opened, name, as_of=as_of, progress=progress)
    session.show(report, view_estimate)


def list_all(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the predictions of the workspace."""
    from predictive import predictions  # noqa: PLC0415
    from predictive.cli.views.predictions import view_list  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show({"predictions": predictions.list_all(session.open())}, view_list)


def show(
    context: typer.Context,
    name: PredictionName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a prediction: definition, model, quality, scores."""
    from predictive import predictions  # noqa: PLC0415
    from predictive.cli.views.predictions import view_prediction  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(predictions.show(session.open(), name), view_prediction)
