"""Probabilities, odds and log odds, without overflow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: No probability leaves a model closer to 0 or 1 than this: nobody is certain.
SMALLEST_PROBABILITY = 1e-6


def sigmoid(logits: npt.ArrayLike) -> Floats:
    """``1 / (1 + exp(-logit))``, exact to the last bits in both tails."""
    z = np.asarray(logits, dtype=np.float64)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def logit(probabilities: npt.ArrayLike) -> Floats:
    """``log(p / (1 - p))`` for p in (0, 1)."""
    p = np.asarray(probabilities, dtype=np.float64)
    return np.log(p) - np.log1p(-p)


def clipped(probabilities: Floats) -> Floats:
    """Probabilities kept inside [1e-6, 1 - 1e-6]."""
    return np.clip(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)


def logit_loss(labels: npt.NDArray[np.bool_], logits: Floats) -> float:
    """Mean log loss in nats, from logits, so that a sure wrong answer costs no infinity.

    Parameters
    ----------
    labels
        (n,) bool.
    logits
        (n,) log odds of the positive class.
    """
    return float(np.mean(np.logaddexp(0.0, np.where(labels, -logits, logits))))
