"""Gains, lift, ROC and precision-recall curves, thinned for drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evaluation.arrays import FloatArray, IntArray, require_at_least
from evaluation.ranking import Ranking

DEFAULT_POINTS = 200


@dataclass(frozen=True, eq=False)
class GainsCurve:
    """Share of all positives found in the top share of rows, from (0, 0) to (1, 1).

    Parameters
    ----------
    share
        Shape (m,), float64, rising from 0 to 1.
    captured
        Shape (m,), float64, rising from 0 to 1.
    """

    share: FloatArray
    captured: FloatArray


@dataclass(frozen=True, eq=False)
class LiftCurve:
    """How many times the average rate of positives the top share of rows holds.

    Parameters
    ----------
    share
        Shape (m,), float64, rising from above 0 to 1.
    lift
        Shape (m,), float64, ending at 1.
    """

    share: FloatArray
    lift: FloatArray


@dataclass(frozen=True, eq=False)
class RocCurve:
    """True against false positive rate, from (0, 0) to (1, 1).

    Parameters
    ----------
    false_positive_rate, true_positive_rate
        Shape (m,), float64, rising from 0 to 1.
    thresholds
        Shape (m,), float64, falling; a row is reached when its score is at least the threshold.
        The first is infinite: nobody is reached.
    """

    false_positive_rate: FloatArray
    true_positive_rate: FloatArray
    thresholds: FloatArray


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision against recall, from the highest score down to everybody.

    Parameters
    ----------
    recall
        Shape (m,), float64, rising to 1.
    precision
        Shape (m,), float64, ending at the prevalence.
    thresholds
        Shape (m,), float64, falling; a row is reached when its score is at least the threshold.
    """

    recall: FloatArray
    precision: FloatArray
    thresholds: FloatArray


def gains(labels: ArrayLike, scores: ArrayLike, points: int = DEFAULT_POINTS) -> GainsCurve:
    """Cumulative gains curve.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.
    points
        Most points to return, at least 2.

    Raises
    ------
    ValueError
        When the arrays are wrong, one class is missing, or ``points`` is below 2.

    Notes
    -----
    The CPH of Piatetsky-Shapiro and Steingold (SIGKDD Explorations 2, 2000). Between two points
    the curve is a straight line, which is what sharing ties evenly means.
    """
    ranking = Ranking.of(labels, scores)
    keep = _spread(ranking.rows / ranking.total, _captured(ranking), points)
    return GainsCurve(ranking.rows[keep] / ranking.total, _captured(ranking)[keep])


def lift(labels: ArrayLike, scores: ArrayLike, points: int = DEFAULT_POINTS) -> LiftCurve:
    """Cumulative lift curve: gains divided by share.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.
    points
        Most points to return, at least 2.

    Raises
    ------
    ValueError
        When the arrays are wrong, one class is missing, or ``points`` is below 2.
    """
    ranking = Ranking.of(labels, scores)
    share, captured = ranking.rows[1:] / ranking.total, _captured(ranking)[1:]
    keep = _spread(share, captured, points)
    return LiftCurve(share[keep], captured[keep] / share[keep])


def roc(labels: ArrayLike, scores: ArrayLike, points: int = DEFAULT_POINTS) -> RocCurve:
    """Receiver operating characteristic.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.
    points
        Most points to return, at least 2.

    Raises
    ------
    ValueError
        When the arrays are wrong, one class is missing, or ``points`` is below 2.

    Notes
    -----
    Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.
    """
    ranking = Ranking.of(labels, scores)
    missed = ranking.negatives / ranking.total_negatives
    thresholds = np.concatenate(([np.inf], ranking.scores))
    keep = _spread(missed, _captured(ranking), points)
    return RocCurve(missed[keep], _captured(ranking)[keep], thresholds[keep])


def precision_recall(
    labels: ArrayLike, scores: ArrayLike, points: int = DEFAULT_POINTS
) -> PrecisionRecallCurve:
    """Precision-recall curve, without the customary made-up point at recall 0.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.
    points
        Most points to return, at least 2.

    Raises
    ------
    ValueError
        When the arrays are wrong, one class is missing, or ``points`` is below 2.

    Notes
    -----
    Davis and Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.
    """
    ranking = Ranking.of(labels, scores)
    recall = _captured(ranking)[1:]
    precision = ranking.positives[1:] / ranking.rows[1:]
    keep = _spread(ranking.rows[1:] / ranking.total, recall, points)
    return PrecisionRecallCurve(recall[keep], precision[keep], ranking.scores[keep])


def _captured(ranking: Ranking) -> FloatArray:
    return np.asarray(ranking.positives / ranking.total_positives, dtype=np.float64)


def _spread(horizontal: FloatArray, vertical: FloatArray, points: int) -> IntArray:
    """Indices of at most ``points`` points, evenly along two rising coordinates, ends included.

    Steps along the curve rather than along an axis keep the steep start, where the decisions are.
    """
    require_at_least("points", points, 2)
    if len(horizontal) <= points:
        return np.arange(len(horizontal), dtype=np.int64)
    travelled = horizontal + vertical
    targets = np.linspace(travelled[0], travelled[-1], points)
    chosen = np.searchsorted(travelled, targets[1:-1])
    return np.unique(np.concatenate(([0], chosen, [len(horizontal) - 1]))).astype(np.int64)
