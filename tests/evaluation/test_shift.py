from __future__ import annotations

import numpy as np
import pytest

from evaluation import Fold, ShiftVariance, calibration_intercept, shift_variance


def shifted_folds(rng, count, tau, *, rows=3000, lasting=0.0):
    """Folds of the same users whose log odds shift together, and lastingly user by user."""
    users = np.arange(rows)
    own = lasting * rng.normal(size=rows)
    folds = []
    for _ in range(count):
        odds = rng.normal(-1, 1, size=rows)
        p = 1 / (1 + np.exp(-odds - own - tau * rng.normal()))
        folds.append(Fold(rng.random(rows) < p, 1 / (1 + np.exp(-odds)), users))
    return folds


@pytest.mark.parametrize("tau", [0.0, 0.4])
def test_tau_is_found(rng, tau) -> None:
    estimates = [shift_variance(shifted_folds(rng, 6, tau)).tau2 for _ in range(60)]
    # Cutting at 0 lifts the mean a little where there is no shift.
    assert np.mean(estimates) == pytest.approx(tau**2, abs=0.035)


def test_chance_is_removed_and_returning_users_are_no_reason_to_remove_more(rng) -> None:
    """With users who lastingly differ, folds share their chance; differences hold less of it."""
    tau, rows = 0.1, 300
    estimates = [
        shift_variance(shifted_folds(rng, 8, tau, rows=rows, lasting=3.0)).tau2 for _ in range(100)
    ]
    # Lasting differences shrink shifts of the average odds: this is their size by simulation.
    shifts = [
        calibration_intercept(fold.labels, fold.probabilities)
        for fold in shifted_folds(rng, 100, tau, rows=10_000, lasting=3.0)
    ]
    truth = np.var(shifts, ddof=1)
    assert np.mean(estimates) == pytest.approx(truth, abs=0.004)


def test_degrees_and_one_fold(rng) -> None:
    folds = shifted_folds(rng, 3, 0.5)
    assert shift_variance(folds).degrees == 2
    assert shift_variance(folds[:1]) == ShiftVariance(0.0, 0)


@pytest.mark.parametrize(
    ("tau2", "degrees", "message"),
    [(-1, 2, "tau2 is -1"), (np.nan, 2, "tau2 is nan"), (0, -1, "degrees is -1")],
)
def test_wrong_variances_are_refused(tau2, degrees, message) -> None:
    with pytest.raises(ValueError, match=message):
        ShiftVariance(tau2, degrees)
