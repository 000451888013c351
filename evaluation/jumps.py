"""Whether a share jumped against what it was before, or is beyond what matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import bdtrc, betainc, chdtri

from evaluation.arrays import require_fraction

#: Groups seen before that are needed to know what is usual.
LEAST_GROUPS = 5
#: What a share is taken to be, in groups and rows, before any is seen.
_PRIOR_GROUPS = 1.0
_PRIOR_SHARE = 0.01
#: Shares of groups never vary less than this correlation within a group makes them.
_LEAST_CORRELATION = 0.005


def share_jumped(
    hits: Sequence[int], rows: Sequence[int], *, alpha: float, practical: float
) -> bool:
    """Whether the share of hits in the last group is beyond what the groups before it show.

    Parameters
    ----------
    hits, rows
        Of each group, oldest first: how many of its rows count, and how many there are.
    alpha
        Probability of a false finding, in (0, 1).
    practical
        Increase over the usual share below which nothing is told.

    Returns
    -------
    bool
        False with fewer than :data:`LEAST_GROUPS` groups before the last.

    Raises
    ------
    ValueError
        When the sequences differ in length, or a group has more hits than rows.

    Notes
    -----
    The share of a group is taken as beta distributed around the pooled one; its spread is the
    correlation of rows within groups, by moments (Kleinman, Proportions with extraneous variance,
    Journal of the American Statistical Association 68, 1973), from the upper end of the 90 %
    interval of the groups' mean square. The tail of that distribution at
    the observed share, less two standard errors by chance, is held against ``alpha``.
    """
    require_fraction("alpha", alpha)
    if len(hits) != len(rows) or any(not 0 <= h <= n for h, n in zip(hits, rows, strict=False)):
        raise ValueError("hits and rows do not fit together. Allowed: 0 <= hits <= rows, as many.")
    if len(hits) <= LEAST_GROUPS or rows[-1] == 0:
        return False
    before = np.asarray(rows[:-1], dtype=np.float64)
    seen = np.asarray(hits[:-1], dtype=np.float64)[before > 0]
    before = before[before > 0]
    if len(before) < LEAST_GROUPS:
        return False
    shares = seen / before
    usual = (shares.sum() + _PRIOR_GROUPS * _PRIOR_SHARE) / (len(shares) + _PRIOR_GROUPS)
    spread = float(np.mean((shares - usual) ** 2)) * _caution(len(shares))
    variance = spread - float(np.mean(usual * (1 - usual) / before))
    correlation = max(variance / (usual * (1 - usual)), _LEAST_CORRELATION)
    strength = 1 / min(correlation, 0.99) - 1
    share = hits[-1] / rows[-1]
    sure = share - 2 * float(np.sqrt(share * (1 - share) / rows[-1]))
    if share - usual < practical or sure <= usual:
        return False
    tail = 1 - float(betainc(usual * strength, (1 - usual) * strength, sure))
    return bool(tail < alpha)


def share_beyond(hits: int, rows: int, *, practical: float, alpha: float) -> bool:
    """Whether a share is surely above one that matters.

    Parameters
    ----------
    hits, rows
        How many of how many independent rows count.
    practical
        The share that matters, in (0, 1).
    alpha
        Probability of a false finding at that very share, in (0, 1); below it there are fewer.

    Raises
    ------
    ValueError
        When there are more hits than rows, or a share is outside (0, 1).

    Notes
    -----
    The exact one-sided binomial test (Clopper and Pearson, Biometrika 26, 1934).

    Examples
    --------
    >>> share_beyond(80, 1000, practical=0.05, alpha=0.001)
    True
    >>> share_beyond(8, 100, practical=0.05, alpha=0.001)
    False
    """
    require_fraction("practical", practical)
    require_fraction("alpha", alpha)
    if not 0 <= hits <= rows:
        raise ValueError(f"hits is {hits}. Allowed: 0 to rows, which is {rows}.")
    return hits > 0 and bool(bdtrc(hits - 1, rows, practical) < alpha)


def _caution(groups: int) -> float:
    """How much larger the spread may be that so few groups show."""
    return groups / float(chdtri(groups, 0.95))
