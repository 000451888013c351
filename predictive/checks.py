"""The reports of the checks, as they were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def list_checks(
    workspace: Workspace, prediction: str | None = None, *, limit: int = 100
) -> dict[str, Any]:
    """What :func:`predictive.watching.check` found each time it ran, newest first.

    Parameters
    ----------
    prediction
        Checks of this prediction alone; default: those of the whole workspace.

    Raises
    ------
    NotFound
        There is no such prediction.
    """
    kept = workspace.store.checks.list(prediction, limit)
    return {"checks": [{"prediction": prediction} | dict(each.report) for each in kept]}
