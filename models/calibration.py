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

from models.odds import Floats, logit_loss, sigmoid

SMALLEST_SLOPE = 1e-3
#: Belief, in rows of information, that the slopes are alike (a = b) and that they are 1:
#: a few hundred outcomes can't tell a bend from chance.
ALIKE_WEIGHT, IDENTITY_WEIGHT = 100.0, 100.0
#: Belief, in snapshots, that the candidates' own level is right. Between snapshots the level
#: moves with the season however many rows there are, so rows are no measure of it. Chosen, like
#: the weights above, on the CDNOW, Complete Journey and Rails logs.
LEVEL_WEIGHT = 3.0


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


def fit_calibrator(logits: Floats, labels: npt.NDArray[np.bool_], *, snapshots: int) -> Calibrator:
    """The curve with the smallest log loss on out-of-time predictions, its level held back.

    Parameters
    ----------
    logits
        (n,) uncalibrated log odds.
    labels
        (n,) bool, with both classes.
    snapshots
        Number of snapshots K that the rows come from.

    Raises
    ------
    ValueError
        When the labels are all alike.

    Notes
    -----
    Minimises ``n · log loss + ½·ALIKE·(a − b)² + ½·IDENTITY·(½(a + b) − 1)²``, which is convex, by
    L-BFGS-B with bounds on the slopes. Of the shift beyond the one that keeps the mean probability
    as it was, the share ``K / (K + LEVEL)`` is taken: the posterior mean of a level that varies
    between snapshots LEVEL times as much as it is off on average.
    """
    curve = _best_curve(logits, labels)
    level = _level_kept(curve, logits)
    trusted = snapshots / (snapshots + LEVEL_WEIGHT)
    return replace(curve, shift=level + trusted * (curve.shift - level))


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


def _level_kept(curve: Calibrator, logits: Floats) -> float:
    """The shift with which the curve leaves the mean probability as it was."""
    from scipy.optimize import brentq  # noqa: PLC0415

    bent = replace(curve, shift=0.0).logits(logits)
    target = sigmoid(logits).mean()
    reach = 1.0 + float(np.abs(bent - logits).max())
    return float(brentq(lambda shift: sigmoid(bent + shift).mean() - target, -reach, reach))


def _logarithms(logits: Floats) -> tuple[Floats, Floats]:
    """``ln q`` and ``−ln(1 − q)`` of log odds: they add up to the log odds."""
    above = np.logaddexp(0.0, logits)
    return logits - above, above
