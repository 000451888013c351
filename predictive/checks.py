"""The reports of the checks, as they were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from predictive import cursors

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def list_checks(
    workspace: Workspace,
    prediction: str | None = None,
    *,
    limit: int = 100,
    cursor: str | None = None,
) -> dict[str, Any]:
    """What :func:`predictive.watching.check` found each time it ran, newest first.

    Parameters
    ----------
    prediction
        Checks of this prediction alone; default: those of the whole workspace.
    limit
        At most as many.
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``checks`` and ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        There is no such prediction.
    """
    kept = workspace.store.checks.list(
        prediction, cursors.room_for(limit), before_id=cursors.number_of(cursor)
    )
    shown, following = cursors.page(kept, limit, lambda check: [check.id])
    return {
        "checks": [{"prediction": prediction} | dict(each.report) for each in shown],
        "next_cursor": following,
    }
