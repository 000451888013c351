"""The BG/NBD model: how often a customer buys, and when they drop out, from three numbers each.

A customer buys as a Poisson process of rate λ ~ Gamma(r, α) and drops out for good after any
purchase with probability p ~ Beta(a, b). All that matters of a history is (x, t_x, T): repeat
purchases, the age at the last one, and the age now.

References
----------
Fader, Hardie and Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD
Model, Marketing Science 24 (2005), 275-284: likelihood, equation 3.
Fader, Hardie and Lee, Computing P(alive) Using the BG/NBD Model, 2008.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from models.odds import Floats

#: Beyond these the likelihood is flat: customers all alike, or almost none that drop out.
BOUNDS = ((-7.0, 9.0),) * 4
_LEAST_CUSTOMERS = 20


@dataclass(frozen=True)
class Histories:
    """What the model reads of customers, in one unit of time.

    Parameters
    ----------
    repeats
        (n,) float64, purchases after the first, x.
    last
        (n,) float64, age at the last purchase, t_x; 0 without a repeat.
    age
        (n,) float64, time since the first purchase, T > 0.
    """

    repeats: Floats
    last: Floats
    age: Floats

    def __post_init__(self) -> None:
        if not len(self.repeats) == len(self.last) == len(self.age):
            raise ValueError(
                "repeats, last and age differ in length; allowed: one each a customer."
            )
        if not np.all((self.last >= 0) & (self.last <= self.age) & (self.age > 0)):
            raise ValueError("last or age is out of order; allowed: 0 <= last <= age, age > 0.")


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model.

    Parameters
    ----------
    r, alpha
        Shape and rate of the gamma distribution of purchase rates.
    a, b
        Of the beta distribution of drop-out probabilities.
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, customers: Histories) -> Floats:
        """(n,) log likelihood of each history (2005, equation 3, times its constant in x)."""
        x, age = customers.repeats, customers.age
        repeated = x > 0
        common = (
            gammaln(self.r + x)
            - gammaln(self.r)
            + self.r * np.log(self.alpha)
            + betaln(self.a, self.b + x)
            - betaln(self.a, self.b)
        )
        alive = -(self.r + x) * np.log(self.alpha + age)
        dropped = np.where(
            repeated,
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1.0) - 1.0)
            - (self.r + x) * np.log(self.alpha + customers.last),
            -np.inf,
        )
        total: Floats = common + np.logaddexp(alive, dropped)
        return total

    def probability_alive(self, customers: Histories) -> Floats:
        """(n,) P(not dropped out by now | history) (2008, equation 1); 1 without a repeat."""
        x = customers.repeats
        log_odds_dropped = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1.0) - 1.0)
            + (self.r + x)
            * (np.log(self.alpha + customers.age) - np.log(self.alpha + customers.last))
        )
        alive: Floats = np.where(
            x > 0, 1.0 / (1.0 + np.exp(np.minimum(log_odds_dropped, 700.0))), 1.0
        )
        return alive

    def probability_silent(self, customers: Histories, window: float) -> Floats:
        """(n,) P(no purchase in the next ``window`` | history).

        Notes
        -----
        The customer has dropped out, or is alive and buys nothing: a living customer's rate is
        Gamma(r + x, α + T), and drop-out needs a purchase, so that
        ``P(silent) = 1 − P(alive) · (1 − ((α + T) / (α + T + window))^(r + x))``.
        """
        quiet = np.log(self.alpha + customers.age) - np.log(self.alpha + customers.age + window)
        silent: Floats = 1.0 + self.probability_alive(customers) * np.expm1(
            (self.r + customers.repeats) * quiet
        )
        return silent


def fit_bg_nbd(customers: Histories) -> BgNbd:
    """Maximum likelihood; identical histories are counted once, with their number.

    Raises
    ------
    ValueError
        When there are fewer than 20 customers, or none has bought again.
    """
    if len(customers.age) < _LEAST_CUSTOMERS or not np.any(customers.repeats > 0):
        raise ValueError(
            f"customers has {len(customers.age)} customers, "
            f"{int(np.count_nonzero(customers.repeats > 0))} with a repeat purchase; "
            f"allowed: at least {_LEAST_CUSTOMERS} and one."
        )
    # In units of the mean age all four logarithms are near 0, whatever the unit of the data.
    unit = float(customers.age.mean())
    distinct, number = _distinct(customers, unit)

    def loss(logs: npt.NDArray[np.float64]) -> float:
        likelihood = BgNbd(*np.exp(logs)).log_likelihood(distinct)
        return -float(number @ likelihood / number.sum())

    found = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=BOUNDS)
    r, alpha, a, b = np.exp(found.x)
    return BgNbd(float(r), float(alpha) * unit, float(a), float(b))


def _distinct(customers: Histories, unit: float) -> tuple[Histories, Floats]:
    rows = np.column_stack([customers.repeats, customers.last / unit, customers.age / unit])
    distinct, number = np.unique(rows, axis=0, return_counts=True)
    return Histories(*distinct.T), number.astype(np.float64)
