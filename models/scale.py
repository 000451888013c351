"""The score scale: how likely a customer is, against the average customer.

``score = 100 · σ(logit p − logit π)`` with π the base rate: the odds of the customer divided by
the average odds, shown on 0-100. 50 is "as likely as the average customer", 75 three times the
odds, 25 a third of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.odds import Floats, clipped, logit, sigmoid

#: Categories from low to high, and the smallest score of all but the first.
CATEGORIES = ("low", "medium", "high")
CATEGORY_BOUNDS = (50.0, 75.0)


def scores_from_probabilities(probabilities: npt.ArrayLike, base_rate: float) -> Floats:
    """Scores on 0-100, rounded to 0.01.

    Parameters
    ----------
    probabilities
        (n,) in [0, 1]; clipped to [1e-6, 1 − 1e-6].
    base_rate
        Share of positives π, in (0, 1).

    Raises
    ------
    ValueError
        When the base rate is not strictly between 0 and 1.

    Examples
    --------
    >>> scores_from_probabilities([0.2, 3 / 7], base_rate=0.2).tolist()
    [50.0, 75.0]
    """
    p = clipped(np.asarray(probabilities, dtype=np.float64))
    # σ(logit p − logit π) = 1 / (1 + (1 − p)/p · π/(1 − π)): one division for two logarithms.
    odds = checked_base_rate(base_rate) / (1 - base_rate)
    return np.round(100.0 / (1.0 + (1.0 - p) / p * odds), 2)


def probabilities_from_scores(scores: npt.ArrayLike, base_rate: float) -> Floats:
    """The inverse of :func:`scores_from_probabilities`, up to its rounding.

    Parameters
    ----------
    scores
        (n,) in [0, 100]; the ends give the clipped probabilities.
    base_rate
        Share of positives π, in (0, 1).
    """
    share = np.clip(np.asarray(scores, dtype=np.float64) / 100.0, 1e-15, 1 - 1e-15)
    return clipped(sigmoid(logit(share) + logit(checked_base_rate(base_rate))))


def category_codes(
    scores: npt.ArrayLike, bounds: tuple[float, float] = CATEGORY_BOUNDS
) -> npt.NDArray[np.int8]:
    """Position in :data:`CATEGORIES` of each score: 0 low, 1 medium, 2 high.

    Parameters
    ----------
    scores
        (n,) stored scores, already rounded to 0.01.
    bounds
        The smallest medium and the smallest high score.
    """
    medium, high = bounds
    if not 0 <= medium <= high <= 100:
        raise ValueError(f"bounds is {bounds}; allowed: 0 <= medium <= high <= 100.")
    stored = np.asarray(scores)
    return (stored >= medium).astype(np.int8) + (stored >= high).astype(np.int8)


def category(
    scores: npt.ArrayLike, bounds: tuple[float, float] = CATEGORY_BOUNDS
) -> npt.NDArray[np.str_]:
    """The category of each score by name.

    >>> category([49.99, 50.0, 75.0]).tolist()
    ['low', 'medium', 'high']
    """
    return np.array(CATEGORIES)[category_codes(scores, bounds)]


def checked_base_rate(base_rate: float) -> float:
    """The base rate, if it is one."""
    if not 0.0 < base_rate < 1.0:
        raise ValueError(f"base_rate is {base_rate}; allowed: strictly between 0 and 1.")
    return base_rate
