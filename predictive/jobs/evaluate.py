"""The ``evaluate`` job: a matured scoring run against what really happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from evaluation.bands import score_bands
from evaluation.confusion import confusion_matrix
from evaluation.histogram import ScoreHistogram
from evaluation.quality import Fold
from evaluation.report import quality_report
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance
from evaluation.simulation import simulate
from predictive.errors import Conflict, InsufficientData, NotFound
from predictive.opened_prediction import open_prediction
from predictive.outcomes import ScoredOutcomes, scored_outcomes
from predictive.progress import NoProgress, Progress
from predictive.store.runs import Run
from predictive.workspace import Workspace

#: Edges of the score bands in which expected and actual positives are compared.
BAND_EDGES = tuple(float(edge) for edge in range(0, 101, 10))


def evaluate(
    workspace: Workspace, name: str, *, run_id: str | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Compare a matured scoring run with the outcomes.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    run_id
        The scoring run; default: the newest one that has matured.
    now
        When the evaluation is made; default: this moment.

    Returns
    -------
    dict
        ``expected`` (from the backtest) and ``actual``, blocks of the same shape;
        ``confusion_matrices`` and ``true_positives``, expected and actual, at each category
        bound; ``bands``; ``runs`` and how many of them have ``matured``.

    Raises
    ------
    NotFound
        When there is no such prediction or run.
    Conflict
        When nothing has been scored yet.
    InsufficientData
        When the window of the run has not passed yet; says when it will have.
    """
    runs = workspace.store.runs.list(name)
    data_end = open_prediction(workspace, name).source.data_end()
    run = _chosen(runs, name, run_id, data_end)
    if run.matures_at > data_end:
        raise InsufficientData(
            "run",
            run.run_id,
            f"a scoring run whose window has passed: this one's ends at "
            f"{run.matures_at.isoformat()}, the data at {data_end.isoformat()}",
            "Import the events up to that moment, then evaluate again.",
        )
    return _evaluated(workspace, run, now or datetime.now(UTC)) | _maturity(runs, data_end)


