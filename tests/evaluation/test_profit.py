from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import Money, ScoreHistogram, Selection, profit_curve, simulate


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 20.0, 50.0, 50.01, 80.0, 100.0]), min_size=1, max_size=20),
    st.sampled_from([0.0, 1.0, 3.0, 9.0]),
    st.sampled_from([0.0, 2.0, 30.0]),
)
def test_best_threshold_beats_every_other(scores, message_cost, incentive_cost) -> None:
    scores = np.array(scores)
    histogram = ScoreHistogram.from_scores(scores, scores / 125)
    money = Money(10, message_cost=message_cost, incentive_cost=incentive_cost)

    def profit(threshold: float) -> float:
        selection = Selection(min_score=threshold)
        return simulate(histogram, selection=selection, money=money).money.profit.value

    curve = profit_curve(histogram, money)
    at_users = [profit(score) for score in np.unique(scores)]
    assert curve.best_profit == pytest.approx(max(0, *at_users))
    for threshold, value in zip(curve.thresholds[::40], curve.profit[::40], strict=True):
        assert value == pytest.approx(profit(threshold))
    if curve.best_threshold is not None:
        assert curve.best_threshold in scores
        assert curve.best_threshold in curve.thresholds
        assert curve.best_reached == np.sum(scores >= curve.best_threshold)
        assert curve.flat_from <= curve.best_threshold <= curve.flat_to
        for edge in (curve.flat_from, curve.flat_to):
            assert profit(edge) >= 0.95 * curve.best_profit - 1e-9
        if curve.flat_from > 0:
            assert profit(curve.flat_from - 0.01) < 0.95 * curve.best_profit


def test_by_hand() -> None:
    histogram = ScoreHistogram.from_scores([90, 80, 70, 60], [0.9, 0.5, 0.12, 0.01])
    curve = profit_curve(histogram, Money(10, message_cost=1))
    # Profits from the top: 8, 12, 12.2, 11.3; 95 % of the best is 11.59.
    assert (curve.best_threshold, curve.best_reached) == (70, 3)
    assert curve.best_profit == pytest.approx(12.2)
    assert (curve.flat_from, curve.flat_to) == (60.01, 80)


def test_where_nothing_pays_the_best_is_to_send_nothing() -> None:
    histogram = ScoreHistogram.from_scores([90, 50], [0.5, 0.1])
    curve = profit_curve(histogram, Money(1, message_cost=2))
    assert (curve.best_threshold, curve.best_reached, curve.best_profit) == (None, 0, 0)
    assert (curve.flat_from, curve.flat_to) == (None, None)
    assert curve.profit[0] < 0


def test_thinned_but_with_both_ends_and_the_best() -> None:
    histogram = ScoreHistogram.from_scores([33.33, 20], [0.9, 0.01])
    curve = profit_curve(histogram, Money(10, message_cost=1), points=3)
    assert curve.thresholds.tolist() == [0, 33.33, 50, 100]
    with pytest.raises(ValueError, match="points is 1"):
        profit_curve(histogram, Money(1), points=1)


def test_to_dict_is_json() -> None:
    histogram = ScoreHistogram.from_scores([90, 50], [0.5, 0.1])
    shown = profit_curve(histogram, Money(10, message_cost=2)).to_dict()
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert len(shown["thresholds"]) == len(shown["profit"]) == len(shown["reached"])
