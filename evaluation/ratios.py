"""Lift, and what happened for each one expected, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.arrays import BoolArray, FloatArray, require_fraction, weighted_mean
from evaluation.folds import Fold, require_folds
from evaluation.intervals import Estimate, interval_of_rate
from evaluation.measured import LOG, LOGIT, Measured, interval_of_mean
from evaluation.ranking import Ranking, groups_from_the_top


def top_lift(folds: Sequence[Fold], share: float, confidence: float = 0.95) -> Estimate | None:
    """Mean lift of the top ``share`` of rows over test snapshots, with its interval.

    Parameters
    ----------
    folds
        The test snapshots, at least one; a user may be in several.
    share
        Share of all rows, in (0, 1); 0.1 is the top decile.
    confidence
        Level of the interval, in (0, 1).

    Returns
    -------
    Estimate or None
        None where a fold has fewer than two positive users, which tells nothing about variance.

    Raises
    ------
    ValueError
        When there is no fold, or ``share`` or ``confidence`` is outside (0, 1).

    Notes
    -----
    With r the share, lift is θ/r, θ the share of all positives that stand in the top. The cut
    is itself an estimate: more positives above it move it up by Λ, the rate of positives at the
    cut, so a row adds [y(m − θ) − Λ(m − r)] / Σy to the error of θ, m being 1 above the cut and 0
    below: the empirical-process variance of Ash and Hughes-Oliver, Confidence bands and
    hypothesis tests for hit enrichment curves, Journal of Cheminformatics 14, 2022. Λ is taken
    from the rows ranked between r/2 and 3r/2. Variances are added up by user and between
    snapshots, and the interval is built on the logit of θ (:mod:`evaluation.measured`). Where the
    top holds all positives or none, the variance is 0; there the interval of Wilson on the
    positive users of one fold takes its place.
    """
    require_folds(folds)
    require_fraction("share", share)
    require_fraction("confidence", confidence)
    positive_users = [fold.users_among(fold.labels) for fold in folds]
    if min(positive_users) < 2:
        return None
    found = [_found(fold, share) for fold in folds]
    mean = float(np.mean([one.value for one in found]))
    if 0 < mean < 1:
        degrees = max(positive_users) - 1
        low, high = interval_of_mean(found, folds, LOGIT, degrees, confidence)
    else:
        fewest = min(positive_users)
        rate = interval_of_rate(mean * fewest, fewest, confidence)
        low, high = (rate.low, rate.high) if rate else (0.0, 1.0)
    return Estimate(mean / share, low / share, high / share)


def happened_per_expected(folds: Sequence[Fold], confidence: float = 0.95) -> Estimate | None:
    """Positives that came for each one expected, over all snapshots, with its interval.

    Parameters
    ----------
    folds
        The test snapshots, at least one; a user may be in several.
    confidence
        Level of the interval, in (0, 1).

    Returns
    -------
    Estimate or None
        None where a fold expects nothing, or has fewer than two positive users.

    Raises
    ------
    ValueError
        When there is no fold or ``confidence`` is outside (0, 1).

    Notes
    -----
    Σy / Σp of all folds is the mean of the folds' ratios R, each counting by its Σp. A row adds
    (y − Rp) / Σp to the error of its fold's, as to any ratio of two sums (Cochran, Sampling
    techniques, 1977, section 2.11). Variances are added up by user and between snapshots, and the
    interval is built on the logarithm (:mod:`evaluation.measured`), the scale on which such
    ratios differ about normally between populations: Snell and others, Meta-analysis of
    prediction model performance across multiple studies, Statistical Methods in Medical Research
    27, 2018.
    """
    require_folds(folds)
    require_fraction("confidence", confidence)
    positive_users = [fold.users_among(fold.labels) for fold in folds]
    expected = np.array([np.sum(fold.amounts * fold.probabilities) for fold in folds])
    if min(positive_users) < 2 or expected.min() <= 0:
        return None
    shares = expected / expected.sum()
    ratios = [_ratio(fold, total) for fold, total in zip(folds, expected, strict=True)]
    low, high = interval_of_mean(ratios, folds, LOG, max(positive_users) - 1, confidence, shares)
    return Estimate(float(np.sum(shares * [one.value for one in ratios])), low, high)


def lift_of(fold: Fold, rows: BoolArray, confidence: float = 0.95) -> Estimate | None:
    """Lift of some rows of a fold, with its interval by chance.

    Parameters
    ----------
    fold
        Outcomes; a user may come several times.
    rows
        Shape (n,), bool: those that were chosen before any outcome was known.
    confidence
        Level of the interval, in (0, 1).

    Returns
    -------
    Estimate or None
        None where the rows hold fewer than two positive users.

    Raises
    ------
    ValueError
        When ``confidence`` is outside (0, 1).

    Notes
    -----
    Lift is the share of positives among the rows over that among all; a row adds
    y·m/Σym − m/Σm − y/Σy + 1/n to the error of its logarithm, m being 1 for a chosen one: the
    delta method for a ratio of proportions (Katz and others, Obtaining confidence intervals for
    the risk ratio in cohort studies, Biometrics 34, 1978), added up by user.
    """
    require_fraction("confidence", confidence)
    hits = fold.labels & rows
    if not hits.any() or (users := fold.users_among(hits)) < 2:
        return None
    amounts = fold.amounts

    def share(of: BoolArray) -> FloatArray:
        return amounts * of / np.sum(amounts[of])

    everybody = np.ones(len(rows), dtype=np.bool_)
    precision = weighted_mean(fold.labels[rows].astype(np.float64), amounts[rows])
    lift = precision / weighted_mean(fold.labels.astype(np.float64), amounts)
    influence = lift * (share(hits) - share(rows) - share(fold.labels) + share(everybody))
    low, high = interval_of_mean([Measured(lift, influence)], [fold], LOG, users - 1, confidence)
    return Estimate(lift, low, high)


def _found(fold: Fold, share: float) -> Measured:
    """The share of all positives that stand in the top ``share`` of rows."""
    ranking = Ranking.of(fold.labels, fold.probabilities, fold.weights)
    found = ranking.lift_at(share) * share
    at_cut = np.interp(
        np.array([0.5, 1.5]) * share * ranking.total, ranking.rows, ranking.positives
    )
    between = min(1.0, 1.5 * share) - 0.5 * share
    rate = float(at_cut[1] - at_cut[0]) / (between * ranking.total)
    above = _above(fold, ranking, share)
    error = fold.labels * (above - found) - rate * (above - share)
    return Measured(found, fold.amounts * error / ranking.total_positives)


def _above(fold: Fold, ranking: Ranking, share: float) -> FloatArray:
    """Shape (n,): how much of each row stands in the top; a part where the cut goes through."""
    order, ends = groups_from_the_top(fold.probabilities)
    sizes = np.diff(ranking.rows)
    parts = np.clip((share * ranking.total - ranking.rows[:-1]) / sizes, 0.0, 1.0)
    above = np.empty(len(order))
    above[order] = np.repeat(parts, np.diff(ends, prepend=0))
    return above


def _ratio(fold: Fold, expected: float) -> Measured:
    amounts = fold.amounts
    ratio = float(np.sum(amounts * fold.labels)) / expected
    return Measured(ratio, amounts * (fold.labels - ratio * fold.probabilities) / expected)
