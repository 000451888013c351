"""The confusion matrix at a threshold, and every rate that is read from it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.arrays import as_labels, as_scores, as_weights

RATE_NAMES = (
    "sensitivity",
    "recall",
    "true_positive_rate",
    "specificity",
    "true_negative_rate",
    "precision",
    "positive_predictive_value",
    "negative_predictive_value",
    "false_positive_rate",
    "false_negative_rate",
    "false_discovery_rate",
    "false_omission_rate",
    "accuracy",
    "error_rate",
    "balanced_accuracy",
    "f1",
    "threat_score",
    "fowlkes_mallows",
    "matthews",
    "cohens_kappa",
    "informedness",
    "youden",
    "markedness",
    "positive_likelihood_ratio",
    "negative_likelihood_ratio",
    "diagnostic_odds_ratio",
    "prevalence",
    "predicted_share",
    "lift",
)
"""The properties of :class:`ConfusionMatrix` that its ``to_dict`` lists under ``rates``."""


@dataclass(frozen=True)
class ConfusionMatrix:
    """Predicted against actual, counted. A rate whose denominator is 0 is None.

    The counts are whole numbers, or sums of weights where rows stand for more than one user.

    Parameters
    ----------
    true_positives
        Predicted positive, and were.
    false_positives
        Predicted positive, but were negative.
    false_negatives
        Predicted negative, but were positive.
    true_negatives
        Predicted negative, and were.

    Raises
    ------
    ValueError
        When a count is negative.

    Notes
    -----
    Definitions as in Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27,
    2006, and Powers, Evaluation: from precision, recall and F-measure to ROC, informedness,
    markedness and correlation, 2011.

    Examples
    --------
    >>> matrix = ConfusionMatrix(8, 2, 4, 86)
    >>> matrix.precision, matrix.to_dict()["rates"]["accuracy"]
    (0.8, 0.94)
    """

    true_positives: float
    false_positives: float
    false_negatives: float
    true_negatives: float

    def __post_init__(self) -> None:
        for name, count in asdict(self).items():
            if count < 0:
                raise ValueError(f"{name} is {count}. Allowed: a number of at least 0.")

    @property
    def positives(self) -> float:
        """Rows that were positive."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> float:
        """Rows that were negative."""
        return self.false_positives + self.true_negatives

    @property
    def predicted_positives(self) -> float:
        """Rows at or above the threshold."""
        return self.true_positives + self.false_positives

    @property
    def predicted_negatives(self) -> float:
        """Rows below the threshold."""
        return self.false_negatives + self.true_negatives

    @property
    def total(self) -> float:
        """All rows."""
        return self.positives + self.negatives

    @property
    def sensitivity(self) -> float | None:
        """TP / (TP + FN): the share of the positives that is found."""
        return _ratio(self.true_positives, self.positives)

    @property
    def specificity(self) -> float | None:
        """TN / (TN + FP): the share of the negatives that is left out."""
        return _ratio(self.true_negatives, self.negatives)

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP): the share of the predicted positives that are positive."""
        return _ratio(self.true_positives, self.predicted_positives)

    @property
    def negative_predictive_value(self) -> float | None:
        """TN / (TN + FN): the share of the predicted negatives that are negative."""
        return _ratio(self.true_negatives, self.predicted_negatives)

    @property
    def false_positive_rate(self) -> float | None:
        """FP / (FP + TN) = 1 − specificity: the share of the negatives that is reached."""
        return _ratio(self.false_positives, self.negatives)

    @property
    def false_negative_rate(self) -> float | None:
        """FN / (FN + TP) = 1 − sensitivity: the share of the positives that is missed."""
        return _ratio(self.false_negatives, self.positives)

    @property
    def false_discovery_rate(self) -> float | None:
        """FP / (FP + TP) = 1 − precision."""
        return _ratio(self.false_positives, self.predicted_positives)

    @property
    def false_omission_rate(self) -> float | None:
        """FN / (FN + TN) = 1 − negative predictive value."""
        return _ratio(self.false_negatives, self.predicted_negatives)

    @property
    def accuracy(self) -> float | None:
        """(TP + TN) / all."""
        return _ratio(self.true_positives + self.true_negatives, self.total)

    @property
    def error_rate(self) -> float | None:
        """(FP + FN) / all."""
        return _ratio(self.false_positives + self.false_negatives, self.total)

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean of sensitivity and specificity."""
        if self.sensitivity is None or self.specificity is None:
            return None
        return (self.sensitivity + self.specificity) / 2

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 2TP / (2TP + FP + FN)."""
        return _ratio(2 * self.true_positives, self.positives + self.predicted_positives)

    @property
    def threat_score(self) -> float | None:
        """TP / (TP + FP + FN), also the Jaccard or critical success index."""
        return _ratio(self.true_positives, self.positives + self.false_positives)

    @property
    def fowlkes_mallows(self) -> float | None:
        """Geometric mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        return math.sqrt(self.precision * self.recall)

    @property
    def matthews(self) -> float | None:
        """Matthews correlation of predicted and actual (phi coefficient), −1 to 1."""
        agreement = (
            self.true_positives * self.true_negatives - self.false_positives * self.false_negatives
        )
        margins = (
            self.positives * self.negatives * self.predicted_positives * self.predicted_negatives
        )
        return _ratio(agreement, math.sqrt(margins))

    @property
    def cohens_kappa(self) -> float | None:
        """Agreement beyond chance, (accuracy − expected) / (1 − expected)."""
        expected = (
            self.positives * self.predicted_positives + self.negatives * self.predicted_negatives
        )
        agreed = (self.true_positives + self.true_negatives) * self.total
        return _ratio(agreed - expected, self.total**2 - expected)

    @property
    def informedness(self) -> float | None:
        """Sensitivity + specificity − 1, Youden's J."""
        if self.sensitivity is None or self.specificity is None:
            return None
        return self.sensitivity + self.specificity - 1

    @property
    def markedness(self) -> float | None:
        """Precision + negative predictive value − 1."""
        if self.precision is None or self.negative_predictive_value is None:
            return None
        return self.precision + self.negative_predictive_value - 1

    @property
    def positive_likelihood_ratio(self) -> float | None:
        """Sensitivity / (1 − specificity): how much a positive prediction raises the odds."""
        return _ratio(self.true_positives * self.negatives, self.false_positives * self.positives)

    @property
    def negative_likelihood_ratio(self) -> float | None:
        """(1 − sensitivity) / specificity: how much a negative prediction lowers the odds."""
        return _ratio(self.false_negatives * self.negatives, self.true_negatives * self.positives)

    @property
    def diagnostic_odds_ratio(self) -> float | None:
        """TP · TN / (FP · FN), the ratio of the two likelihood ratios."""
        return _ratio(
            self.true_positives * self.true_negatives, self.false_positives * self.false_negatives
        )

    @property
    def prevalence(self) -> float | None:
        """The share of all rows that is positive."""
        return _ratio(self.positives, self.total)

    @property
    def predicted_share(self) -> float | None:
        """The share of all rows that is predicted positive."""
        return _ratio(self.predicted_positives, self.total)

    @property
    def lift(self) -> float | None:
        """Precision / prevalence."""
        return _ratio(self.true_positives * self.total, self.predicted_positives * self.positives)

    # The same rates under their other names.
    recall = sensitivity
    true_positive_rate = sensitivity
    true_negative_rate = specificity
    positive_predictive_value = precision
    youden = informedness

    def to_dict(self) -> dict[str, Any]:
        """Give the four counts by name, and every rate of :data:`RATE_NAMES` under ``rates``."""
        rates = {name: getattr(self, name) for name in RATE_NAMES}
        return asdict(self) | {"rates": rates}