def evaluate_matured(
    workspace: Workspace, name: str, *, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Evaluate every run whose window has passed and that has no evaluation yet.

    Safe to repeat: what has been evaluated is not evaluated again.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    now
        When the evaluations are made.

    Returns
    -------
    dict
        ``evaluated`` and ``not_evaluated``, oldest run first, the latter with the reason;
        ``runs`` and how many of them have ``matured``.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    listener = progress or NoProgress()
    runs = workspace.store.runs.list(name)
    data_end = open_prediction(workspace, name).source.data_end()
    done = {kept.run_id for kept in workspace.store.evaluations.list(name)}
    waiting = [
        run for run in _published(runs) if run.matures_at <= data_end and run.run_id not in done
    ]
    evaluated, refused = [], []
    listener.stage("Evaluating", total=len(waiting))
    for run in sorted(waiting, key=lambda run: (run.as_of, run.run_id)):
        try:
            evaluated.append(_summary(_evaluated(workspace, run, now)))
        except InsufficientData as error:
            refused.append(
                {"run_id": run.run_id, "as_of": run.as_of.isoformat(), "reason": str(error)}
            )
        listener.advance()
    return {
        "prediction": name,
        "evaluated": evaluated,
        "not_evaluated": refused,
    } | _maturity(runs, data_end)


def _summary(report: dict[str, Any]) -> dict[str, Any]:
    """What a list of evaluations tells of one."""
    return {
        "run_id": report["run_id"],
        "as_of": report["as_of"],
        "model_version": report["model_version"],
        "expected": report["expected"]["quality"],
        "actual": report["actual"]["quality"],
    }


def _published(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.published_at is not None]


def _maturity(runs: Sequence[Run], data_end: datetime) -> dict[str, Any]:
    """How many runs there are, and how many of them have matured."""
    published = _published(runs)
    return {
        "runs": len(published),
        "matured": sum(run.matures_at <= data_end for run in published),
    }


def _evaluated(workspace: Workspace, run: Run, now: datetime) -> dict[str, Any]:
    """Compare a run with the outcomes and keep what that tells."""
    prediction = open_prediction(workspace, run.prediction, run.definition_version)
    archived = pa.Table.from_batches(workspace.lake.read_scores(run.run_id))
    outcomes = scored_outcomes(prediction.source, prediction.definition, run.as_of, archived)
    _check_both_outcomes(run, outcomes)
    expected = workspace.store.models.get(run.prediction, run.model_version).report
    report = _report(run, dict(expected), outcomes) | {"evaluated_at": now.isoformat()}
    workspace.store.evaluations.add(run.run_id, report)
    return report


def _chosen(runs: Sequence[Run], name: str, run_id: str | None, data_end: datetime) -> Run:
    """The run asked for, or the published one that matured last, else the next to mature."""
    published = _published(runs)
    if run_id is not None:
        for run in published:
            if run.run_id == run_id:
                return run
        raise NotFound("scoring run", run_id, [run.run_id for run in published])
    if not published:
        raise Conflict(f"Prediction {name!r} has no scores yet. Score it first.")
    ready = [run for run in published if run.matures_at <= data_end]
    if ready:
        return max(ready, key=lambda run: (run.as_of, run.run_id))
    return min(published, key=lambda run: run.matures_at)


def _check_both_outcomes(run: Run, outcomes: ScoredOutcomes) -> None:
    positives = int(outcomes.labels.sum())
    if not 0 < positives < len(outcomes.labels):
        raise InsufficientData(
            "run",
            run.run_id,
            f"a run with at least one user of each outcome: this one has {positives} positive "
            f"of {len(outcomes.labels)} users",
            "Check that the events of the target are still being imported.",
        )


def _report(run: Run, expected: dict[str, Any], outcomes: ScoredOutcomes) -> dict[str, Any]:
    fold = Fold(outcomes.labels, outcomes.probabilities, np.arange(len(outcomes.labels)))
    actual = quality_report([fold], [run.as_of.isoformat()])
    histogram = ScoreHistogram.from_scores(outcomes.scores, outcomes.probabilities)
    shift = ShiftVariance(expected["shift"]["tau2"], expected["shift"]["degrees"])
    return {
        "prediction": run.prediction,
        "run_id": run.run_id,
        "model_version": run.model_version,
        "as_of": run.as_of.isoformat(),
        "matured_at": run.matures_at.isoformat(),
        "expected": {key: expected[key] for key in actual},
        "actual": actual,
        "confusion_matrices": [
            {
                "threshold": bound,
                "expected": _expected_confusion(outcomes, bound),
                "actual": confusion_matrix(outcomes.labels, outcomes.scores, bound).to_dict(),
            }
            for bound in run.categories
        ],
        "true_positives": [
            _true_positives(histogram, shift, outcomes, bound) for bound in run.categories
        ],
        "bands": [
            band.to_dict()
            for band in score_bands(
                outcomes.labels,
                outcomes.probabilities,
                outcomes.scores,
                BAND_EDGES,
                shift=shift,
            )
        ],
    }


def _true_positives(
    histogram: ScoreHistogram, shift: ShiftVariance, outcomes: ScoredOutcomes, bound: float
) -> dict[str, Any]:
    simulation = simulate(histogram, selection=Selection(min_score=bound), shift=shift)
    reached = outcomes.scores >= bound
    return {
        "threshold": bound,
        "reached": int(reached.sum()),
        "expected": simulation.to_dict()["expected_true_positives"],
        "actual": int(outcomes.labels[reached].sum()),
    }


def _expected_confusion(outcomes: ScoredOutcomes, bound: float) -> dict[str, float]:
    """The four counts that the run's own probabilities add up to."""
    reached = outcomes.scores >= bound
    hits = float(outcomes.probabilities[reached].sum())
    missed = float(outcomes.probabilities[~reached].sum())
    return {
        "true_positives": hits,
        "false_positives": int(reached.sum()) - hits,
        "false_negatives": missed,
        "true_negatives": int((~reached).sum()) - missed,
    }
