"""How much more often a group has the outcome than the average, and how sure that is.

Several snapshots are one population in layers: a group is compared with what the same numbers of
rows would have shown at the average rate *of their own snapshots*, so that a group which is larger
in a good month owes nothing to the month.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtr, ndtri

from evaluation.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_labels,
    as_scores,
    as_users,
    require_fraction,
)

_HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Group:
    """What was counted of one group, and of the population that it is held against.

    Parameters
    ----------
    rows, positives
        Shape (s,), int64: members, and positives among them, at each snapshot.
    all_rows, all_positives
        Shape (s,), int64: the same of the whole population.
    users
        Distinct users among the members.
    other_users
        Distinct users of the population at moments at which they are no members.
    design
        By how much the same users at several snapshots widen the variance; at least 1.
    """

    rows: IntArray
    positives: IntArray
    all_rows: IntArray
    all_positives: IntArray
    users: int
    other_users: int
    design: float

    @property
    def expected(self) -> float:
        """Positives that the average of the same snapshots would have brought."""
        return float(self.rows @ _divided(self.all_positives, self.all_rows, otherwise=0.0))

    def rate_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Bounds of the share of positives among members.

        Raises
        ------
        ValueError
            When ``confidence`` is outside (0, 1), or there is no member.

        Notes
        -----
        Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of
        the binomial, Biometrika 26, 1934, on rows and positives divided by the design effect.
        """
        require_fraction("confidence", confidence)
        rows, positives = self.rows.sum() / self.design, self.positives.sum() / self.design
        if rows == 0:
            raise ValueError("rows is 0 at every snapshot. Allowed: a group with a member.")
        tail, misses = (1 - confidence) / 2, rows - positives
        low = betaincinv(positives, misses + 1, tail) if positives > 0 else 0.0
        high = betaincinv(positives + 1, misses, 1 - tail) if misses > 0 else 1.0
        return float(low), float(high)


@dataclass(frozen=True)
class Association:
    """A group against the average.

    Parameters
    ----------
    rows, positives
        Members over all snapshots, and positives among them.
    users
        Distinct users among the members.
    expected
        Positives that the average of the same snapshots would have brought.
    ratio
        ``positives / expected``.
    low, high
        Its interval.
    p
        Two-sided p-value of a ratio this far from 1.
    q
        The same, adjusted for the number of groups looked at (Benjamini-Hochberg).
    """

    rows: int
    positives: int
    users: int
    expected: float
    ratio: float
    low: float
    high: float
    p: float
    q: float


