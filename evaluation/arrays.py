"""What every function here asks of its arrays, checked in one place."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

PROBABILITY_LIMIT = 1e-6
"""Probabilities nearer to 0 or 1 than this are moved to it before a logit is taken."""


def as_labels(labels: ArrayLike) -> BoolArray:
    """Outcomes as booleans.

    Parameters
    ----------
    labels
        Shape (n,), bool or numbers that are 0 or 1; n ≥ 1.

    Raises
    ------
    ValueError
        When there are no rows, more than one dimension, or other values.
    """
    array = np.asarray(labels)
    _require_rows("labels", array)
    if array.dtype == np.bool_:
        return array
    truth = array == 1
    if not np.all(truth | (array == 0)):
        wrong = array[~(truth | (array == 0))][0]
        raise ValueError(f"labels contains {wrong!r}. Allowed: 0 and 1, or False and True.")
    return np.asarray(truth, dtype=np.bool_)


def as_scores(scores: ArrayLike, rows: int, name: str = "scores") -> FloatArray:
    """Finite float64 numbers, one for each of ``rows`` rows.

    Raises
    ------
    ValueError
        When the shape differs or a value is not finite.
    """
    array = np.asarray(scores, dtype=np.float64)
    _require_rows(name, array)
    if len(array) != rows:
        raise ValueError(f"{name} has {len(array)} rows. Allowed: {rows}, one for each label.")
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} contains {array[~finite][0]}. Allowed: finite numbers.")
    return array


def as_probabilities(
    probabilities: ArrayLike, rows: int, name: str = "probabilities"
) -> FloatArray:
    """Float64 probabilities in [0, 1], one for each of ``rows`` rows.

    Raises
    ------
    ValueError
        When the shape differs or a value lies outside [0, 1].
    """
    array = as_scores(probabilities, rows, name)
    lowest, highest = array.min(), array.max()
    if lowest < 0 or highest > 1:
        wrong = lowest if lowest < 0 else highest
        raise ValueError(f"{name} contains {wrong}. Allowed: numbers from 0 to 1.")
    return array


def as_users(users: ArrayLike, rows: int) -> IntArray:
    """Users as int64 codes, one for each of ``rows`` rows.

    Raises
    ------
    ValueError
        When the shape differs or the codes are no integers.
    """
    array = np.asarray(users)
    _require_rows("users", array)
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"users has dtype {array.dtype}. Allowed: integer codes.")
    if len(array) != rows:
        raise ValueError(f"users has {len(array)} rows. Allowed: {rows}, one for each label.")
    return array.astype(np.int64, copy=False)


def as_weights(weights: ArrayLike, rows: int) -> FloatArray:
    """How many users each of ``rows`` rows stands for, as float64.

    Raises
    ------
    ValueError
        When the shape differs or a weight is not a finite number above 0.
    """
    array = as_scores(weights, rows, "weights")
    lowest = array.min()
    if lowest <= 0:
        raise ValueError(f"weights contains {lowest}. Allowed: numbers above 0.")
    return array


def weighted_mean(values: FloatArray, weights: FloatArray | None) -> float:
    """Mean of shape (n,) values, each counted with its weight; plain without weights."""
    if weights is None:
        return float(np.mean(values))
    return float(np.sum(values * weights) / np.sum(weights))


def effective_rows(weights: FloatArray) -> float:
    """Number of rows of equal weight that would tell as much: (Σw)² / Σw².

    Notes
    -----
    Kish, Survey sampling, 1965, section 8.2.
    """
    return float(np.sum(weights) ** 2 / np.sum(weights**2))


def require_both_classes(labels: BoolArray) -> None:
    """Refuse labels that are all positive or all negative: nothing can be ranked.

    Raises
    ------
    ValueError
        When one of the two classes is missing.
    """
    positives = int(np.count_nonzero(labels))
    if positives in (0, len(labels)):
        missing = "positive" if positives == 0 else "negative"
        raise ValueError(
            f"labels has no {missing} among {len(labels)} rows. "
            "Allowed: at least one positive and one negative."
        )


def require_fraction(name: str, value: float) -> None:
    """Refuse a number outside (0, 1).

    Raises
    ------
    ValueError
        When ``value`` is not strictly between 0 and 1.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}. Allowed: a number between 0 and 1.")


def require_at_least(name: str, value: int, least: int) -> None:
    """Refuse a whole number that is too small.

    Raises
    ------
    ValueError
        When ``value`` is below ``least``.
    """
    if value < least:
        raise ValueError(f"{name} is {value}. Allowed: a whole number of at least {least}.")


def log_odds(probabilities: FloatArray) -> FloatArray:
    """Natural log odds, finite because of :data:`PROBABILITY_LIMIT`."""
    clipped = np.clip(probabilities, PROBABILITY_LIMIT, 1 - PROBABILITY_LIMIT)
    return np.asarray(logit(clipped), dtype=np.float64)


def _require_rows(name: str, array: NDArray[np.generic]) -> None:
    if array.ndim != 1 or len(array) == 0:
        raise ValueError(
            f"{name} has shape {array.shape}. Allowed: one dimension with at least one row."
        )
