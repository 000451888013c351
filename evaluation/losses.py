"""Proper scoring rules: how far probabilities are from what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evaluation.arrays import as_labels, as_probabilities, as_weights, weighted_mean


def brier(labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean squared difference between probability and outcome; 0 is best.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1].
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values.

    Notes
    -----
    Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78,
    1950, in its form for two classes.
    """
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    amounts = None if weights is None else as_weights(weights, len(truth))
    return weighted_mean((predicted - truth) ** 2, amounts)


def log_loss(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Mean negative log-likelihood of the outcomes, natural logarithm; 0 is best.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    probabilities
        Shape (n,), in [0, 1]; moved off 0 and 1 by the float64 machine epsilon, as scikit-learn
        does, so that one certain error does not make the mean infinite.
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values.

    Notes
    -----
    Good, Rational decisions, Journal of the Royal Statistical Society B 14, 1952.
    """
    truth = as_labels(labels)
    predicted = as_probabilities(probabilities, len(truth))
    epsilon = float(np.finfo(np.float64).eps)
    of_outcome = np.clip(np.where(truth, predicted, 1 - predicted), epsilon, 1 - epsilon)
    amounts = None if weights is None else as_weights(weights, len(truth))
    return -weighted_mean(np.log(of_outcome), amounts)
