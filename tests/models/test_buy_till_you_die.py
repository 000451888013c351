"""BG/NBD against the integrals it was derived from, and against customers simulated from it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import roots_legendre
from scipy.stats import beta, gamma

from models.buy_till_you_die import BgNbd, Histories, fit_bg_nbd

#: The published fit of 2,357 CDNOW customers (Fader, Hardie and Lee 2005, table 2), in weeks.
CDNOW = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)


def histories(*rows: tuple[float, float, float]) -> Histories:
    return Histories(*np.array(rows, dtype=np.float64).T)


def simulated(model: BgNbd, customers: int, age: float, window: float, seed: int) -> tuple:
    """Histories up to ``age``, whether each is alive then, and whether silent in the window."""
    random = np.random.default_rng(seed)
    rate = random.gamma(model.r, 1 / model.alpha, customers)
    drop = random.beta(model.a, model.b, customers)
    ages = age * random.uniform(0.6, 1.0, customers)
    repeats, last = np.zeros(customers), np.zeros(customers)
    alive, silent = np.ones(customers, bool), np.ones(customers, bool)
    for one in range(customers):
        time = random.exponential(1 / rate[one])
        while time < ages[one] + window:
            if time < ages[one]:
                repeats[one] += 1
                last[one] = time
            else:
                silent[one] = False
            if random.random() < drop[one]:
                alive[one] = time >= ages[one]
                break
            time += random.exponential(1 / rate[one])
    return Histories(repeats, last, ages), alive, silent


@pytest.mark.parametrize(
    "history", [(0, 0.0, 38.9), (1, 1.7, 38.9), (2, 30.4, 38.9), (7, 20.0, 30.0)]
)
def test_the_likelihood_is_the_integral_over_customers(history: tuple[int, float, float]) -> None:
    """Equation 2 of the paper, one customer of known rate and drop-out, summed over all."""
    model = BgNbd(r=1.3, alpha=6.0, a=1.6, b=2.4)
    x, last, age = history
    nodes, weights = roots_legendre(400)
    rate, drop = 3.0 * (nodes[:, None] + 1), (nodes[None, :] + 1) / 2
    density = gamma.pdf(rate, model.r, scale=1 / model.alpha) * beta.pdf(drop, model.a, model.b)
    alive = (1 - drop) ** x * rate**x * np.exp(-rate * age)
    dropped = drop * (1 - drop) ** (x - 1) * rate**x * np.exp(-rate * last) if x else 0.0
    integral = 1.5 * weights @ ((alive + dropped) * density) @ weights
    told = model.log_likelihood(histories(history))[0]
    assert told == pytest.approx(np.log(integral), abs=2e-3)


def test_who_never_came_back_is_alive_and_quieter_the_older() -> None:
    young, old = CDNOW.probability_silent(histories((0, 0, 2.0), (0, 0, 38.9)), 26.0)
    assert CDNOW.probability_alive(histories((0, 0, 38.9)))[0] == 1.0
    assert 0 < young < old < 1


@pytest.mark.slow
def test_probabilities_come_true_among_simulated_customers() -> None:
    model = BgNbd(r=0.6, alpha=5.0, a=0.8, b=2.5)
    known, alive, silent = simulated(model, 20_000, age=40.0, window=8.0, seed=3)
    for told, truth in (
        (model.probability_alive(known), alive),
        (model.probability_silent(known, 8.0), silent),
    ):
        order = np.argsort(told, kind="stable")
        for part in np.array_split(order, 8):
            expected = told[part].sum()
            deviation = np.sqrt((told[part] * (1 - told[part])).sum()) + 1e-9
            assert abs(truth[part].sum() - expected) < 4 * deviation + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("unit", [1.0, 86_400.0])
def test_the_fit_finds_the_parameters_in_any_unit_of_time(unit: float) -> None:
    model = BgNbd(r=0.6, alpha=5.0, a=0.8, b=2.5)
    known, _, _ = simulated(model, 20_000, age=40.0, window=0.0, seed=4)
    fitted = fit_bg_nbd(Histories(known.repeats, known.last * unit, known.age * unit))
    assert fitted.r == pytest.approx(model.r, rel=0.08)
    assert fitted.alpha / unit == pytest.approx(model.alpha, rel=0.1)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.8 / 3.3, rel=0.1)
    scaled = Histories(known.repeats, known.last * unit, known.age * unit)
    assert (
        fitted.log_likelihood(scaled).sum()
        >= BgNbd(model.r, model.alpha * unit, model.a, model.b).log_likelihood(scaled).sum()
    )


def test_the_fit_is_a_maximum_and_counts_identical_customers() -> None:
    known = histories(*[(float(x), 3.0 * x, 20.0) for x in (0, 0, 0, 1, 2, 4)] * 10)
    fitted = fit_bg_nbd(known)
    best = fitted.log_likelihood(known).sum()
    for factor in (0.9, 1.1):
        for name in ("r", "alpha", "a", "b"):
            moved = BgNbd(**{**vars(fitted), name: getattr(fitted, name) * factor})
            assert moved.log_likelihood(known).sum() <= best + 1e-4


def test_what_cannot_be_fitted_is_said() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        fit_bg_nbd(histories((1, 1, 2)))
    with pytest.raises(ValueError, match="0 with a repeat"):
        fit_bg_nbd(histories(*[(0, 0, 2)] * 30))
    with pytest.raises(ValueError, match="0 <= last <= age"):
        histories((1, 3, 2))
