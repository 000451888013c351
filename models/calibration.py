"""One strictly increasing curve from a blend's log odds to honest ones.

Beta calibration (Kull, Silva Filho and Flach, 2017): ``logit p = a·ln q − b·ln(1 − q) + c`` with q
the uncalibrated probability. a = b is Platt scaling, a = b = 1 and c = 0 the identity. Both slopes
are kept positive, so that no two customers change places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from evaluation.clusters import moderated_variance
from evaluation.intervals import USUAL_DEGREES, USUAL_SHIFT
from evaluation.recalibration import intercept_shift
from models.odds import Floats, logit, logit_loss, sigmoid

SMALLEST_SLOPE = 1e-3
#: Belief, in rows of information, that the slopes are alike (a = b) and that they are 1:
#: a few hundred outcomes can't tell a bend from chance.
ALIKE_WEIGHT, IDENTITY_WEIGHT = 100.0, 100.0
#: How far the slope of a calibrated prediction usually moves between snapshots.
USUAL_SLOPE_CHANGE = 0.05
#: Standard errors that slope or level must be off by before anything is done about it.
SURE_ERRORS = 2.0
_NOTHING = 1e-12


@dataclass(frozen=True)
class Calibrator:
    """A fitted curve.

    Parameters
    ----------
    rise
        a > 0, the slope where q is small.
    fall
        b > 0, the slope where q is near 1.
    shift
        c, added to the log odds.
    """

    rise: float = 1.0
    fall: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        values = (self.rise, self.fall, self.shift)
        if not np.all(np.isfinite(values)) or min(self.rise, self.fall) <= 0:
            raise ValueError(f"rise, fall, shift are {values}; allowed: finite, slopes above 0.")

    def logits(self, logits: Floats) -> Floats:
        """(n,) calibrated log odds of (n,) uncalibrated ones; strictly increasing."""
        if self.rise == self.fall:
            return self.rise * logits + self.shift
        below, above = _logarithms(logits)
        return self.rise * below + self.fall * above + self.shift

    def to_json(self) -> dict[str, Any]:
        """The three numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(**{name: float(document[name]) for name in ("rise", "fall", "shift")})


def fit_calibrator(
    logits: Floats, labels: npt.NDArray[np.bool_], moments: npt.NDArray[np.datetime64]
) -> Calibrator:
    """The curve with the smallest log loss on out-of-time predictions, as far as it is sure.

    Parameters
    ----------
    logits
        (n,) uncalibrated log odds.
    labels
        (n,) bool, with both classes.
    moments
        (n,) the snapshot of each row.

    Raises
    ------
    ValueError
        When the labels are all alike.

    Notes
    -----
    The curve minimises ``n · log loss + ½·ALIKE·(a − b)² + ½·IDENTITY·(½(a + b) − 1)²``, which is
    convex, by L-BFGS-B with bounds on the slopes. Slope and level move from snapshot to snapshot
    however many rows there are, so what K of them were off by says little about the next one. Of a
    distance d from the candidates' own slope or level, whose standard error is s, the share
    ``max(0, 1 − (SURE·s/d)²)`` is kept: James and Stein's positive part (Efron and Morris, Stein's
    estimation rule and its competitors, Journal of the American Statistical Association 68, 1973),
    asked to be surer. s² is the mean of what chance and change between snapshots give one of them,
    over K.
    """
    curve = _best_curve(logits, labels)
    kept = _kept((curve.rise + curve.fall) / 2 - 1, _slope_variance(logits, moments))
    if kept == 0:
        curve, level = Calibrator(), 0.0
    else:
        curve = Calibrator(1 + kept * (curve.rise - 1), 1 + kept * (curve.fall - 1))
        level = _level_of(curve, logits, float(sigmoid(logits).mean()))
    off = _level_of(curve, logits, float(labels.mean())) - level
    known = replace(curve, shift=level).logits(logits)
    return replace(curve, shift=level + off * _kept(off, _level_variance(known, labels, moments)))


