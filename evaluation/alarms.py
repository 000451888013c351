"""When a measure is so far from what was expected that people should be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from evaluation.clusters import moderated_variance
from evaluation.quality import USUAL_CHANGE
from evaluation.steadiness import Steadiness

Side = Literal["low", "both"]


@dataclass(frozen=True)
class Watch:
    """How one measure is watched.

    Parameters
    ----------
    side
        Whether only a low value is bad, or a high one as well.
    practical
        Difference below which nobody need be told, however sure it is.
    usual
        Standard deviation that the measure is taken to have between snapshots before any are seen.
    target
        What is expected; None for the mean over the backtest.

    Raises
    ------
    ValueError
        When ``practical`` is negative or ``usual`` is not above 0.
    """

    side: Side
    practical: float
    usual: float
    target: float | None = None

    def __post_init__(self) -> None:
        if not self.practical >= 0:
            raise ValueError(f"practical is {self.practical}. Allowed: a number of at least 0.")
        if not (math.isfinite(self.usual) and self.usual > 0):
            raise ValueError(f"usual is {self.usual}. Allowed: a finite number above 0.")


#: What is watched when a scoring run has matured. A quarter of the odds or of the slope and five
#: points of quality are what a reader would act on.
WATCHES = {
    "quality": Watch("low", practical=5.0, usual=USUAL_CHANGE.deviation),
    "shift": Watch("both", practical=math.log(1.25), usual=0.15, target=0.0),
    "slope": Watch("both", practical=0.25, usual=0.1, target=1.0),
    "base_rate": Watch("both", practical=math.log(1.25), usual=0.15),
}
#: Snapshots that the usual deviation is worth as knowledge.
_PRIOR_DEGREES = 4.0
_MANY_DEGREES = 1e6
#: An alarm goes on while its difference is at least so improbable.
_STILL_IMPROBABLE = 0.05


@dataclass(frozen=True)
class Alarm:
    """A measure against what was expected.

    Parameters
    ----------
    expected, actual
        The two values.
    z
        Their difference, actual minus expected, in standard errors.
    threshold
        How large z may be, either way or below, while nothing is wrong.
    raised
        Whether z is beyond it and the difference matters.
    """

    expected: float
    actual: float
    z: float
    threshold: float
    raised: bool

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def level(checks_a_year: float, false_alerts_a_year: float) -> float:
    """Probability of a false alarm that one of so many checks may have.

    Raises
    ------
    ValueError
        When either number is not above 0.

    Examples
    --------
    >>> level(checks_a_year=50, false_alerts_a_year=0.1)
    0.002
    """
    for name, value in (
        ("checks_a_year", checks_a_year),
        ("false_alerts_a_year", false_alerts_a_year),
    ):
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value}. Allowed: a finite number above 0.")
    return min(false_alerts_a_year / max(checks_a_year, 1.0), 0.5)


def threshold(
    checks_a_year: float,
    false_alerts_a_year: float,
    *,
    side: Side = "low",
    degrees: float = math.inf,
) -> float:
    """How many standard errors a check may show while nothing is wrong.

    Parameters
    ----------
    checks_a_year
        Independent checks: those over windows that do not overlap.
    false_alerts_a_year
        How many of them may be false on average.
    side
        Whether large values on both sides count.
    degrees
        Degrees of freedom behind the standard error.

    Raises
    ------
    ValueError
        When a number is not above 0.

    Examples
    --------
    >>> round(threshold(13, 0.05), 2)
    2.67
    """
    tail = level(checks_a_year, false_alerts_a_year) / (2 if side == "both" else 1)
    if not degrees > 0:
        raise ValueError(f"degrees is {degrees}. Allowed: a number above 0.")
    if degrees >= _MANY_DEGREES:
        return float(-ndtri(tail))
    return float(-stdtrit(degrees, tail))


def alarm(
    watch: Watch,
    expected: Steadiness,
    actual: Steadiness,
    *,
    checks_a_year: float,
    false_alerts_a_year: float,
    earlier: Sequence[float] = (),
    before: Alarm | None = None,
) -> Alarm:
    """Compare one snapshot's measure with what the backtest lets expect.

    Parameters
    ----------
    watch
        How the measure is watched.
    expected
        The measure over the test snapshots of the backtest.
    actual
        The measure of one matured run.
    checks_a_year, false_alerts_a_year
        As for :func:`threshold`.
    earlier
        Of earlier runs that raised no alarm: squared difference of actual and expected, less what
        chance gives it (:func:`change`).
    before
        The same measure's of the run before. One that was raised goes on while the difference is
        on the same side and a healthy prediction would show it in less than one check of twenty:
        what is half mended is not over.

    Raises
    ------
    ValueError
        When a number is outside its range.

    Notes
    -----
    z = (actual − expected) / √(se² expected + se² actual + τ²), with τ² the variance between
    snapshots. Few snapshots tell little about τ², and where it comes out as 0 it is not: it is
    moderated (:func:`evaluation.clusters.moderated_variance`) with four degrees for the usual
    deviation, K − 1 for the backtest and one for each earlier run. The reference is t with
    Satterthwaite's degrees of freedom (Biometrics Bulletin 2, 1946), chance counting as known.
    """
    between, degrees = _moderated(watch, expected, earlier)
    promised, chance = _promise(watch, expected, actual)
    # A target is known; a mean over K snapshots has its own share of the change between them.
    unsteady = between * (1 + (watch.target is None) / expected.snapshots)
    variance = chance + unsteady
    difference = actual.mean - promised
    z = difference / math.sqrt(variance)
    behind = degrees * (variance / unsteady) ** 2
    limit = threshold(checks_a_year, false_alerts_a_year, side=watch.side, degrees=behind)
    if before is not None and before.raised and before.z * z > 0:
        limit = min(limit, threshold(1.0, _STILL_IMPROBABLE, side=watch.side, degrees=behind))
    size, distance = (-difference, -z) if watch.side == "low" else (abs(difference), abs(z))
    return Alarm(promised, actual.mean, z, limit, distance > limit and size >= watch.practical)


def change(watch: Watch, expected: Steadiness, actual: Steadiness) -> float:
    """Squared difference of actual and expected less what chance gives it, at least 0."""
    promised, chance = _promise(watch, expected, actual)
    return max(0.0, (actual.mean - promised) ** 2 - chance)


def _promise(watch: Watch, expected: Steadiness, actual: Steadiness) -> tuple[float, float]:
    """What is expected, and the variance by chance of the difference to what came."""
    if watch.target is not None:
        return watch.target, actual.chance
    return expected.mean, expected.chance + actual.chance


def _moderated(watch: Watch, expected: Steadiness, earlier: Sequence[float]) -> tuple[float, float]:
    """The variance between snapshots with the degrees of freedom behind it."""
    tested = expected.snapshots - 1
    degrees = tested + len(earlier)
    total = tested * expected.between + float(np.sum(earlier))
    seen = total / degrees if degrees else 0.0
    return moderated_variance(seen, degrees, watch.usual**2, _PRIOR_DEGREES)
