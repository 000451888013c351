"""Weights of the candidates: Σ w·logit p with w ≥ 0."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.odds import Floats, logit, logit_loss, sigmoid

#: Belief in the simple average, in rows of information: a few hundred outcomes can't tell
#: candidates apart whose predictions hardly differ.
AVERAGE_WEIGHT = 20.0
#: A candidate with a smaller share of the weights is left out: it costs time and adds nothing.
SMALLEST_SHARE = 0.05


def fit_weights(logits: Floats, labels: npt.NDArray[np.bool_]) -> Floats:
    """Weights with the smallest log loss on out-of-time predictions.

    Parameters
    ----------
    logits
        (n, j) log odds of j candidates.
    labels
        (n,) bool, with both classes.

    Returns
    -------
    numpy.ndarray
        (j,) weights ≥ 0 that add up to 1; those below :data:`SMALLEST_SHARE` are 0.

    Notes
    -----
    The level and the overall slope are the calibrator's, so both are free here: minimised is
    ``n · log loss(Σ w·z + c) + ½·AVERAGE·Σ(w − 1/j)²``, and only the shares of w are returned.
    """
    if labels.all() or not labels.any():
        raise ValueError("labels are all alike; allowed: both classes.")
    kept = np.arange(logits.shape[1])
    while True:
        shares = _shares(logits[:, kept], labels)
        if len(kept) == 1 or shares.min() >= SMALLEST_SHARE:
            weights = np.zeros(logits.shape[1])
            weights[kept] = shares
            return weights
        # One at a time: the weight of the one that leaves may be what its twin was missing.
        kept = np.delete(kept, shares.argmin())


def _shares(logits: Floats, labels: npt.NDArray[np.bool_]) -> Floats:
    from scipy.optimize import minimize  # noqa: PLC0415

    n, count = logits.shape
    average = np.full(count, 1 / count)
    centre = logits.mean(axis=0)
    columns = logits - centre

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, shift = point[:count], point[count]
        z = columns @ weights + shift
        residual = sigmoid(z) - labels
        away = weights - average
        gradient = np.append(residual @ columns + AVERAGE_WEIGHT * away, residual.sum())
        return logit_loss(labels, z) + AVERAGE_WEIGHT * (away @ away) / (2 * n), gradient / n

    start = np.append(average, logit(labels.mean()))
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * count + [(None, None)],
        options={"ftol": 1e-12, "gtol": 1e-8, "maxiter": 500},
    )
    weights = found.x[:count]
    total = weights.sum()
    # Every candidate worse than none at all: the average is as good as any.
    shares: Floats = weights / total if total > 0 else average
    return shares
