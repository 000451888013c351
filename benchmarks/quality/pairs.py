"""Differences between methods on the same users, and over tasks by rank."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import friedmanchisquare, rankdata, studentized_range, wilcoxon

from evaluation.clusters import covariance_by_user, variance_of_mean
from evaluation.delong import auc_estimate
from evaluation.folds import Fold

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How much better the first of two methods ranks the same users.

    Parameters
    ----------
    auc
        Mean difference in AUC over the cut-offs.
    error
        Its standard error: DeLong's placement values, added up by user over the cut-offs.
    p
        Two-sided.
    """

    auc: float
    error: float
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def difference(first: Sequence[Fold], second: Sequence[Fold]) -> Difference:
    """Compare two methods on the same cut-offs.

    Notes
    -----
    DeLong's test for correlated areas, clustered by user; see
    :func:`evaluation.paired.paired_quality_test`, whose one-sided z is this one's.
    """
    gains, influences = [], []
    for one, other in zip(first, second, strict=True):
        mine, theirs = auc_estimate(one), auc_estimate(other)
        gains.append(mine.value - theirs.value)
        influences.append(mine.influence - theirs.influence)
    covariance = covariance_by_user(influences, [fold.users for fold in first])
    error = math.sqrt(variance_of_mean(covariance))
    mean = float(np.mean(gains))
    p = 2 * float(ndtr(-abs(mean) / error)) if error > 0 else float(mean == 0)
    return Difference(mean, error, p)


@dataclass(frozen=True)
class Ranks:
    """Mean ranks over tasks, 1 the best.

    Parameters
    ----------
    mean
        By method.
    tasks
        How many tasks.
    friedman_p
        Of all methods being alike; None for fewer than three methods or two tasks.
    critical_difference
        Nemenyi's: mean ranks this far apart differ at 5 %.
    """

    mean: Mapping[str, float]
    tasks: int
    friedman_p: float | None
    critical_difference: float | None

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def ranks(areas: Mapping[str, Sequence[float]]) -> Ranks:
    """Rank methods on each task by their AUC, ties sharing.

    Notes
    -----
    Demšar, Statistical comparisons of classifiers over multiple data sets, Journal of Machine
    Learning Research 7, 2006.
    """
    table = np.array(list(areas.values()), dtype=float)
    methods, tasks = table.shape
    placed = rankdata(-table.round(6), axis=0).mean(axis=1)
    mean = dict(zip(areas, placed.tolist(), strict=True))
    if methods < 3 or tasks < 2:
        return Ranks(mean, tasks, None, None)
    q = float(studentized_range.ppf(0.95, methods, np.inf)) / math.sqrt(2)
    return Ranks(
        mean,
        tasks,
        float(friedmanchisquare(*table).pvalue),
        q * math.sqrt(methods * (methods + 1) / (6 * tasks)),
    )


def signed_ranks(first: Sequence[float], others: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Wilcoxon's two-sided p of the first against each other method over tasks, after Holm."""
    raw = {
        name: float(wilcoxon(first, second).pvalue)
        if np.any(np.subtract(first, second) != 0)
        else 1.0
        for name, second in others.items()
    }
    adjusted, highest = {}, 0.0
    for place, name in enumerate(sorted(raw, key=lambda each: raw[each])):
        highest = max(highest, min(1.0, (len(raw) - place) * raw[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in others}