def confusion_matrix(
    labels: ArrayLike,
    scores: ArrayLike,
    threshold: float,
    weights: ArrayLike | None = None,
) -> ConfusionMatrix:
    """Count predicted against actual, where a score of at least ``threshold`` predicts positive.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1. One class alone is allowed: its rates are then None.
    scores
        Shape (n,), finite, on the scale of ``threshold``.
    threshold
        Finite.
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values, or ``threshold`` is not finite.

    Examples
    --------
    >>> confusion_matrix([1, 1, 0, 0], [80, 40, 75, 10], 75)
    ConfusionMatrix(true_positives=1, false_positives=1, false_negatives=1, true_negatives=1)
    """
    if not math.isfinite(threshold):
        raise ValueError(f"threshold is {threshold}. Allowed: a finite number.")
    truth = as_labels(labels)
    predicted = as_scores(scores, len(truth)) >= threshold
    chosen = (truth & predicted, ~truth & predicted, truth & ~predicted, ~truth & ~predicted)
    if weights is None:
        return ConfusionMatrix(*(int(np.count_nonzero(rows)) for rows in chosen))
    amounts = as_weights(weights, len(truth))
    return ConfusionMatrix(*(float(np.sum(amounts[rows])) for rows in chosen))


def _ratio(numerator: float, denominator: float) -> float | None:
    return None if denominator == 0 else numerator / denominator
