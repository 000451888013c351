"""How good a prediction is: expected at build time, actual once windows have passed."""

from __future__ import annotations

from typing import Any

from evaluation.confusion import confusion_matrix
from predictive.errors import Conflict, InvalidInput
from predictive.model_folder import read_backtest
from predictive.workspace import Workspace


def quality(workspace: Workspace, name: str) -> dict[str, Any]:
    """Expected quality of the champion, and the actual quality of every evaluated run.

    Returns
    -------
    dict
        ``model_version``, ``expected`` (the training report), ``actual`` (the newest
        evaluation, or None) and ``history`` (all evaluations, newest first).

    Raises
    ------
    NotFound
        When there is no such prediction.
    Conflict
        When it has no model yet.
    """
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict(f"Prediction {name!r} has no model yet. Train it first.")
    history = [dict(kept.report) for kept in workspace.store.evaluations.list(name)]
    return {
        "prediction": name,
        "model_version": champion.version,
        "expected": dict(champion.report),
        "actual": history[0] if history else None,
        "history": history,
    }


def confusion_matrix_at(workspace: Workspace, name: str, threshold: float) -> dict[str, Any]:
    """The confusion matrix of the champion's backtest at a score threshold.

    Parameters
    ----------
    threshold
        Score from 0 to 100; users at or above it are predicted positive.
    """
    if not 0 <= threshold <= 100:
        raise InvalidInput("threshold", threshold, "a score from 0 to 100")
    champion = workspace.store.models.champion(name)
    if champion is None:
        raise Conflict(f"Prediction {name!r} has no model yet. Train it first.")
    tested = read_backtest(workspace.path / champion.folder)
    return {
        "prediction": name,
        "model_version": champion.version,
        "threshold": threshold,
        "basis": "backtest",
        "snapshots": int(tested.fold.max()) + 1,
    } | confusion_matrix(tested.labels, tested.scores, threshold).to_dict()
