"""Why customers do it, as far as data can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from predictive.errors import Conflict

if TYPE_CHECKING:
    from predictive.workspace import Workspace


def show_why(workspace: Workspace, name: str) -> dict[str, Any]:
    """What training found out about the reasons, of the champion.

    Returns
    -------
    dict
        ``prediction``, ``kind``, ``window_days``, ``model_version``, ``as_of``, ``associations``,
        ``importance`` and ``leakage``, as
        :class:`predictive.explanation.Explanation` describes them.

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it has no model yet.
    """
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict("Prediction {name!r} has no model yet. Train it first.", name=name)
    report = champion.report
    told = {key: report[key] for key in ("kind", "window_days", "as_of")}
    found = {key: report[key] for key in ("associations", "importance", "leakage")}
    return {"prediction": name, "model_version": champion.version} | told | found
