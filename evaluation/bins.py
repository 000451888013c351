"""Rows ordered by probability and cut into bins of equal weight, ties shared by both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.arrays import FloatArray, IntArray, as_weights, require_at_least
from evaluation.ranking import groups_from_the_top


@dataclass(frozen=True, eq=False)
class RankedGroups:
    """Rows from the highest probability down, in groups of equal ones.

    Parameters
    ----------
    order
        Shape (n,), int64: row numbers in that order.
    ends
        Shape (g,), int64: for each group the number of rows down to its last one.
    weights
        Shape (n,), float64, in that order: how many users each row stands for.
    positions
        Shape (g,), float64: sums of the weights down to each group's last row.
    equal
        Whether every row stands for one user.
    """

    order: IntArray
    ends: IntArray
    weights: FloatArray
    positions: FloatArray
    equal: bool

    @classmethod
    def of(cls, predicted: FloatArray, weights: ArrayLike | None) -> RankedGroups:
        """Group (n,) probabilities; None weighs each row alike.

        Raises
        ------
        ValueError
            When the weights have another length or hold other values.
        """
        order, ends = groups_from_the_top(predicted)
        if weights is None:
            return cls(order, ends, np.ones(len(order)), ends.astype(np.float64), equal=True)
        amounts = as_weights(weights, len(predicted))[order]
        return cls(order, ends, amounts, np.cumsum(amounts)[ends - 1], equal=False)

    def bin_edges(self, bins: int) -> FloatArray:
        """Weights from the top between whole bins; of equal rows the lowest take the odd ones."""
        require_at_least("bins", bins, 1)
        rows = len(self.order)
        bins = min(bins, rows)
        if not self.equal:
            return np.linspace(0.0, self.positions[-1], bins + 1)
        sizes = np.full(bins, rows // bins)
        sizes[bins - rows % bins :] += 1
        return np.concatenate(([0.0], np.cumsum(sizes, dtype=np.float64)))

    def cumulated(self, values: FloatArray) -> FloatArray:
        """Weighted sums of (n,) values down to the end of each group."""
        sums = np.cumsum(values[self.order] * self.weights)[self.ends - 1]
        return np.asarray(sums, dtype=np.float64)

    def sums_between(self, values: FloatArray, edges: FloatArray) -> FloatArray:
        """Weighted sums within bins, a group of ties giving each side its share."""
        return self._between(self.cumulated(values), edges)

    def squared_weights_between(self, edges: FloatArray) -> FloatArray:
        """Sums of squared weights within bins."""
        return self._between(np.cumsum(self.weights**2)[self.ends - 1], edges)

    def cells(self, edges: FloatArray, per_bin: int) -> IntArray:
        """Last groups of runs of whole groups: about ``per_bin`` a bin, none across its edge.

        A group that a bin's edge goes through becomes a cell of its own, so that what is drawn
        for it is spread over both bins as the ties of real outcomes are.
        """
        count = min(len(self.order), (len(edges) - 1) * per_bin)
        targets = np.linspace(0.0, edges[-1], count + 1)[1:]
        above = np.searchsorted(self.positions, np.concatenate((targets, edges[1:])))
        before = np.searchsorted(self.positions, edges[1:], side="left") - 1
        return np.union1d(above, before[before >= 0])

    def _between(self, cumulated: FloatArray, edges: FloatArray) -> FloatArray:
        positions = np.concatenate(([0.0], self.positions))
        return np.diff(np.interp(edges, positions, np.concatenate(([0.0], cumulated))))


def sums_per_cell(values: NDArray[np.generic], ends: IntArray) -> NDArray[Any]:
    """Sums of (n,) values, true ones counted, over the rows between successive ends."""
    return np.diff(np.cumsum(values)[ends - 1], prepend=0)
