from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from evaluation import brier, log_loss
from tests.evaluation.strategies import labelled


@settings(max_examples=100, deadline=None)
@given(labelled(scores=st.floats(0, 1)))
def test_losses_equal_scikit_learn(case) -> None:
    labels, probabilities = case
    assert brier(labels, probabilities) == pytest.approx(
        metrics.brier_score_loss(labels, probabilities)
    )
    assert log_loss(labels, probabilities) == pytest.approx(
        metrics.log_loss(labels, probabilities), abs=1e-12
    )


def test_losses_by_hand() -> None:
    assert brier([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert log_loss([1, 0], [0.8, 0.4]) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)


def test_one_certain_error_stays_finite() -> None:
    assert 36 < log_loss([1], [0.0]) < 37
