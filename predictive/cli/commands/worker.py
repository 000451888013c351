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
    """Run the builds that the service was asked for.

    ``serve`` starts a worker by itself, so this is for running one elsewhere.
    Stop it whenever you like: a build that was running goes on from its last step when a
    worker starts again.
    """
    from predictive.cli.views.service import view_worker  # noqa: PLC0415
    from predictive.worker import work  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    opened = session.open()
    work(opened, lambda: session.show({"workspace": str(opened.path)}, view_worker))
