"""A measure of each snapshot with what each row adds to its error, and the interval of its mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, stdtrit

from evaluation.arrays import FloatArray
from evaluation.clusters import between_variance, covariance_by_user, moderated_variance
from evaluation.folds import Fold

_MANY_DEGREES = 1e6  # t is the normal distribution to the last shown digit


class Measured(NamedTuple):
    """A measure of one fold.

    Parameters
    ----------
    value
        The measure.
    influence
        Shape (n,), float64, one a row of the fold: what it adds to the error of ``value``.
    """

    value: float
    influence: FloatArray


class Scale(NamedTuple):
    """Where an interval is built, so that it keeps inside the bounds of its measure.

    Parameters
    ----------
    there, back
        To the scale, and from it.
    slope
        Derivative of ``there``.
    """

    there: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]


class Usual(NamedTuple):
    """How far a measure usually moves between snapshots, before any are seen.

    Parameters
    ----------
    deviation
        Standard deviation, in units of the measure.
    degrees
        Degrees of freedom that this belief is worth.
    """

    deviation: float
    degrees: float


#: Of shares, and of ratios.
LOGIT = Scale(logit, expit, lambda share: 1 / (share * (1 - share)))
LOG = Scale(math.log, math.exp, lambda ratio: 1 / ratio)


def interval_of_mean(
    measured: Sequence[Measured],
    folds: Sequence[Fold],
    scale: Scale,
    chance_degrees: float,
    confidence: float,
    shares: FloatArray | None = None,
    ahead: Usual | None = None,
) -> tuple[float, float]:
    """Bounds of the interval of a mean over snapshots, or of the snapshot that comes next.

    Parameters
    ----------
    measured
        Of each fold; inside the bounds of ``scale``.
    folds
        The test snapshots; a user may be in several.
    scale
        Where the interval is built.
    chance_degrees
        Degrees of freedom behind the variance by chance.
    confidence
        Level of the interval, in (0, 1).
    shares
        Shape (k,), sum 1: how much each fold counts; None: all the same.
    ahead
        Where the true value of the next snapshot is meant: how far snapshots usually move.

    Notes
    -----
    The variance of Σc·v over K snapshots is c′Wc + τ²Σc², with W the covariance by chance,
    clustered by user (:mod:`evaluation.clusters`), and τ² the variance between snapshots with
    chance removed. The reference distribution is t with Satterthwaite's degrees of freedom (An
    approximate distribution of estimates of variance components, Biometrics Bulletin 2, 1946),
    K − 1 of them behind τ². The next snapshot moves by itself too, which adds τ²; there τ² is
    joined with what is usual (:func:`evaluation.clusters.moderated_variance`).
    """
    count = len(folds)
    parts = np.full(count, 1 / count) if shares is None else shares
    covariance = covariance_by_user(
        [one.influence for one in measured], [fold.users for fold in folds]
    )
    values = np.array([one.value for one in measured])
    chance = float(np.sum(covariance * parts[:, None] * parts[None, :]))
    between, behind = between_variance(values, covariance), count - 1.0
    change = between * float(np.sum(parts**2))
    if ahead is not None:
        between, behind = moderated_variance(between, behind, ahead.deviation**2, ahead.degrees)
        change = between * (1 + float(np.sum(parts**2)))
    degrees = satterthwaite(chance, chance_degrees, change, behind)
    margin = float(stdtrit(degrees, (1 + confidence) / 2)) * math.sqrt(chance + change)
    mean = float(np.sum(parts * values))
    centre, reach = float(scale.there(mean)), margin * scale.slope(mean)
    return float(scale.back(centre - reach)), float(scale.back(centre + reach))


def satterthwaite(
    first: float, first_degrees: float, second: float, second_degrees: float
) -> float:
    """Degrees of freedom of a sum of two variances; many where both are 0."""
    spread = sum(
        variance**2 / degrees
        for variance, degrees in ((first, first_degrees), (second, second_degrees))
        if variance > 0
    )
    return min((first + second) ** 2 / spread, _MANY_DEGREES) if spread > 0 else _MANY_DEGREES