def _kept(distance: float, variance: float) -> float:
    """Share of a distance that is kept."""
    return max(0.0, 1 - SURE_ERRORS**2 * variance / max(distance**2, _NOTHING))


def _slope_variance(logits: Floats, moments: npt.NDArray[np.datetime64]) -> float:
    """Of the mean slope over the snapshots, each with what chance and usual change give it."""
    chances = []
    for rows in _by_moment(moments):
        information = _chance(logits[rows])
        centred = logits[rows] - np.average(logits[rows], weights=information)
        chances.append(1 / max(float(np.sum(information * centred**2)), _NOTHING))
    return (USUAL_SLOPE_CHANGE**2 + float(np.mean(chances))) / len(chances)


def _level_variance(
    logits: Floats, labels: npt.NDArray[np.bool_], moments: npt.NDArray[np.datetime64]
) -> float:
    """Of the mean level over the snapshots; what they differ by is joined with what is usual."""
    levels, chances = [], []
    told = [rows for rows in _by_moment(moments) if 0 < labels[rows].sum() < rows.sum()]
    # Where no snapshot shows both outcomes, all of them together are one.
    for rows in told or [np.ones(len(labels), dtype=np.bool_)]:
        levels.append(intercept_shift(labels[rows], sigmoid(logits[rows])).value)
        chances.append(1 / float(np.sum(_chance(logits[rows]))))
    count, chance = len(levels), float(np.mean(chances))
    seen = max(0.0, float(np.var(levels, ddof=1)) - chance) if count > 1 else 0.0
    change, _ = moderated_variance(seen, count - 1, USUAL_SHIFT**2, USUAL_DEGREES)
    return (change + chance) / count


def _by_moment(moments: npt.NDArray[np.datetime64]) -> list[npt.NDArray[np.bool_]]:
    return [moments == moment for moment in np.unique(moments)]


def _chance(logits: Floats) -> Floats:
    """(n,) variance of each outcome."""
    probabilities = sigmoid(logits)
    variances: Floats = probabilities * (1 - probabilities)
    return variances


def _best_curve(logits: Floats, labels: npt.NDArray[np.bool_]) -> Calibrator:
    from scipy.optimize import minimize  # noqa: PLC0415

    if labels.all() or not labels.any():
        raise ValueError("labels are all alike; allowed: both classes.")
    below, above = _logarithms(logits)
    n = len(labels)

    def loss(curve: Floats) -> tuple[float, Floats]:
        rise, fall, shift = curve
        z = rise * below + fall * above + shift
        residual = sigmoid(z) - labels
        apart, off = rise - fall, (rise + fall) / 2 - 1
        penalty = (ALIKE_WEIGHT * apart**2 + IDENTITY_WEIGHT * off**2) / (2 * n)
        pull = np.array([1, -1]) * ALIKE_WEIGHT * apart + IDENTITY_WEIGHT * off / 2
        gradient = np.array([residual @ below, residual @ above, residual.sum()])
        gradient[:2] += pull
        return logit_loss(labels, z) + penalty, gradient / n

    found = minimize(
        loss,
        np.array([1.0, 1.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST_SLOPE, None), (SMALLEST_SLOPE, None), (None, None)],
        options={"ftol": 1e-12, "gtol": 1e-8, "maxiter": 500},
    )
    return Calibrator(*map(float, found.x))


def _level_of(curve: Calibrator, logits: Floats, target: float) -> float:
    """The shift with which the curve's mean probability is the target."""
    from scipy.optimize import brentq  # noqa: PLC0415

    bent = replace(curve, shift=0.0).logits(logits)
    reach = 1.0 + float(np.abs(logit(np.array([target])) - bent).max())
    return float(brentq(lambda shift: sigmoid(bent + shift).mean() - target, -reach, reach))


def _logarithms(logits: Floats) -> tuple[Floats, Floats]:
    """``ln q`` and ``−ln(1 − q)`` of log odds: they add up to the log odds."""
    above = np.logaddexp(0.0, logits)
    return logits - above, above
