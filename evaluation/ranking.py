"""Labels counted at each distinct score: the one sort behind every measure of ranking.

Rows with equal scores form a group that is never split, so no measure depends on the order in
which rows happen to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from evaluation.arrays import (
    FloatArray,
    IntArray,
    as_labels,
    as_scores,
    as_weights,
    require_both_classes,
)

Amounts: TypeAlias = IntArray | FloatArray
"""Numbers of rows: whole ones, or sums of weights."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows and positives from the highest score down, one entry for each distinct score.

    Parameters
    ----------
    scores
        Shape (g,), float64, strictly falling: the distinct scores.
    rows
        Shape (g + 1,), int64: rows with at least that score, after a leading 0; float64 sums of
        their weights where rows have weights.
    positives
        Shape (g + 1,), int64 or float64: positives among them, after a leading 0.
    """

    scores: FloatArray
    rows: Amounts
    positives: Amounts

    @classmethod
    def of(cls, labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> Ranking:
        """Rank labels by scores, highest first.

        Parameters
        ----------
        labels
            Shape (n,), bool or 0/1, both classes present.
        scores
            Shape (n,), finite; any monotone scale.
        weights
            Shape (n,), above 0, how many users each row stands for; None: one each.

        Raises
        ------
        ValueError
            When the arrays differ in length, hold other values, or one class is missing.
        """
        truth = as_labels(labels)
        require_both_classes(truth)
        values = as_scores(scores, len(truth))
        order, ends = groups_from_the_top(values)
        found = np.cumsum(truth[order], dtype=np.int64)
        rows: Amounts = ends
        positives: Amounts = found[ends - 1]
        if weights is not None:
            amounts = as_weights(weights, len(truth))[order]
            rows = np.cumsum(amounts)[ends - 1]
            positives = np.cumsum(np.where(truth[order], amounts, 0.0))[ends - 1]
        return cls(
            scores=values[order[ends - 1]],
            rows=np.concatenate(([0], rows)),
            positives=np.concatenate(([0], positives)),
        )

    @property
    def negatives(self) -> Amounts:
        """Shape (g + 1,): negatives with at least that score, after a leading 0."""
        return self.rows - self.positives

    @property
    def total(self) -> float:
        """Number of rows, or the sum of their weights."""
        return float(self.rows[-1])

    @property
    def total_positives(self) -> float:
        """Number of positives, or the sum of their weights."""
        return float(self.positives[-1])

    @property
    def total_negatives(self) -> float:
        """Number of negatives, or the sum of their weights."""
        return self.total - self.total_positives

    def auc(self) -> float:
        """Area under the ROC curve, see :func:`auc`."""
        # A pair counts twice when won and once when tied, which keeps the sum in whole numbers.
        beaten_twice = 2 * self.total_negatives - self.negatives[1:] - self.negatives[:-1]
        pairs = self.total_positives * self.total_negatives
        return float(np.sum(np.diff(self.positives) * beaten_twice) / (2 * pairs))

    def average_precision(self) -> float:
        """Mean precision over the recalls reached, see :func:`average_precision`."""
        precision = self.positives[1:] / self.rows[1:]
        return float(np.sum(np.diff(self.positives) * precision) / self.total_positives)

    def lift_at(self, share: float) -> float:
        """Lift of the top ``share`` of rows, see :func:`lift_at`."""
        if not 0 < share <= 1:
            raise ValueError(f"share is {share}. Allowed: above 0, up to 1.")
        captured = np.interp(share * self.total, self.rows, self.positives)
        return float(captured / (self.total_positives * share))

    def mean_lift_quality(self) -> float:
        """Mean lift between random and perfect, see :func:`mean_lift_quality`."""
        before, size = self.rows[:-1], np.diff(self.rows)
        found_before, found = self.positives[:-1], np.diff(self.positives)
        harmonic = _harmonic_between(before, self.rows[1:])
        shares_of_positives = found + (found_before - found * before / size) * harmonic
        mean_lift = float(np.sum(shares_of_positives)) / self.total_positives
        perfect_gain = _harmonic_number(self.total) - _harmonic_number(self.total_positives)
        return (mean_lift - 1) / perfect_gain


def groups_from_the_top(scores: FloatArray) -> tuple[IntArray, IntArray]:
    """Sort scores downwards and find where each group of equal ones ends.

    Parameters
    ----------
    scores
        Shape (n,), finite.

    Returns
    -------
    order
        Shape (n,), int64: row numbers from the highest score to the lowest.
    ends
        Shape (g,), int64: for each distinct score the number of rows down to its last one.
    """
    order = np.argsort(scores)[::-1].astype(np.int64, copy=False)
    falling = scores[order]
    ends = np.append(np.flatnonzero(falling[1:] != falling[:-1]) + 1, len(scores))
    return order, ends.astype(np.int64, copy=False)


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: how often a positive outranks a negative, ties counting half.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs (Hanley and McNeil, The meaning and
    use of the area under a ROC curve, Radiology 143, 1982).

    Examples
    --------
    >>> auc([1, 0, 1, 0], [0.9, 0.1, 0.4, 0.4])
    0.875
    """
    return Ranking.of(labels, scores).auc()


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Mean precision over the recalls reached, the step-wise area under precision-recall.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    Σ (R_g − R_{g−1}) · P_g over the distinct scores, without interpolation between them, which
    would be too optimistic (Davis and Goadrich, The relationship between precision-recall and ROC
    curves, ICML 2006).
    """
    return Ranking.of(labels, scores).average_precision()


def lift_at(labels: ArrayLike, scores: ArrayLike, share: float) -> float:
    """How many times the average rate of positives the top ``share`` of rows holds.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.
    share
        Share of all rows, in (0, 1]; 0.1 is the top decile. A group of equal scores that the cut
        goes through gives the same share of its positives as of its rows.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, one class is missing, or ``share``
        is outside (0, 1].
    """
    return Ranking.of(labels, scores).lift_at(share)


def mean_lift_quality(labels: ArrayLike, scores: ArrayLike) -> float:
    """Mean lift over all ranks, between random (0) and perfect (1).

    Unlike Prediction Quality it rewards getting the very top of the list right.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    scores
        Shape (n,), finite; any monotone scale.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    With lift(r) the share of positives among the top r rows divided by the share among all,
    the measure is (mean_r lift(r) − 1) / (mean_r lift*(r) − 1) where lift* is that of a perfect
    ranking; its mean is 1 + H(n) − H(P), H the harmonic numbers, P the positives of n rows.
    A group of t equal scores that starts after s rows and c positives and holds q positives adds,
    with its positives spread evenly, Σ_{r=s+1..s+t} (c + q(r − s)/t)/r
    = q + (c − qs/t)(H(s+t) − H(s)).
    """
    return Ranking.of(labels, scores).mean_lift_quality()


def _harmonic_between(start: Amounts, end: Amounts) -> FloatArray:
    """H(end) − H(start), without cancellation where a group is a single row."""
    return np.where(end - start == 1, 1 / end, digamma(end + 1.0) - digamma(start + 1.0))


def _harmonic_number(n: float) -> float:
    return float(digamma(n + 1.0) + np.euler_gamma)
