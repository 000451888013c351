"""Intervals of numbers of positives: chance, and change between snapshots."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri, stdtrit

from evaluation.arrays import require_fraction
from evaluation.clusters import moderated_variance
from evaluation.measured import satterthwaite
from evaluation.shift import ShiftVariance

#: How far windows usually differ in log odds, and the degrees of freedom that this belief is
#: worth. A few snapshots alone tell little: one in five shows no change where there is some, and
#: what the others show is spread as widely.
USUAL_SHIFT, USUAL_DEGREES = 0.2, 3
_LEAST_DEGREES = 2  # three snapshots; fewer tell next to nothing about change between them


@dataclass(frozen=True)
class Estimate:
    """A value with its interval.

    Parameters
    ----------
    value
        What is expected.
    low, high
        Bounds of the interval.
    """

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return dict(vars(self))


def interval_of_rate(hits: float, trials: float, confidence: float = 0.95) -> Estimate | None:
    """A share and its interval by chance; None where nothing was tried.

    Parameters
    ----------
    hits, trials
        Counts, ``hits`` at most ``trials``.
    confidence
        Level of the interval, in (0, 1).

    Raises
    ------
    ValueError
        When ``confidence`` is outside (0, 1).

    Notes
    -----
    Wilson, Probable inference, the law of succession, and statistical inference, Journal of the
    American Statistical Association 22, 1927.

    Examples
    --------
    >>> found = interval_of_rate(8, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    require_fraction("confidence", confidence)
    if trials <= 0:
        return None
    z = float(ndtri((1 + confidence) / 2))
    rate = hits / trials
    centre = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    spread = math.sqrt(rate * (1 - rate) / trials + (z / (2 * trials)) ** 2)
    reach = z * spread / (1 + z**2 / trials)
    return Estimate(rate, max(0.0, centre - reach), min(1.0, centre + reach))


@dataclass(frozen=True)
class Uncertainty:
    """What turns the variance by chance of a number of positives into an interval.

    Parameters
    ----------
    shift
        Change between snapshots, or None where it is unknown.
    confidence
        Level of the intervals, in (0, 1).

    Raises
    ------
    ValueError
        When ``confidence`` is outside (0, 1).

    Notes
    -----
    A common shift a of the log odds moves Σp by a · Σp(1 − p) to first order, so with
    V = Σp(1 − p) the number of positives has variance V + τ²V². The τ² seen in K snapshots, of
    K − 1 degrees, is joined with the usual one, τ₀ = 0.2 of 3 degrees
    (:func:`evaluation.clusters.moderated_variance`): ``τ² = (3·τ₀² + (K − 1)·τ²_seen) / (K + 2)``.
    Of the two variances only the second is a guess, so the reference is t with Satterthwaite's
    degrees of freedom, ``(K + 2)·(1 + V/τ²V²)²``. Where no model tells its snapshots, V alone is
    used, with the normal quantile, and :attr:`basis` says so.
    """

    shift: ShiftVariance | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        require_fraction("confidence", self.confidence)

    @property
    def basis(self) -> str:
        """What the intervals cover, in words."""
        if self.shift is None:
            return "chance only"
        if self.shift.degrees < _LEAST_DEGREES:
            return "chance and usual change between snapshots"
        return "chance and change between snapshots"

    def of_count(
        self, expected: float, chance: float, rows: float, slope: float | None = None
    ) -> Estimate:
        """Interval of the positives among ``rows`` rows.

        Parameters
        ----------
        expected
            Σp.
        chance
            V = Σp(1 − p).
        rows
            The bounds are kept within 0 and this.
        slope
            How far a unit shift of the log odds moves the number; default V. For a weighted
            number the two differ: chance is Σw²p(1 − p), the slope Σwp(1 − p).
        """
        moved = chance if slope is None else slope
        reach = self._reach(chance, moved**2)
        return Estimate(expected, max(0.0, expected - reach), min(float(rows), expected + reach))

    def of_share(
        self, expected: float, chance: float, rest_expected: float, rest_chance: float
    ) -> Estimate | None:
        """Interval of the share of all positives that fall inside a selection.

        Parameters
        ----------
        expected, chance
            Σp and Σp(1 − p) over the selection.
        rest_expected, rest_chance
            The same over everybody else.

        Returns
        -------
        Estimate or None
            None where no positives are expected at all.

        Notes
        -----
        Delta method for A / (A + B), A inside and B outside. With s the share and T = A + B,
        the variance is [(1 − s)²V_A + s²V_B + τ²((1 − s)V_A − sV_B)²] / T²: what lifts both alike
        leaves the share as it is.
        """
        total = expected + rest_expected
        if total == 0:
            return None
        share = expected / total
        by_chance = (1 - share) ** 2 * chance + share**2 * rest_chance
        reach = self._reach(by_chance, ((1 - share) * chance - share * rest_chance) ** 2) / total
        return Estimate(share, max(0.0, share - reach), min(1.0, share + reach))

    def _reach(self, chance: float, moved: float) -> float:
        """Half the interval of a number with that variance by chance, and τ² times ``moved``."""
        change, degrees = 0.0, 0.0
        if self.shift is not None:
            tau2, degrees = moderated_variance(
                self.shift.tau2, self.shift.degrees, USUAL_SHIFT**2, USUAL_DEGREES
            )
            change = tau2 * moved
        behind = satterthwaite(chance, math.inf, change, degrees)
        return float(stdtrit(behind, (1 + self.confidence) / 2)) * math.sqrt(chance + change)
