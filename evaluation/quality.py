"""Prediction Quality: how good a ranking is between random (0) and perfect (100)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from evaluation.arrays import require_fraction
from evaluation.delong import AucEstimate, auc_estimate
from evaluation.folds import Fold, require_folds
from evaluation.measured import LOGIT, Measured, Usual, interval_of_mean, satterthwaite
from evaluation.paired import PairedTest, paired_quality_test
from evaluation.ranking import Ranking, auc, average_precision, lift_at, mean_lift_quality

__all__ = [
    "Fold",
    "PairedTest",
    "Quality",
    "auc",
    "average_precision",
    "expected_quality",
    "lift_at",
    "mean_lift_quality",
    "paired_quality_test",
    "prediction_quality",
    "quality_interval",
    "quality_label",
]

Label = Literal["excellent", "good", "fair", "poor"]

#: How far the true Prediction Quality of a prediction usually moves between snapshots, in points,
#: and the degrees of freedom that this belief is worth.
USUAL_CHANGE = Usual(deviation=3.0, degrees=4.0)
_POINTS = 200.0  # of a whole AUC
_LEAST_SNAPSHOTS = 3  # fewer tell next to nothing about change between them
_BISECTIONS = 50  # halves an interval of width 1 down to the last digits of a float


@dataclass(frozen=True)
class Quality:
    """Prediction Quality with its interval.

    Parameters
    ----------
    value
        Mean over the folds; −100 to 100, 0 is random.
    low, high
        Bounds of the interval, or None where a fold has fewer than two positive or two negative
        users, which tells nothing about its variance.
    label
        ``excellent``, ``good``, ``fair`` or ``poor``.
    interval_basis
        ``chance and change between snapshots``, ``chance only`` for a single fold, and ``chance
        and usual change between snapshots`` where fewer than three let expect the next.
    """

    value: float
    low: float | None
    high: float | None
    label: Label
    interval_basis: str

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def prediction_quality(labels: ArrayLike, scores: ArrayLike) -> float:
    """How far the gains curve lies between random (0) and perfect (100).

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale. Rows with equal scores share their rank evenly.

    Returns
    -------
    float
        From −100 (perfectly wrong) to 100.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    With CPH(x) the share of all positives in the top share x,
    100 · (∫CPH(model) − ½) / (∫CPH(perfect) − ½), and ∫CPH(perfect) = 1 − prevalence / 2.
    Piatetsky-Shapiro and Steingold, Measuring lift quality in database marketing, SIGKDD
    Explorations 2, 2000. It equals 100 · (2 · AUC − 1).

    Examples
    --------
    >>> prediction_quality([1, 1, 0, 0], [0.9, 0.4, 0.4, 0.1])
    75.0
    """
    ranking = Ranking.of(labels, scores)
    share = ranking.rows / ranking.total
    captured = ranking.positives / ranking.total_positives
    area = float(np.trapezoid(captured, share))
    perfect_area = 1 - ranking.total_positives / ranking.total / 2
    return 100 * (area - 0.5) / (perfect_area - 0.5)


def quality_label(value: float) -> Label:
    """Word for a Prediction Quality: excellent from 60, good from 40, fair from 20, else poor.

    Raises
    ------
    ValueError
        When ``value`` is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"value is {value}. Allowed: a number from -100 to 100.")
    if value >= 60:
        return "excellent"
    if value >= 40:
        return "good"
    return "fair" if value >= 20 else "poor"


def quality_interval(folds: Sequence[Fold], confidence: float = 0.95) -> Quality:
    """Mean Prediction Quality over test snapshots, with its confidence interval.

    Parameters
    ----------
    folds
        The test snapshots, at least one; a user may be in several.
    confidence
        Level of the interval, in (0, 1).

    Raises
    ------
    ValueError
        When there is no fold or ``confidence`` is outside (0, 1).

    Notes
    -----
    The variance of the mean AUC over K snapshots is W + τ²/K. W is what chance does, from
    DeLong's placement values clustered by user over all folds (:mod:`evaluation.delong`,
    :mod:`evaluation.clusters`). τ² is the variance between snapshots with chance removed. The
    reference distribution is t with Satterthwaite's degrees of freedom (An approximate
    distribution of estimates of variance components, Biometrics Bulletin 2, 1946): K − 1 behind
    τ²/K, and behind W those of its two parts, positives and negatives, as in Brunner and Munzel,
    The nonparametric Behrens-Fisher problem, Biometrical Journal 42, 2000. The interval is built
    on the logit of the AUC and mapped back, so that it keeps inside the scale and holds its level
    with few positives (Pepe, The statistical evaluation of medical tests, 2003, section 5.2).
    Where every fold is ranked perfectly, DeLong's variance is 0; there the score-like interval of
    Newcombe (Confidence intervals for an effect size measure based on the Mann-Whitney statistic,
    part 2, method 5, Statistics in Medicine 25, 2006) on the distinct users takes its place.
    """
    basis = "chance only" if len(folds) == 1 else "chance and change between snapshots"
    return _quality(folds, confidence, basis)