class Population:
    """Outcomes of users at one or more snapshots, against which groups are held.

    Parameters
    ----------
    labels
        Shape (n,), bool or 0/1.
    snapshots
        Shape (n,), what tells the snapshots apart: anything that sorts.
    users
        Shape (n,), integer codes; a user has the same code at every snapshot.

    Raises
    ------
    ValueError
        When the arrays differ in length or hold other values.
    """

    def __init__(self, labels: ArrayLike, snapshots: ArrayLike, users: ArrayLike) -> None:
        self._labels = as_labels(labels)
        given = np.asarray(snapshots)
        if given.shape != self._labels.shape:
            raise ValueError(
                f"snapshots has shape {given.shape}. Allowed: {self._labels.shape}, one a label."
            )
        self._moment = np.unique(given, return_inverse=True)[1].reshape(-1)
        self._user = np.unique(as_users(users, len(self._labels)), return_inverse=True)[1]
        self._narrow(np.ones(len(self._labels), dtype=np.bool_))

    def within(self, kept: BoolArray) -> Population:
        """The part of the population whose average counts, at the same snapshots.

        Parameters
        ----------
        kept
            Shape (n,), bool. Groups of the part are given for all n rows, too.

        Raises
        ------
        ValueError
            When ``kept`` is not one boolean a label.
        """
        self._check("kept", kept)
        part = copy(self)
        part._narrow(kept & self._kept)
        return part

    @property
    def users(self) -> int:
        """Distinct users."""
        return self._distinct(self._kept)

    def group(self, members: BoolArray) -> Group:
        """Count a group.

        Parameters
        ----------
        members
            Shape (n,), bool: who belongs to it at that snapshot.

        Raises
        ------
        ValueError
            When ``members`` is not one boolean a label.
        """
        self._check("members", members)
        inside = members & self._kept
        rows = self._by_moment(inside)
        return Group(
            rows=rows,
            positives=self._by_moment(inside & self._labels),
            all_rows=self.rows,
            all_positives=self.positives,
            users=self._distinct(inside),
            other_users=self._distinct(self._kept & ~inside),
            design=self._design(inside, rows),
        )

    def _narrow(self, kept: BoolArray) -> None:
        self._kept = kept
        self.rows = self._by_moment(kept)
        self.positives = self._by_moment(kept & self._labels)
        rates = _divided(self.positives, self.rows, otherwise=0.0)
        self._residuals = np.where(kept, self._labels - rates[self._moment], 0.0)

    def _by_moment(self, chosen: BoolArray) -> IntArray:
        return np.bincount(self._moment[chosen], minlength=int(self._moment.max()) + 1)

    def _distinct(self, chosen: BoolArray) -> int:
        return int(np.count_nonzero(np.bincount(self._user[chosen])))

    def _design(self, members: BoolArray, rows: IntArray) -> float:
        """Variance of observed minus expected, clustered by user, against independent rows."""
        shares = _divided(rows, self.rows, otherwise=0.0)
        scores = (members - shares[self._moment]) * self._residuals
        independent = float(np.sum(scores**2))
        if len(self.rows) == 1 or independent == 0:
            return 1.0
        by_user = np.bincount(self._user, weights=scores)
        return max(1.0, float(np.sum(by_user**2)) / independent)

    def _check(self, name: str, chosen: BoolArray) -> None:
        if chosen.dtype != np.bool_ or chosen.shape != self._labels.shape:
            raise ValueError(
                f"{name} is {chosen.dtype} of shape {chosen.shape}. "
                f"Allowed: bool of shape {self._labels.shape}."
            )


def associations(
    groups: Sequence[Group],
    *,
    false_discovery_rate: float = 0.05,
    confidence: float = 0.95,
) -> list[Association]:
    """Hold every group against the average of its snapshots.

    Parameters
    ----------
    groups
        From :meth:`Population.group`, over the same snapshots: all that were looked at, the dull
        ones too, because their number is what the strongest is to be measured against.
    false_discovery_rate
        Of the groups with ``q`` up to this, about this share are differences by chance.
    confidence
        Level of the intervals of those groups taken together.

    Raises
    ------
    ValueError
        When a level is outside (0, 1).

    Notes
    -----
    With O positives of a group, n_s of its rows at snapshot s, f_s its share of that snapshot's
    rows and p_s that snapshot's rate, E = Σ n_s p_s and the ratio is R = O / E (indirect
    standardisation). The interval holds every R for which (O − R E)² ≤ z² D V(R), where V(R) is
    the variance of O − R E under rates R p_s inside the group, E's own error included: a score
    interval, as Wilson's of a share (1927) and Koopman's of a ratio (Biometrics 40, 1984), which
    keeps its level at O = 0 and at small numbers. At R = 1 it is the test of Mantel and Haenszel
    (1959). D is the design effect of users who are there at several snapshots (Kish, Survey
    Sampling, 1965). ``q`` is adjusted by Benjamini and Hochberg (J. R. Statist. Soc. B 57, 1995),
    and the intervals are widened for having been selected by it (Benjamini and Yekutieli, False
    discovery rate-adjusted multiple confidence intervals, JASA 100, 2005).
    """
    require_fraction("false_discovery_rate", false_discovery_rate)
    require_fraction("confidence", confidence)
    if not groups:
        return []
    counted = _Counted.of(groups)
    p = 2 * ndtr(-np.abs(counted.z()))
    q = benjamini_hochberg(p)
    selected = max(1, int(np.count_nonzero(q <= false_discovery_rate)))
    level = (1 - confidence) * selected / len(groups)
    low, high = counted.interval(float(-ndtri(level / 2)))
    return [
        Association(
            rows=int(group.rows.sum()),
            positives=int(group.positives.sum()),
            users=group.users,
            expected=float(counted.expected[index]),
            ratio=float(counted.ratio[index]),
            low=float(low[index]),
            high=float(high[index]),
            p=float(p[index]),
            q=float(q[index]),
        )
        for index, group in enumerate(groups)
    ]


