from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluation import auc, average_precision, lift_at, mean_lift_quality, prediction_quality
from tests.evaluation.strategies import labelled

EXAMPLES = settings(max_examples=150, deadline=None)


@EXAMPLES
@given(labelled())
def test_auc_and_average_precision_equal_scikit_learn_with_ties(case) -> None:
    labels, scores = case
    assert auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))
    assert average_precision(labels, scores) == pytest.approx(
        average_precision_score(labels, scores)
    )


@EXAMPLES
@given(labelled())
def test_prediction_quality_is_twice_the_auc_less_one(case) -> None:
    labels, scores = case
    expected = 100 * (2 * roc_auc_score(labels, scores) - 1)
    assert prediction_quality(labels, scores) == pytest.approx(expected, abs=1e-9)


@EXAMPLES
@given(labelled())
def test_the_order_of_rows_changes_nothing(case) -> None:
    labels, scores = case
    backwards = labels[::-1], scores[::-1]
    for measure in (auc, average_precision, mean_lift_quality, prediction_quality):
        assert measure(*backwards) == pytest.approx(measure(labels, scores), abs=1e-9)
    assert lift_at(*backwards, 0.3) == pytest.approx(lift_at(labels, scores, 0.3))


def averaged_over_orders_of_ties(labels, scores, measure, rng) -> float:
    """Break ties at random, many times: what sharing them evenly stands for."""
    values = []
    for _ in range(4000):
        order = np.lexsort((rng.random(len(scores)), -scores))
        values.append(measure(labels[order]))
    return float(np.mean(values))


def test_ties_share_their_ranks_evenly(rng) -> None:
    labels = rng.random(30) < 0.4
    scores = rng.integers(0, 4, size=30) / 4

    def top_lift(ranked) -> float:
        return ranked[:9].mean() / ranked.mean()

    def mean_lift(ranked) -> float:
        ranks = np.arange(1, len(ranked) + 1)
        return float(np.mean(np.cumsum(ranked) / ranks) / ranked.mean())

    perfect = mean_lift(np.sort(labels)[::-1])
    slow = averaged_over_orders_of_ties(labels, scores, mean_lift, rng)
    assert mean_lift_quality(labels, scores) == pytest.approx((slow - 1) / (perfect - 1), abs=0.01)
    slow = averaged_over_orders_of_ties(labels, scores, top_lift, rng)
    assert lift_at(labels, scores, 0.3) == pytest.approx(slow, abs=0.02)


@EXAMPLES
@given(labelled())
def test_mean_lift_quality_of_perfect_random_and_wrong(case) -> None:
    labels, scores = case
    assert mean_lift_quality(labels, labels) == pytest.approx(1)
    assert mean_lift_quality(labels, np.zeros(len(labels))) == pytest.approx(0, abs=1e-9)
    assert mean_lift_quality(labels, ~labels) <= mean_lift_quality(labels, scores) + 1e-9


def test_mean_lift_quality_without_ties_by_hand() -> None:
    # Lifts at ranks 1..4 are 2, 1, 4/3, 1 and, ranked perfectly, 2, 2, 4/3, 1.
    expected = ((2 + 1 + 4 / 3 + 1) / 4 - 1) / ((2 + 2 + 4 / 3 + 1) / 4 - 1)
    assert mean_lift_quality([1, 0, 1, 0], [4, 3, 2, 1]) == pytest.approx(expected)


def test_lift_at_by_hand() -> None:
    labels, scores = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0], range(10, 0, -1)
    assert lift_at(labels, scores, 0.2) == pytest.approx(5)
    assert lift_at(labels, scores, 1.0) == pytest.approx(1)
    for share in (0, 1.1):
        with pytest.raises(ValueError, match="share is"):
            lift_at(labels, scores, share)
