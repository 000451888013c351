"""Logistic regression of outcomes on predicted log odds, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from evaluation.arrays import (
    BoolArray,
    FloatArray,
    as_labels,
    as_probabilities,
    as_weights,
    log_odds,
    require_both_classes,
)

_STEPS = 100
_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class InterceptShift:
    """How far a snapshot's log odds lie above the predicted ones.

    Parameters
    ----------
    value
        The a in logit P(y = 1) = a + logit p.
    influence
        Shape (n,), float64: what each row adds to the error of ``value``.
    """

    value: float
    influence: FloatArray


def calibration_slope(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float | None:
    """Slope b of logit P(y = 1) = a + b · logit p; 1 is calibrated, below 1 too extreme.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    probabilities
        Shape (n,), in [0, 1], moved to [1e-6, 1 − 1e-6].
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Returns
    -------
    float or None
        None where no finite slope exists: all probabilities equal, or the classes fully separated.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    Cox, Two further applications of a model for binary regression, Biometrika 45, 1958.
    """
    truth, predicted, amounts = _checked(labels, probabilities, weights)
    positive, negative = predicted[truth], predicted[~truth]
    if negative.max() <= positive.min() or positive.max() <= negative.min():
        return None
    # Centred, so that intercept and slope hardly disturb each other.
    centred = predicted - predicted.mean()
    design = np.stack([np.ones_like(centred), centred])
    start = np.array([float(predicted.mean()), 1.0])
    slope = _fit(design, truth, amounts, np.zeros_like(centred), start)[1]
    return float(slope)


def calibration_intercept(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Calibration in the large: a in logit P(y = 1) = a + logit p; 0 is calibrated.

    Above 0, more happened than was predicted. The slope is held at 1, so that the figure does not
    depend on it.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    probabilities
        Shape (n,), in [0, 1], moved to [1e-6, 1 − 1e-6].
    weights
        Shape (n,), above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.

    Notes
    -----
    Van Calster and others, A calibration hierarchy for risk models was defined, Journal of
    Clinical Epidemiology 74, 2016.
    """
    return intercept_shift(labels, probabilities, weights).value


def intercept_shift(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> InterceptShift:
    """Fit :func:`calibration_intercept` and tell what each row adds to its error.

    Notes
    -----
    With p′ the shifted probabilities, the influence of a row is (y − p′) / Σp′(1 − p′), the
    first-order term of a maximum-likelihood estimate (Huber, The behavior of maximum likelihood
    estimates under nonstandard conditions, 1967); with weights, w(y − p′) / Σwp′(1 − p′).
    """
    truth, predicted, amounts = _checked(labels, probabilities, weights)
    design = np.ones((1, len(predicted)))
    value = float(_fit(design, truth, amounts, predicted, np.zeros(1))[0])
    shifted = np.asarray(expit(predicted + value))
    information = float(np.sum(amounts * shifted * (1 - shifted)))
    return InterceptShift(value, amounts * (truth - shifted) / information)


def _checked(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None
) -> tuple[BoolArray, FloatArray, FloatArray]:
    truth = as_labels(labels)
    require_both_classes(truth)
    amounts = np.ones(len(truth)) if weights is None else as_weights(weights, len(truth))
    return truth, log_odds(as_probabilities(probabilities, len(truth))), amounts


def _fit(
    design: FloatArray,
    labels: BoolArray,
    weights: FloatArray,
    offset: FloatArray,
    start: FloatArray,
) -> FloatArray:
    """Coefficients of a logistic regression; ``design`` is (k, n) with k of one or two.

    Newton's step is halved until the likelihood no longer falls, which makes it converge from any
    start on this concave function. Sums go through einsum, not BLAS, whose threads stall on a busy
    machine.
    """
    signs = np.where(labels, 1.0, -1.0)
    coefficients = start
    margins = np.einsum("k,kn->n", coefficients, design) + offset
    loss = _negative_log_likelihood(signs, weights, margins)
    for _ in range(_STEPS):
        expected = np.asarray(expit(margins))
        gradient = np.einsum("kn,n->k", design, weights * (labels - expected))
        weighted = design * (weights * expected * (1 - expected))
        information = np.einsum("in,jn->ij", weighted, design)
        step = np.linalg.solve(information, gradient)
        if float(gradient @ step) <= _TOLERANCE * (1 + loss):
            return coefficients + step
        scale = 1.0
        while True:
            margins = np.einsum("k,kn->n", coefficients + scale * step, design) + offset
            new_loss = _negative_log_likelihood(signs, weights, margins)
            if new_loss <= loss:
                break
            scale /= 2
        coefficients, loss = coefficients + scale * step, new_loss
    raise ArithmeticError(f"The logistic fit did not settle in {_STEPS} steps.")


def _negative_log_likelihood(signs: FloatArray, weights: FloatArray, margins: FloatArray) -> float:
    return float(np.sum(weights * np.logaddexp(0.0, -signs * margins)))
