"""How good a prediction is: expected at build time, actual once windows have passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.confusion import confusion_matrix
from evaluation.folds import Fold
from evaluation.ratios import lift_of
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.model_folder import read_backtest
from predictive.sources import open_source
from predictive.store.run import Run
from predictive.watching.quality import estimated
from predictive.workspace import Workspace


def quality(workspace: Workspace, name: str) -> dict[str, Any]:
    """Expected quality of the champion, and the actual quality of every evaluated run.

    Returns
    -------
    dict
        ``model_version``, ``expected`` (the training report), ``actual`` (the newest run's
        evaluation, or None), ``estimate`` (of the newest run while its outcomes are not known,
        from its own probabilities), ``history`` (expected and actual of every run, newest
        first), and of how many ``runs`` how many have ``matured`` and been ``evaluated``.

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
    runs, evaluations = _published(workspace, name), _newest_evaluations(workspace, name)
    reports = [evaluations[run.run_id] for run in runs if run.run_id in evaluations]
    return {
        "prediction": name,
        "model_version": champion.version,
        "expected": dict(champion.report),
        "actual": dict(reports[0]) if reports else None,
        "estimate": _estimate(workspace, runs, evaluations),
        "history": [_point(run, evaluations.get(run.run_id)) for run in runs],
        **_maturity(workspace, runs, evaluations),
    }


def quality_history(workspace: Workspace, name: str) -> dict[str, Any]:
    """Expected and actual quality over time, by model version, newest first.

    Returns
    -------
    dict
        ``models``: of each version that has scored, what its backtest ``expected``, and its
        ``runs``: those not evaluated yet with ``actual`` None and when they will have matured;
        and of how many ``runs`` how many have ``matured`` and been ``evaluated``.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    runs, evaluations = _published(workspace, name), _newest_evaluations(workspace, name)
    versions = workspace.store.models.list(name)
    return {
        "prediction": name,
        "models": [
            {
                "model_version": version.version,
                "trained_as_of": version.as_of.isoformat(),
                "expected": version.report["quality"],
                "base_rate": version.base_rate,
                "runs": [
                    _point(run, evaluations.get(run.run_id))
                    for run in runs
                    if run.model_version == version.version
                ],
            }
            for version in versions
            if any(run.model_version == version.version for run in runs)
        ],
        **_maturity(workspace, runs, evaluations),
    }


def evaluation_of(workspace: Workspace, name: str, run_id: str) -> dict[str, Any]:
    """The newest evaluation of a scoring run, as it was kept.

    Raises
    ------
    NotFound
        When there is no such prediction or run, or the run has not been evaluated.
    """
    run = workspace.store.runs.get(run_id, name)
    kept = workspace.store.evaluations.of_run(run.run_id)
    if not kept:
        raise NotFound("evaluation of scoring run", run_id)
    return dict(kept[0].report)


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
        raise Conflict("Prediction {name!r} has no model yet. Train it first.", name=name)
    tested = read_backtest(workspace.path / champion.folder)
    rows = Fold(tested.labels, tested.probabilities, tested.users)
    lift = lift_of(rows, tested.scores >= threshold)
    return {
        "prediction": name,
        "model_version": champion.version,
        "threshold": threshold,
        "basis": "backtest",
        "snapshots": int(tested.fold.max()) + 1,
        "lift_interval": lift and lift.to_dict(),
    } | confusion_matrix(tested.labels, tested.scores, threshold).to_dict()


def _published(workspace: Workspace, name: str) -> list[Run]:
    """Runs that were published once, newest first."""
    return [run for run in workspace.store.runs.list(name) if run.published_at is not None]


def _newest_evaluations(workspace: Workspace, name: str) -> dict[str, Mapping[str, Any]]:
    """The last report of every evaluated run, by run id."""
    kept = reversed(workspace.store.evaluations.list(name))
    return {evaluation.run_id: evaluation.report for evaluation in kept}


def _point(run: Run, report: Mapping[str, Any] | None) -> dict[str, Any]:
    """One run in a history: what was expected of it, and what came if that is known."""
    point: dict[str, Any] = {
        "run_id": run.run_id,
        "model_version": run.model_version,
        "as_of": run.as_of.isoformat(),
        "matures_at": run.matures_at.isoformat(),
        "users": run.users,
        "expected": None,
        "actual": None,
    }
    if report is None:
        return point
    return point | {
        "expected": report["expected"]["quality"],
        "actual": report["actual"]["quality"],
        "comparable": report.get("comparable", True),
        "n": report["actual"]["n"],
        "positives": report["actual"]["positives"],
        "base_rate": _base_rate(report["actual"]),
        "observed_expected": report["actual"]["calibration"]["observed_expected"],
    }


def _estimate(
    workspace: Workspace, runs: Sequence[Run], evaluations: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What the newest run's quality should be, while nobody can know; labelled so."""
    if not runs or runs[0].run_id in evaluations:
        return None
    return estimated(workspace, runs[0])


def _base_rate(actual: Mapping[str, Any]) -> float:
    """The share that came true, held-out users counted with their weights."""
    # Evaluations of before sends were known have no weights and no such figure.
    return float(actual.get("base_rate", actual["positives"] / actual["n"]))


def _maturity(
    workspace: Workspace, runs: Sequence[Run], evaluations: Mapping[str, Any]
) -> dict[str, int]:
    """Of how many runs how many have matured, and been evaluated."""
    if not runs:
        return {"runs": 0, "matured": 0, "evaluated": 0}
    data_end = open_source(workspace).data_end()
    return {
        "runs": len(runs),
        "matured": sum(run.matures_at <= data_end for run in runs),
        "evaluated": sum(run.run_id in evaluations for run in runs),
    }
