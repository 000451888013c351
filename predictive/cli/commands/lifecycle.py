"""``predictive state``, ``history`` and ``delete``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import BY, Session


def state(
    context: typer.Context,
    name: PredictionName,
    state: Annotated[
        str | None,
        typer.Argument(
            metavar="[STATE]",
            help="draft, preview, active or archived. Without it, the state is told.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell or change the state of a prediction.

    An active prediction is built and scored on its schedule, and its scores are offered. One
    in preview is built and measured as well, but its scores are not offered. An archived one
    stops updating and keeps its history. A draft becomes active with its first model.
    """
    from predictive import lifecycle  # noqa: PLC0415
    from predictive.cli.views.lifecycle import view_state  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    if state is None:
        report = lifecycle.state(opened, name)
    else:
        report = lifecycle.set_state(opened, name, state, by=BY, now=datetime.now(UTC))
    session.show(report, view_state)


def history(
    context: typer.Context,
    name: PredictionName,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="At most so many changes.")
    ] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed in a prediction: when and by whom, newest first.

    Also of a prediction that was deleted.
    """
    from predictive import lifecycle  # noqa: PLC0415
    from predictive.cli.views.lifecycle import view_history  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(lifecycle.history(session.open(), name, limit=limit), view_history)


def delete(
    context: typer.Context,
    name: PredictionName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a prediction with its models, scores and archives; its history stays.

    This can not be undone. On a terminal it asks first. To stop a prediction and keep all it
    has, archive it instead: predictive state NAME archived.
    """
    from predictive import lifecycle  # noqa: PLC0415
    from predictive.cli.views.lifecycle import view_deleted  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    opened.store.predictions.get(name)
    if sys.stdin.isatty() and not yes:
        question = f"Delete {name!r} with its models and scores, for good?"
        typer.confirm(question, abort=True, err=True)
    report = lifecycle.delete(opened, name, by=BY, now=datetime.now(UTC))
    session.show(report, view_deleted)
