"""BG/NBD fitted to outcomes: how likely a customer does anything in the window.

:mod:`models.buy_till_you_die` fits the four numbers to whole histories of whole cohorts. Here the
same formula is fitted to what came true, on the rows that are predicted: customers who are only
asked about while they are active, and behaviour that is no Poisson process, are fitted as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.buy_till_you_die import BOUNDS, BgNbd
from models.odds import Floats, logit_loss, sigmoid

#: Log odds beyond these are told apart by nothing that was ever seen.
_FURTHEST = 12.0
#: Belief, in rows of information, that the logarithms of the four numbers are near nought: it
#: keeps what the outcomes leave open from drifting to a bound.
_PRIOR_WEIGHT = 0.1


@dataclass(frozen=True)
class Activity:
    """A fitted formula.

    Parameters
    ----------
    model
        The four numbers, in days.
    window_days
        Length of the outcome window.
    """

    model: BgNbd
    window_days: float

    def logits(self, history: Floats) -> Floats:
        """(n,) log odds of any event in the window, within ±12; NaN where a column is.

        Parameters
        ----------
        history
            (n, 3) events so far, days since the first and days since the last.
        """
        numbers = self.model
        parameters = np.log([numbers.r, numbers.alpha, numbers.a, numbers.b])
        known = np.isfinite(history).all(axis=1)
        out = np.full(len(history), np.nan)
        out[known], _ = _logits(parameters, _measured(history[known], 1.0), self.window_days)
        return out

    def to_json(self) -> dict[str, float]:
        """The five numbers."""
        return {"window_days": self.window_days, **asdict(self.model)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        numbers = {name: float(document[name]) for name in ("r", "alpha", "a", "b")}
        return cls(BgNbd(**numbers), float(document["window_days"]))


def fit_activity(history: Floats, active: npt.NDArray[np.bool_], window_days: float) -> Activity:
    """The four numbers with the smallest log loss of the outcomes.

    Parameters
    ----------
    history
        (n, 3) known events so far, days since the first and days since the last.
    active
        (n,) bool, with both classes.
    window_days
        Length of the outcome window.
    """
    from scipy.optimize import minimize  # noqa: PLC0415

    # In units of the mean age all four logarithms are near 0, whatever the unit of the data.
    unit = float(history[:, 1].mean())
    measured = _measured(history, unit)
    n = len(active)
    prior = _PRIOR_WEIGHT / n

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logits, slopes = _logits(parameters, measured, window_days / unit)
        gradient = slopes @ (sigmoid(logits) - active) / n + prior * parameters
        value = logit_loss(active, logits) + prior * float(parameters @ parameters) / 2
        return value, gradient

    found = minimize(
        loss,
        np.zeros(4),
        jac=True,
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"ftol": 1e-9, "maxiter": 200},
    )
    r, alpha, a, b = map(float, np.exp(found.x))
    return Activity(BgNbd(r, alpha * unit, a, b), window_days)


def _measured(history: Floats, unit: float) -> tuple[Floats, Floats, Floats]:
    """Repeats, age at the last event and age, in units of ``unit`` days."""
    age = np.maximum(history[:, 1] / unit, 1e-6)
    last = np.clip(age - history[:, 2] / unit, 0.0, age)
    return np.maximum(history[:, 0] - 1.0, 0.0), last, age


def _logits(
    parameters: Floats, measured: tuple[Floats, Floats, Floats], window: float
) -> tuple[Floats, Floats]:
    """(n,) log odds of activity and (4, n) their slopes along the logarithms of r, α, a and b.

    Notes
    -----
    With d the log odds of having dropped out and q the log probability that a living customer is
    quiet, ``log P(active) = −log(1 + exp d) + log(1 − exp q)``; see
    :class:`models.buy_till_you_die.BgNbd` for both.
    """
    r, alpha, a, b = np.exp(parameters)
    repeats, last, age = measured
    events, repeated = r + repeats, repeats > 0
    before = b + np.maximum(repeats, 1.0) - 1.0
    since = np.log(alpha + age) - np.log(alpha + last)
    dropped = np.where(repeated, np.log(a) - np.log(before) + events * since, -np.inf)
    quieter = np.log(alpha + age) - np.log(alpha + age + window)
    quiet = np.minimum(events * quieter, -1e-12)
    log_active = np.minimum(np.log(-np.expm1(quiet)) - np.logaddexp(0.0, dropped), -1e-12)
    logits = log_active - np.log(-np.expm1(log_active))
    from_dropped = -sigmoid(dropped) * repeated
    from_quiet = -np.exp(quiet) / -np.expm1(quiet)
    slopes = np.stack(
        [
            r * (from_dropped * since + from_quiet * quieter),
            alpha
            * events
            * (
                from_dropped * (1 / (alpha + age) - 1 / (alpha + last))
                + from_quiet * (1 / (alpha + age) - 1 / (alpha + age + window))
            ),
            from_dropped,
            from_dropped * -b / before,
        ]
    )
    inside = np.abs(logits) < _FURTHEST
    return np.clip(logits, -_FURTHEST, _FURTHEST), slopes * inside / -np.expm1(log_active)