def expected_quality(folds: Sequence[Fold], confidence: float = 0.95) -> Quality:
    """Prediction Quality to expect of the next snapshot, from those of a backtest.

    Parameters
    ----------
    folds
        The test snapshots, at least one; a user may be in several.
    confidence
        Level of the interval, in (0, 1).

    Raises
    ------
    ValueError
        When there is no fold or ``confidence`` is outside (0, 1).

    Notes
    -----
    As :func:`quality_interval`, but the next snapshot is easier or harder by itself: τ² comes in
    once more, and is joined with the three points that snapshots usually move by, worth four
    degrees (:func:`evaluation.clusters.moderated_variance`). The variance is W + τ²(1 + 1/K): a
    prediction interval, as for a new study in a meta-analysis (Higgins, Thompson and Spiegelhalter,
    A re-evaluation of random-effects meta-analysis, Journal of the Royal Statistical Society A
    172, 2009). What chance does to the measure of the next snapshot is that one's own interval.
    """
    known = "change" if len(folds) >= _LEAST_SNAPSHOTS else "usual change"
    ahead = Usual(USUAL_CHANGE.deviation / _POINTS, USUAL_CHANGE.degrees)
    return _quality(folds, confidence, f"chance and {known} between snapshots", ahead)


def _quality(
    folds: Sequence[Fold], confidence: float, basis: str, ahead: Usual | None = None
) -> Quality:
    require_folds(folds)
    require_fraction("confidence", confidence)
    estimates = [auc_estimate(fold) for fold in folds]
    mean = float(np.mean([estimate.value for estimate in estimates]))
    value = _quality_of(mean)
    if not all(estimate.has_variance for estimate in estimates):
        return Quality(value, None, None, quality_label(value), basis)
    if mean in (0.0, 1.0):
        low, high = _newcombe_interval(mean, estimates, confidence)
    else:
        areas = [Measured(estimate.value, estimate.influence) for estimate in estimates]
        degrees = _chance_degrees(estimates, folds)
        low, high = interval_of_mean(areas, folds, LOGIT, degrees, confidence, ahead=ahead)
    return Quality(value, _quality_of(low), _quality_of(high), quality_label(value), basis)


def _quality_of(area: float) -> float:
    return _POINTS * area - 100


def _chance_degrees(estimates: Sequence[AucEstimate], folds: Sequence[Fold]) -> float:
    """Degrees of freedom behind the variance by chance: few positives tell little about it."""
    of_positives, of_negatives = (
        sum(
            float(np.sum(estimate.influence[fold.labels == label] ** 2))
            for estimate, fold in zip(estimates, folds, strict=True)
        )
        for label in (True, False)
    )
    return satterthwaite(
        of_positives,
        max(estimate.positive_users for estimate in estimates) - 1,
        of_negatives,
        max(estimate.negative_users for estimate in estimates) - 1,
    )


def _newcombe_interval(
    mean: float, estimates: Sequence[AucEstimate], confidence: float
) -> tuple[float, float]:
    """Interval of an AUC seen as exactly 0 or 1, from the fold with the fewest users."""
    positives = min(estimate.positive_users for estimate in estimates)
    negatives = min(estimate.negative_users for estimate in estimates)
    z = float(ndtri((1 + confidence) / 2))
    effective = (positives + negatives) / 2 - 1

    def reaches(area: float) -> bool:
        """Whether 1 lies within the standard error that this area would have, times z."""
        inflation = (1 - area) / (2 - area) + area / (1 + area)
        return 1 - area <= z**2 * area * (1 + effective * inflation) / (positives * negatives)

    outside, inside = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (outside + inside) / 2
        outside, inside = (outside, middle) if reaches(middle) else (middle, inside)
    return (inside, 1.0) if mean == 1 else (0.0, 1 - inside)
