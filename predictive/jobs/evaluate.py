"""The ``evaluate`` job: a matured scoring run against what really happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from evaluation.bands import score_bands
from evaluation.histogram import ScoreHistogram
from evaluation.quality import Fold
from evaluation.report import quality_report
from evaluation.shift import ShiftVariance
from evaluation.simulation import Selection, simulate

from evaluation.confusion import confusion_matrix
from models.scale import CATEGORY_BOUNDS
from predictive.errors import Conflict, InsufficientData
from predictive.jobs.context import open_prediction
from predictive.outcomes import ScoredOutcomes, scored_outcomes
from predictive.store.runs import ScoringRun
from predictive.windows import matured
from predictive.workspace import Workspace

#: Edges of the score bands in which expected and actual positives are compared.
BAND_EDGES = np.arange(0.0, 101.0, 10.0)


def evaluate(workspace: Workspace, name: str, *, run_id: str | None = None) -> dict[str, Any]:
    """Compare a matured scoring run with the outcomes.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    run_id
        The scoring run; default: the newest one that has matured.

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
    run = _chosen(workspace, name, runs, run_id)
    version = workspace.store.models.get(name, run.model_version)
    prediction = open_prediction(workspace, name, version.definition_version)
    window = timedelta(days=prediction.definition.target.within_days)
    if not matured(run.as_of, window, data_end):
        raise InsufficientData(
            "run",
            run.run_id,
            f"a scoring run whose window has passed: this one's ends at "
            f"{(run.as_of + window).isoformat()}, the data at {data_end.isoformat()}",
            "Import the events up to that moment, then evaluate again.",
        )
    archived = workspace.lake.read_score_table(run.run_id)
    outcomes = scored_outcomes(prediction.source, prediction.definition, run.as_of, archived)
    report = _report(name, run, version.report, outcomes) | {
        "runs": len(runs),
        "matured": sum(matured(other.as_of, window, data_end) for other in runs),
    }
    workspace.store.runs.add_evaluation(run.run_id, report)
    return report


def _chosen(
    workspace: Workspace, name: str, runs: list[ScoringRun], run_id: str | None
) -> ScoringRun:
    if run_id is not None:
        return workspace.store.runs.get(name, run_id)
    if not runs:
        raise Conflict(f"Prediction {name!r} has no scores yet. Score it first.")
    data_end = open_prediction(workspace, name).source.data_end()
    ready = [run for run in runs if run.window_end <= data_end]
    return max(ready or runs, key=lambda run: (run.as_of, run.run_id))


def _report(
    name: str, run: ScoringRun, expected: dict[str, Any], outcomes: ScoredOutcomes
) -> dict[str, Any]:
    fold = Fold(outcomes.labels, outcomes.probabilities, np.arange(len(outcomes.labels)))
    actual = quality_report([fold], [run.as_of.isoformat()])
    histogram = ScoreHistogram.from_scores(outcomes.scores, outcomes.probabilities)
    shift = ShiftVariance(expected["shift"]["tau2"], expected["shift"]["degrees"])
    thresholds = [bound for bound in CATEGORY_BOUNDS if bound > 0]
    return {
        "prediction": name,
        "run_id": run.run_id,
        "model_version": run.model_version,
        "as_of": run.as_of.isoformat(),
        "expected": {key: expected[key] for key in actual},
        "actual": actual,
        "confusion_matrices": [
            {
                "threshold": bound,
                "expected": _expected_confusion(histogram, bound),
                "actual": confusion_matrix(outcomes.labels, outcomes.scores, bound).to_dict(),
            }
            for bound in thresholds
        ],
        "true_positives": [
            _true_positives(histogram, shift, outcomes, bound) for bound in thresholds
        ],
        "bands": score_bands(outcomes.labels, outcomes.probabilities, outcomes.scores, BAND_EDGES),
    }


def _true_positives(
    histogram: ScoreHistogram, shift: ShiftVariance, outcomes: ScoredOutcomes, bound: float
) -> dict[str, Any]:
    simulation = simulate(histogram, selection=Selection.scores(bound, 100.0), shift=shift)
    reached = outcomes.scores >= bound
    return {
        "threshold": bound,
        "reached": int(reached.sum()),
        "expected": simulation.to_dict()["expected_true_positives"],
        "actual": int(outcomes.labels[reached].sum()),
    }


def _expected_confusion(histogram: ScoreHistogram, bound: float) -> dict[str, Any]:
    """The four counts that the run's own probabilities add up to."""
    raise NotImplementedError
