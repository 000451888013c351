"""The score scale against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from models.scale import (
    CATEGORIES,
    category,
    category_codes,
    probabilities_from_scores,
    scores_from_probabilities,
)

rates = st.floats(0.001, 0.999)


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1), rates)
def test_scores_are_the_shifted_log_odds(probabilities, base_rate):
    expected = 100 * expit(logit(np.array(probabilities)) - logit(base_rate))
    scores = scores_from_probabilities(probabilities, base_rate)
    np.testing.assert_allclose(scores, expected, atol=0.00501)
    np.testing.assert_array_equal(scores, np.round(scores, 2))


@settings(deadline=None)
@given(st.floats(1.0, 99.0), rates)
def test_probabilities_come_back_up_to_rounding(score, base_rate):
    (again,) = scores_from_probabilities(probabilities_from_scores([score], base_rate), base_rate)
    # A probability clipped at one in a million can't tell how much rarer the score says it is.
    (p,) = probabilities_from_scores([score], base_rate)
    if 1e-6 < p < 1 - 1e-6:
        assert again == pytest.approx(score, abs=0.00501)


def test_the_average_customer_scores_50_and_three_times_the_odds_75():
    assert scores_from_probabilities([0.1, 0.25, 0.0, 1.0], 0.1).tolist() == [50, 75, 0, 100]


def test_categories_begin_at_their_bound():
    stored = [0, 49.99, 50, 74.99, 75, 100]
    assert category(stored).tolist() == ["low", "low", "medium", "medium", "high", "high"]
    assert [CATEGORIES[code] for code in category_codes(stored, (10.0, 99.0))] == [
        "low", "medium", "medium", "medium", "medium", "high",
    ]  # fmt: skip


@pytest.mark.parametrize("base_rate", [0.0, 1.0, -0.1, np.nan])
def test_a_base_rate_must_be_a_rate(base_rate):
    with pytest.raises(ValueError, match="base_rate"):
        scores_from_probabilities([0.5], base_rate)


def test_bounds_must_ascend():
    with pytest.raises(ValueError, match="bounds"):
        category([1.0], (60.0, 40.0))
