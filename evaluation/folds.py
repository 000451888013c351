"""One test snapshot: what was predicted, what happened, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_labels,
    as_probabilities,
    as_users,
    as_weights,
    effective_rows,
    require_both_classes,
)
from evaluation.clusters import distinct_users


@dataclass(frozen=True, eq=False)
class Fold:
    """Outcomes and predictions of one snapshot.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1, both classes present.
    probabilities
        Shape (n,), float in [0, 1].
    users
        Shape (n,), integer codes; a user keeps the code in every fold.
    weights
        Shape (n,), float above 0, how many users each row stands for; None: one each.

    Raises
    ------
    ValueError
        When the arrays differ in length, hold other values, or one class is missing.
    """

    labels: BoolArray
    probabilities: FloatArray
    users: IntArray
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        labels = as_labels(self.labels)
        require_both_classes(labels)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "probabilities", as_probabilities(self.probabilities, len(labels)))
        object.__setattr__(self, "users", as_users(self.users, len(labels)))
        if self.weights is not None:
            object.__setattr__(self, "weights", as_weights(self.weights, len(labels)))

    @property
    def amounts(self) -> FloatArray:
        """Shape (n,), float64: how many users each row stands for."""
        return np.ones(len(self.labels)) if self.weights is None else self.weights

    def users_among(self, rows: BoolArray) -> float:
        """Distinct users among some rows; with weights, how many of equal weight tell as much."""
        if self.weights is None:
            return distinct_users(self.users[rows])
        return effective_rows(self.weights[rows])


def require_folds(folds: Sequence[Fold]) -> None:
    """Refuse an empty sequence of folds.

    Raises
    ------
    ValueError
        When there is no fold.
    """
    if len(folds) == 0:
        raise ValueError("folds is empty. Allowed: at least one test snapshot.")
