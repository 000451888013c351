"""What a matured scoring run is told to have been worth: expected beside actual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from evaluation.arrays import BoolArray, FloatArray
from evaluation.bands import score_bands
from evaluation.calibration import calibration_curve
from evaluation.confusion import confusion_matrix
from evaluation.intervals import Uncertainty
from evaluation.quality import Fold, quality_interval
from evaluation.report import quality_report
from evaluation.shift import ShiftVariance
from predictive.outcomes import ScoredOutcomes
from predictive.reach import Reach
from predictive.store.run import Run
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence

#: Edges of the score bands in which expected and actual positives are compared.
BAND_EDGES = tuple(float(edge) for edge in range(0, 101, 10))


def evaluation_report(
    run: Run, expected: Mapping[str, Any], outcomes: ScoredOutcomes, reach: Reach
) -> dict[str, Any]:
    """Compare a run with what happened.

    Parameters
    ----------
    run
        The scoring run.
    expected
        The training report of its model version.
    outcomes
        Every user of the run.
    reach
        Whom of them sends reached, row by row as ``outcomes``.

    Returns
    -------
    dict
        ``expected`` and ``actual``, blocks of the same shape; ``calibration_curve``;
        ``confusion_matrices`` and ``true_positives``, expected and actual, at each category
        bound; ``bands``; ``comparable``, with the ``reason`` where it is not; ``groups``:
        untouched, held-out and reached users apart.
    """
    compared, reason = counted(outcomes, reach), _reason(reach)
    actual = quality_report([_fold(compared)], [run.as_of.isoformat()])
    shift = ShiftVariance(expected["shift"]["tau2"], expected["shift"]["degrees"])
    return {
        "prediction": run.prediction,
        "run_id": run.run_id,
        "model_version": run.model_version,
        "as_of": run.as_of.isoformat(),
        "matured_at": run.matures_at.isoformat(),
        "comparable": reach.comparable,
        "reason": reason and str(reason),
        "reason_said": kept(reason),
        # A version trained before a measure was thought of does not promise it.
        "expected": {key: expected[key] for key in actual if key in expected},
        "actual": actual,
        "calibration_curve": _calibration_curve(compared),
        "confusion_matrices": [
            {
                "threshold": bound,
                "expected": _expected_confusion(compared, bound),
                "actual": confusion_matrix(
                    compared.labels, compared.scores, bound, compared.weights
                ).to_dict(),
            }
            for bound in run.categories
        ],
        "true_positives": [_true_positives(compared, shift, bound) for bound in run.categories],
        "bands": [
            band.to_dict()
            for band in score_bands(
                compared.labels,
                compared.probabilities,
                compared.scores,
                BAND_EDGES,
                weights=compared.weights,
                shift=shift,
            )
        ],
        "groups": {
            "untouched": _group(outcomes.of(reach.untouched), shift),
            "held_out": _group(outcomes.of(reach.held_out), shift),
            "reached": _group(outcomes.of(reach.reached), shift),
        },
    }


def counted(outcomes: ScoredOutcomes, reach: Reach) -> ScoredOutcomes:
    """The users whose outcomes count, with their weights.

    Everybody when nobody was reached, and when nobody stands in for those who were; else all but
    the reached, held-out users with their weights.
    """
    if not reach.comparable or not (reach.reached.any() or reach.held_out.any()):
        return outcomes
    return outcomes.of(~reach.reached, reach.weights)


def _reason(reach: Reach) -> Sentence | None:
    if reach.comparable:
        return None
    sends = len(reach.without_holdout)
    return Sentence(
        "{sends:,} send without a holdout reached users of this run ({reached:,} were reached in "
        "all): what the messages caused can't be told from what would have happened anyway."
        if sends == 1
        else "{sends:,} sends without a holdout reached users of this run ({reached:,} were "
        "reached in all): what the messages caused can't be told from what would have happened "
        "anyway.",
        sends=sends,
        reached=int(reach.reached.sum()),
    )


def _fold(outcomes: ScoredOutcomes) -> Fold:
    users = np.arange(len(outcomes.labels))
    return Fold(outcomes.labels, outcomes.probabilities, users, outcomes.weights)


def _calibration_curve(outcomes: ScoredOutcomes) -> list[dict[str, Any]]:
    curve = calibration_curve(outcomes.labels, outcomes.probabilities, weights=outcomes.weights)
    columns = (curve.expected, curve.observed, curve.low, curve.high, curve.rows)
    names = ("expected", "observed", "low", "high", "users")
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _true_positives(outcomes: ScoredOutcomes, shift: ShiftVariance, bound: float) -> dict[str, Any]:
    """Expected and actual positives from a score on, with the interval of the expected."""
    rows = outcomes.scores >= bound
    weights, chance = _weights(outcomes)[rows], _chance(outcomes)[rows]
    reached = _total(outcomes, rows)
    expected = Uncertainty(shift).of_count(
        float(np.sum(weights * outcomes.probabilities[rows])),
        float(np.sum(weights**2 * chance)),
        reached,
        float(np.sum(weights * chance)),
    )
    return {
        "threshold": bound,
        "reached": reached,
        "expected": expected.to_dict(),
        "actual": _total(outcomes, rows & outcomes.labels),
    }


def _expected_confusion(outcomes: ScoredOutcomes, bound: float) -> dict[str, float]:
    """The four counts that the run's own probabilities add up to."""
    rows = outcomes.scores >= bound
    expected = _weights(outcomes) * outcomes.probabilities
    hits, missed = float(expected[rows].sum()), float(expected[~rows].sum())
    return {
        "true_positives": hits,
        "false_positives": _total(outcomes, rows) - hits,
        "false_negatives": missed,
        "true_negatives": _total(outcomes, ~rows) - missed,
    }


def _group(outcomes: ScoredOutcomes, shift: ShiftVariance) -> dict[str, Any]:
    """One group of users: what was expected of them, what they did, how they were ranked."""
    users = len(outcomes.labels)
    expected = Uncertainty(shift).of_count(
        float(outcomes.probabilities.sum()), float(_chance(outcomes).sum()), users
    )
    report: dict[str, Any] = {
        "users": users,
        "positives": outcomes.positives,
        "expected_positives": expected.to_dict(),
        "rate": None,
        "quality": None,
    }
    if users:
        whole = calibration_curve(outcomes.labels, outcomes.probabilities, bins=1)
        report["rate"] = {
            "value": float(whole.observed[0]),
            "low": float(whole.low[0]),
            "high": float(whole.high[0]),
        }
    if outcomes.has_both:
        report["quality"] = quality_interval([_fold(outcomes)]).to_dict()
    return report


def _total(outcomes: ScoredOutcomes, rows: BoolArray) -> float:
    """How many users some of the rows stand for; a whole number without weights."""
    if outcomes.weights is None:
        return int(np.count_nonzero(rows))
    return float(outcomes.weights[rows].sum())


def _weights(outcomes: ScoredOutcomes) -> FloatArray:
    return np.ones(len(outcomes.labels)) if outcomes.weights is None else outcomes.weights


def _chance(outcomes: ScoredOutcomes) -> FloatArray:
    return outcomes.probabilities * (1 - outcomes.probabilities)
