"""``predictive quality``."""

from __future__ import annotations

import typer

from predictive.cli.options import JsonOption, PredictionName, WorkspaceOption
from predictive.cli.session import Session


def quality(
    context: typer.Context,
    name: PredictionName,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Promised and actual quality over time, by model version."""
    from predictive.cli.views.quality_history import view_quality_history  # noqa: PLC0415
    from predictive.quality import quality_history  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    session.show(quality_history(session.open(), name), view_quality_history)
