from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.clusters import (
    between_variance,
    covariance_by_user,
    distinct_users,
    variance_of_mean,
)

CODES = st.sampled_from([-(2**62), -1, 0, 1, 2, 2**62])
ROWS = st.lists(st.tuples(CODES, st.floats(-5, 5)), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_covariance_adds_up_a_users_influences_first(folds) -> None:
    sums = [
        {user: sum(value for code, value in rows if code == user) for user, _ in rows}
        for rows in folds
    ]
    slow = [[sum(a[user] * b.get(user, 0) for user in a) for b in sums] for a in sums]
    influences = [np.array([value for _, value in rows]) for rows in folds]
    users = [np.array([code for code, _ in rows], dtype=np.int64) for rows in folds]
    covariance = covariance_by_user(influences, users)
    np.testing.assert_allclose(covariance, slow, atol=1e-9)
    assert variance_of_mean(covariance) == pytest.approx(np.sum(slow) / len(folds) ** 2, abs=1e-9)


@given(st.lists(CODES, min_size=1, max_size=20))
def test_distinct_users(codes) -> None:
    assert distinct_users(np.array(codes, dtype=np.int64)) == len(set(codes))


def test_between_variance_by_hand() -> None:
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 5.0, 2.0], [0.0, 2.0, 6.0]])
    # Mean variance 5, mean covariance 1; the estimates vary by 16.
    assert between_variance(np.array([0.0, 4.0, 8.0]), covariance) == pytest.approx(16 - (5 - 1))
    assert between_variance(np.array([0.0, 1.0, 2.0]), covariance) == 0
    assert between_variance(np.array([3.0]), np.array([[1.0]])) == 0


@pytest.mark.parametrize("tau", [0.0, 2.0])
def test_between_variance_of_correlated_estimates_is_unbiased(rng, tau) -> None:
    covariance = np.full((5, 5), 0.8) + 0.4 * np.eye(5)
    draws = rng.multivariate_normal(np.zeros(5), covariance + tau**2 * np.eye(5), size=4000)
    estimates = [between_variance(row, covariance) for row in draws]
    cut_at_zero = 0.12 if tau == 0 else 0
    assert np.mean(estimates) == pytest.approx(tau**2 + cut_at_zero, abs=0.15)