def benjamini_hochberg(p: ArrayLike) -> FloatArray:
    """P-values adjusted so that those up to q are wrong in about a share q of cases.

    Parameters
    ----------
    p
        Shape (k,), in [0, 1].

    Returns
    -------
    ndarray
        Shape (k,), float64, in the same order.

    Raises
    ------
    ValueError
        When there is none, or one is no finite number.

    Notes
    -----
    Benjamini and Hochberg, Controlling the false discovery rate, J. R. Statist. Soc. B 57, 1995:
    the i-th smallest of k becomes min over j ≥ i of p_j · k / j. Tests that lean the same way, as
    overlapping groups of the same users do, keep the level (Benjamini and Yekutieli 2001).

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = as_scores(p, len(np.asarray(p)), "p")
    order = np.argsort(values)
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    out = np.empty(len(values))
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out


@dataclass(frozen=True, eq=False)
class _Counted:
    """k groups over s snapshots as arrays of shape (k, s) or (k,)."""

    inside: IntArray
    outside: IntArray
    share: FloatArray
    rates: FloatArray
    observed: IntArray
    expected: FloatArray
    design: FloatArray

    @classmethod
    def of(cls, groups: Sequence[Group]) -> _Counted:
        inside = np.stack([group.rows for group in groups])
        everybody = np.stack([group.all_rows for group in groups])
        positives = np.stack([group.all_positives for group in groups])
        return cls(
            inside=inside,
            outside=everybody - inside,
            share=_divided(inside, everybody, otherwise=0.0),
            rates=_divided(positives, everybody, otherwise=0.0),
            observed=np.array([group.positives.sum() for group in groups]),
            expected=np.array([group.expected for group in groups]),
            design=np.array([group.design for group in groups]),
        )

    @property
    def ratio(self) -> FloatArray:
        return _divided(self.observed, self.expected)

    def z(self) -> FloatArray:
        """Observed minus expected in standard errors of equal rates."""
        error = np.sqrt(self._variance(np.ones(len(self.observed))))
        return _divided(self.observed - self.expected, error, otherwise=0.0)

    def interval(self, quantile: float) -> tuple[FloatArray, FloatArray]:
        """The ratios that the counts do not contradict, found by halving on either side."""
        estimate = np.nan_to_num(self.ratio)
        most = np.nan_to_num(_divided(self.inside.sum(axis=1), self.expected))
        return (
            self._bound(estimate, np.zeros(len(estimate)), quantile),
            self._bound(estimate, most, quantile),
        )

    def _bound(self, estimate: FloatArray, limit: FloatArray, quantile: float) -> FloatArray:
        held, refuted = estimate, limit
        whole = self._holds(limit, quantile)
        for _ in range(_HALVINGS):
            middle = (held + refuted) / 2
            holds = self._holds(middle, quantile)
            held, refuted = np.where(holds, middle, held), np.where(holds, refuted, middle)
        return np.where(whole, limit, held)

    def _holds(self, ratio: FloatArray, quantile: float) -> BoolArray:
        distance = (self.observed - ratio * self.expected) ** 2
        return np.asarray(distance <= quantile**2 * self._variance(ratio))

    def _variance(self, ratio: FloatArray) -> FloatArray:
        """Variance of ``observed − ratio · expected`` if that were the ratio at every snapshot."""
        weight = ratio[:, None] * self.share
        within = np.minimum(ratio[:, None] * self.rates, 1.0)
        rest = _divided(self.rates * (1 - weight), 1 - self.share, otherwise=0.0)
        beyond = np.clip(rest, 0.0, 1.0)
        by_group = (1 - weight) ** 2 * self.inside * within * (1 - within)
        by_rest = weight**2 * self.outside * beyond * (1 - beyond)
        return np.asarray(self.design * (by_group + by_rest).sum(axis=1))


def _divided(
    numerator: FloatArray | IntArray, denominator: FloatArray | IntArray, otherwise: float = np.nan
) -> FloatArray:
    out = np.full(np.broadcast(numerator, denominator).shape, otherwise)
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out
