"""The area under the ROC curve as a mean over rows: DeLong's placement values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evaluation.arrays import FloatArray
from evaluation.folds import Fold
from evaluation.ranking import groups_from_the_top


@dataclass(frozen=True, eq=False)
class AucEstimate:
    """The AUC of one fold, and what each row adds to its error.

    Parameters
    ----------
    value
        The AUC, ties counting half.
    influence
        Shape (n,), float64, one a row of the fold: the sum of its squares is DeLong's variance.
    positive_users, negative_users
        Number of distinct users with a positive, with a negative outcome; where rows have
        weights, how many of equal weight would tell as much. With fewer than two of either there
        is no variance to estimate, and ``influence`` is 0 for that class.
    """

    value: float
    influence: FloatArray
    positive_users: float
    negative_users: float

    @property
    def has_variance(self) -> bool:
        """Whether both classes hold enough users to estimate a variance."""
        return min(self.positive_users, self.negative_users) >= 2


def auc_estimate(fold: Fold) -> AucEstimate:
    """AUC of a fold with the influence of each of its rows.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver
    operating characteristic curves, Biometrics 44, 1988. The placement value of a positive is the
    share of the negatives it beats, that of a negative the share of the positives that beat it.
    With P positives, their influence is (placement − AUC) / P · √(P′ / (P′ − 1)), P′ the distinct
    users among them (Obuchowski 1997), which is P unless a user comes twice in one fold; the same
    for the negatives. With weights w, shares and means are weighted, a row's influence is
    w(placement − AUC) / Σw over its class, and P′ is Kish's effective number: the linearised
    variance of a weighted mean (Binder, On the variances of asymptotically normal estimators from
    complex surveys, International Statistical Review 51, 1983).
    """
    labels = fold.labels
    amounts = fold.amounts
    placements = _placements(fold, amounts)
    value = float(np.sum(placements[labels] * amounts[labels]) / np.sum(amounts[labels]))
    positive_users = fold.users_among(labels)
    negative_users = fold.users_among(~labels)
    weights = amounts * np.where(
        labels,
        _weight(float(np.sum(amounts[labels])), positive_users),
        _weight(float(np.sum(amounts[~labels])), negative_users),
    )
    return AucEstimate(value, (placements - value) * weights, positive_users, negative_users)


def _placements(fold: Fold, amounts: FloatArray) -> FloatArray:
    """Shape (n,): for each row the share of the other class it is on the right side of."""
    order, ends = groups_from_the_top(fold.probabilities)
    truth = fold.labels[order]
    positives = np.concatenate(([0], np.cumsum(np.where(truth, amounts[order], 0.0))[ends - 1]))
    negatives = np.concatenate(([0], np.cumsum(np.where(truth, 0.0, amounts[order]))[ends - 1]))
    positives_above = (positives[:-1] + positives[1:]) / 2 / positives[-1]
    negatives_below = 1 - (negatives[:-1] + negatives[1:]) / 2 / negatives[-1]
    group = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    placements = np.empty(len(order))
    placements[order] = np.where(truth, negatives_below[group], positives_above[group])
    return placements


def _weight(rows: float, users: float) -> float:
    return 0.0 if users < 2 else math.sqrt(users / (users - 1)) / rows
