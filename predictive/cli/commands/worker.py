"""``predictive worker``."""

from __future__ import annotations

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session


def worker(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train, score, evaluate and check on schedule, and when the service is asked to.

    ``serve`` starts a worker by itself, so this is for running one elsewhere.
    Stop it whenever you like: a job that was running goes on from its last step when a
    worker starts again.
    """
    from predictive.cli.views.service import view_worker  # noqa: PLC0415
    from predictive.worker import work  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    work(opened, lambda: session.show({"workspace": str(opened.path)}, view_worker))
