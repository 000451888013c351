"""The curves of a model's backtest: what it finds, how surely, and whether it keeps its word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.calibration import calibration_curve
from evaluation.curves import gains, lift, precision_recall, roc
from predictive.errors import Conflict
from predictive.model_folder import read_backtest

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: Points of each curve: enough to draw it.
_POINTS = 101


def show_curves(workspace: Workspace, name: str) -> dict[str, Any]:
    """Gains, lift, ROC, precision and recall, and calibration of the champion.

    Returns
    -------
    dict
        ``prediction``, ``model_version``, ``basis``, ``snapshots``, ``users`` and ``positives``
        (cases of all test snapshots together), then a list of points for each curve.

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
    tested = read_backtest(workspace.path / champion.folder)
    labels, scores = tested.labels, tested.probabilities
    return {
        "prediction": name,
        "model_version": champion.version,
        "basis": "backtest",
        "snapshots": int(tested.fold.max()) + 1,
        "users": len(labels),
        "positives": int(labels.sum()),
        "gains": _points(gains(labels, scores, _POINTS), "share", "captured"),
        "lift": _points(lift(labels, scores, _POINTS), "share", "lift"),
        "roc": _points(roc(labels, scores, _POINTS), "false_positive_rate", "true_positive_rate"),
        "precision_recall": _points(
            precision_recall(labels, scores, _POINTS), "recall", "precision"
        ),
        "calibration": _points(
            calibration_curve(labels, scores), "expected", "observed", "low", "high", "rows"
        ),
    }


def _points(curve: Any, *names: str) -> list[dict[str, float]]:
    columns = (getattr(curve, name).tolist() for name in names)
    return [dict(zip(names, point, strict=True)) for point in zip(*columns, strict=True)]
