from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t

from evaluation import (
    Money,
    ScoreHistogram,
    Selection,
    ShiftVariance,
    simulate,
    threshold_curve,
)
from evaluation.intervals import Estimate, Uncertainty

ROWS = 5000
CUSTOMERS, BUYERS = 491_000, 44_000


@pytest.fixture
def scored(rng):
    probabilities = rng.beta(1, 8, size=ROWS)
    odds = probabilities / (1 - probabilities)
    average = probabilities.mean() / (1 - probabilities.mean())
    return np.round(100 * odds / (odds + average), 2), probabilities


@pytest.fixture
def histogram(scored) -> ScoreHistogram:
    return ScoreHistogram.from_scores(*scored)


def published() -> ScoreHistogram:
    """The public example: three groups of customers with the published numbers of buyers."""
    users = [26_541, 270_000 - 26_541, CUSTOMERS - 270_000]
    buyers = [11_150, 0.9 * BUYERS - 11_150, 0.1 * BUYERS]
    scores = np.repeat([75.0, 50.0, 25.0], users)
    probabilities = np.repeat(np.array(buyers) / users, users)
    return ScoreHistogram.from_scores(scores, probabilities)


def test_published_example() -> None:
    narrow = simulate(published(), selection=Selection(min_score=75))
    assert narrow.reached == 26_541
    assert narrow.expected_true_positives.value == pytest.approx(11_150)
    assert narrow.expected_false_positives.value == pytest.approx(15_385, abs=10)
    assert narrow.true_positive_share.value == pytest.approx(0.25, abs=0.005)
    assert 0.033 <= narrow.false_positive_share.value <= 0.0345
    assert narrow.precision.value == pytest.approx(0.42, abs=0.001)
    assert narrow.lift.value == pytest.approx(4.69, abs=0.01)
    wide = simulate(published(), selection=Selection(min_score=50))
    assert wide.reached == 270_000
    assert wide.true_positive_share.value == pytest.approx(0.9)
    assert 0.51 <= wide.false_positive_share.value <= 0.52


@pytest.mark.parametrize(
    ("selection", "inside"),
    [
        (Selection(min_score=75), lambda s: s >= 75),
        (Selection(max_score=50), lambda s: s <= 50),
        (Selection(min_score=60.01, max_score=74.99), lambda s: (s >= 60.01) & (s <= 74.99)),
        (Selection(min_score=60.015), lambda s: s >= 60.02),
        (Selection(min_score=0), lambda s: s >= 0),
    ],
)
def test_a_score_range_sums_the_users_in_it(histogram, scored, selection, inside) -> None:
    scores, p = scored
    chosen = inside(scores)
    result = simulate(histogram, selection=selection)
    assert result.reached == chosen.sum()
    assert result.reached_share == chosen.mean()
    assert result.expected_true_positives.value == pytest.approx(p[chosen].sum())
    assert result.expected_false_positives.value == pytest.approx((1 - p[chosen]).sum())
    assert result.true_positive_share.value == pytest.approx(p[chosen].sum() / p.sum())
    of_others = (1 - p[chosen]).sum() / (1 - p).sum()
    assert result.false_positive_share.value == pytest.approx(of_others)
    assert result.precision.value == pytest.approx(p[chosen].mean())
    assert result.lift.value == pytest.approx(p[chosen].mean() / p.mean())


def test_limits_reach_the_best_users_first(histogram, scored) -> None:
    scores, p = scored
    best = np.sort(p)[::-1]
    for selection in (Selection(top_share=0.1), Selection(messages=500)):
        result = simulate(histogram, selection=selection)
        assert result.reached == 500
        assert result.expected_true_positives.value == pytest.approx(best[:500].sum(), rel=1e-3)
        assert result.min_score == np.sort(scores)[-500]
        assert result.max_score == 100


def test_a_limit_inside_a_bin_takes_part_of_it() -> None:
    histogram = ScoreHistogram.from_scores([90.0] * 4 + [80.0] * 4, [0.5] * 4 + [0.25] * 4)
    result = simulate(histogram, selection=Selection(messages=6))
    assert result.expected_true_positives.value == pytest.approx(4 * 0.5 + 2 * 0.25)
    assert (result.reached, result.min_score) == (6, 80)


def test_a_limit_within_a_score_range() -> None:
    histogram = ScoreHistogram.from_scores([90.0] * 4 + [80.0] * 4, [0.5] * 4 + [0.25] * 4)
    selection = Selection(max_score=85, messages=3)
    assert simulate(histogram, selection=selection).expected_true_positives.value == 0.75
    plenty = Selection(min_score=85, messages=100)
    assert simulate(histogram, selection=plenty).reached == 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 10.0, 10.01, 50.0, 100.0]), min_size=1, max_size=30),
    st.floats(0, 40),
    st.sampled_from([0.0, 0.1, 1.0]),
    st.sampled_from([0.0, 2.0]),
    st.sampled_from(["converters", "everyone"]),
)
def test_a_budget_is_spent_as_far_as_it_goes_and_never_exceeded(
    scores, budget, message_cost, incentive_cost, taker
) -> None:
    scores = np.array(scores)
    p = scores / 200
    histogram = ScoreHistogram.from_scores(scores, p)
    money = Money(10, 1, message_cost, incentive_cost, taker)
    result = simulate(histogram, selection=Selection(budget=budget), money=money)
    falling = np.sort(p)[::-1]
    prices = message_cost + incentive_cost * (falling if taker == "converters" else 1.0)
    spent = np.cumsum(np.broadcast_to(prices, falling.shape))
    # Users are paid from the top until the first who cannot be.
    affordable = int(np.sum(np.logical_and.accumulate(spent <= budget * (1 + 1e-12) + 1e-9)))
    assert result.reached == affordable
    assert result.money.cost <= budget * (1 + 1e-9) + 1e-9


def test_a_budget_needs_prices(histogram) -> None:
    with pytest.raises(ValueError, match="money is None"):
        simulate(histogram, selection=Selection(budget=10))


@pytest.mark.parametrize(
    ("taker", "cost"), [("converters", 0.1 * 4 + 3 * 2.0), ("everyone", 0.1 * 4 + 3 * 4)]
)
def test_money_by_hand(taker, cost) -> None:
    histogram = ScoreHistogram.from_scores([90.0] * 4, [0.5] * 4)
    money = Money(20, 0.5, 0.1, 3, taker)
    result = simulate(histogram, selection=Selection(min_score=50), money=money)
    assert result.money.cost == pytest.approx(cost)
    assert result.money.revenue == pytest.approx(0.5 * 20 * 2)
    assert result.money.profit.value == pytest.approx(20 - cost)
    bounds = result.expected_true_positives
    slope = 10 - (3 if taker == "converters" else 0)
    reach = slope * (bounds.high - bounds.value)
    assert result.money.profit.high == pytest.approx(20 - cost + reach)


def test_profit_bounds_stay_in_order_where_incentives_cost_more_than_they_bring(histogram) -> None:
    money = Money(conversion_value=1, incentive_cost=5)
    profit = simulate(histogram, selection=Selection(min_score=50), money=money).money.profit
    assert profit.low < profit.value < profit.high < 0


def test_interval_is_the_published_formula(histogram, scored) -> None:
    scores, p = scored
    chosen = p[scores >= 50]
    value, chance = chosen.sum(), (chosen * (1 - chosen)).sum()
    selection = Selection(min_score=50)
    for seen, degrees, basis in (
        (0.02, 4, "chance and change between snapshots"),
        (0.02, 1, "chance and usual change between snapshots"),
        (0.0, 0, "chance and usual change between snapshots"),
    ):
        tau2 = (3 * 0.2**2 + degrees * seen) / (3 + degrees)
        # Only the change is a guess: Satterthwaite's degrees of freedom of both together.
        change = tau2 * chance**2
        behind = (chance + change) ** 2 / (change**2 / (3 + degrees))
        reach = t.ppf(0.975, behind) * math.sqrt(chance + change)
        known = simulate(histogram, selection=selection, shift=ShiftVariance(seen, degrees))
        assert known.interval_basis == basis
        assert known.expected_true_positives.low == pytest.approx(value - reach)
        assert known.expected_true_positives.high == pytest.approx(value + reach)
    unknown = simulate(histogram, selection=selection)
    assert unknown.interval_basis == "chance only"
    reach = norm.ppf(0.975) * math.sqrt(chance)
    assert unknown.expected_true_positives.high == pytest.approx(value + reach)


@pytest.mark.parametrize("snapshots", [1, 3, 5])
def test_few_snapshots_are_covered_where_worlds_differ(rng, snapshots) -> None:
    """Worlds of all kinds, each told by a few snapshots: none to fairly large change."""
    chance, hits, worlds = 400.0, 0, 4000
    for tau in rng.choice([0.05, 0.15, 0.25, 0.3], worlds):
        degrees = snapshots - 1
        seen = float(np.var(tau * rng.normal(size=snapshots), ddof=1)) if degrees else 0.0
        told = Uncertainty(ShiftVariance(seen, degrees), 0.9).of_count(1000, chance, 2000)
        actual = 1000 + rng.normal() * math.sqrt(chance + tau**2 * chance**2)
        hits += told.low <= actual <= told.high
    assert 0.87 <= hits / worlds <= 0.97


@pytest.mark.parametrize("tau", [0.0, 0.3])
def test_intervals_cover_what_happens(rng, histogram, scored, tau) -> None:
    scores, p = scored
    inside = scores >= 75
    # Many degrees, because the drawn shift has exactly this variance.
    result = simulate(
        histogram, selection=Selection(min_score=75), shift=ShiftVariance(tau**2, 10_000)
    )
    count, share = result.expected_true_positives, result.true_positive_share
    hits, share_hits, miss_hits, lift_hits = 0, 0, 0, 0
    misses, lift = result.false_positive_share, result.lift
    for _ in range(400):
        odds = np.log(p / (1 - p)) + tau * rng.normal()
        outcomes = rng.random(ROWS) < 1 / (1 + np.exp(-odds))
        hits += count.low <= outcomes[inside].sum() <= count.high
        share_hits += share.low <= outcomes[inside].sum() / outcomes.sum() <= share.high
        missed = ~outcomes
        miss_hits += misses.low <= missed[inside].sum() / missed.sum() <= misses.high
        lift_hits += lift.low <= outcomes[inside].mean() / outcomes.mean() <= lift.high
    assert 0.91 <= hits / 400 <= 0.985
    assert 0.91 <= share_hits / 400 <= 0.985
    assert 0.91 <= miss_hits / 400 <= 0.985
    assert 0.91 <= lift_hits / 400 <= 0.985


def test_everybody_is_surely_all_positives(histogram) -> None:
    result = simulate(histogram, selection=Selection(min_score=0), shift=ShiftVariance(0.1, 5))
    for share in (result.true_positive_share, result.false_positive_share, result.lift):
        assert share.to_dict() == pytest.approx({"value": 1, "low": 1, "high": 1})


def test_nobody_is_a_valid_answer(histogram) -> None:
    result = simulate(histogram, selection=Selection(messages=0), money=Money(1, message_cost=1))
    assert (result.min_score, result.max_score, result.reached) == (None, None, 0)
    assert (result.precision, result.lift) == (None, None)
    assert result.expected_true_positives.to_dict() == {"value": 0, "low": 0, "high": 0}
    assert result.money.profit.to_dict() == {"value": 0, "low": 0, "high": 0}
    nothing = simulate(ScoreHistogram.empty(), selection=Selection(min_score=50))
    assert (nothing.reached_share, nothing.true_positive_share) == (None, None)


def test_where_nobody_is_reached_it_says_why() -> None:
    few = ScoreHistogram.from_scores([20.0, 30.5, 68.25], [0.1, 0.2, 0.4])
    told = [
        (few, Selection(min_score=75), "no_score"),
        (few, Selection(min_score=40, max_score=60), "no_score"),
        (few, Selection(min_score=75, messages=5), "no_score"),
        (few, Selection(messages=0), "limit"),
        (ScoreHistogram.empty(), Selection(min_score=75), "no_users"),
        (few, Selection(min_score=68), None),
    ]
    for histogram, selection, because in told:
        answer = simulate(histogram, selection=selection)
        assert answer.nobody_because == because
        bounds = (20.0, 68.25) if histogram is few else (None, None)
        assert (answer.lowest_score, answer.highest_score) == bounds
        if because == "no_score":
            assert (answer.min_score, answer.max_score) == selection.range
            assert answer.false_positive_share.value == 0


def test_to_dict_is_json(histogram) -> None:
    result = simulate(histogram, selection=Selection(top_share=0.1), money=Money(30.0))
    shown = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert shown == result.to_dict()
    assert set(shown) == {
        "min_score",
        "max_score",
        "reached",
        "reached_share",
        "expected_true_positives",
        "true_positive_share",
        "expected_false_positives",
        "false_positive_share",
        "precision",
        "lift",
        "lowest_score",
        "highest_score",
        "nobody_because",
        "money",
        "interval_basis",
    }
    assert set(shown["money"]["profit"]) == {"value", "low", "high"}
    without = simulate(histogram, selection=Selection(top_share=0.1)).to_dict()
    assert without["money"] is None
    json.dumps(simulate(ScoreHistogram.empty(), selection=Selection(messages=1)).to_dict())


def test_threshold_curve_is_a_simulation_each(histogram) -> None:
    curve = threshold_curve(histogram, money=Money(5, message_cost=1))
    assert [point.min_score for point in curve] == list(range(101))
    assert curve[75] == simulate(
        histogram, selection=Selection(min_score=75), money=Money(5, message_cost=1)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "The selection is empty"),
        ({"messages": 5, "budget": 1.0}, "messages and budget are given"),
        ({"top_share": 0.1, "min_score": 50}, "top_share is given with a score range"),
        ({"min_score": -1}, "min_score is -1.0"),
        ({"min_score": math.nan}, "min_score is nan"),
        ({"min_score": 60, "max_score": 50}, "max_score is 50.0. Allowed: a number from 60"),
        ({"top_share": 0}, "top_share is 0"),
        ({"top_share": 10}, "top_share is 10"),
        ({"messages": -1}, "messages is -1"),
        ({"messages": 1.5}, "messages is 1.5"),
        ({"budget": math.inf}, "budget is inf"),
    ],
)
def test_wrong_selections_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Selection(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"conversion_value": math.nan}, "conversion_value is nan"),
        ({"conversion_value": 1, "share_caused": 1.5}, "share_caused is 1.5"),
        ({"conversion_value": 1, "message_cost": -1}, "message_cost is -1"),
        ({"conversion_value": 1, "incentive_cost": math.inf}, "incentive_cost is inf"),
        ({"conversion_value": 1, "incentive_taken_by": "nobody"}, "incentive_taken_by is 'nobody'"),
    ],
)
def test_wrong_prices_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Money(**arguments)


def summed_over_every_bin(
    histogram: ScoreHistogram, lowest: float, highest: float
) -> tuple[int, float, float, float, float]:
    """The first, plain way to count a range; frozen, not to be edited."""
    bins = np.arange(10_001)
    inside = (bins >= lowest * 100 - 1e-6) & (bins <= highest * 100 + 1e-6)
    users = np.where(inside, histogram.counts, 0)
    taken = users / np.maximum(histogram.counts, 1)
    return (
        int(users.sum()),
        float(np.sum(taken * histogram.sum_p)),
        float(np.sum(taken * histogram.sum_v)),
        float(np.sum((1 - taken) * histogram.sum_p)),
        float(np.sum((1 - taken) * histogram.sum_v)),
    )


@given(st.data())
@settings(max_examples=100)
def test_a_range_is_what_every_bin_adds_up_to(data) -> None:
    score = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
    scores = np.array(data.draw(st.lists(score, min_size=1, max_size=50)))
    probabilities = (scores + 1) / 102
    histogram = ScoreHistogram.from_scores(scores, probabilities)
    # Bounds that are scores themselves, and any others.
    bound = st.sampled_from(scores.tolist()) | st.floats(0, 100)
    lowest, highest = sorted(data.draw(st.tuples(bound, bound)))
    answer = simulate(histogram, selection=Selection(min_score=lowest, max_score=highest))
    reached, positives, chance, others, other_chance = summed_over_every_bin(
        histogram, lowest, highest
    )
    uncertainty = Uncertainty()
    assert answer.reached == reached
    assert answer.expected_true_positives == approximately(
        uncertainty.of_count(positives, chance, reached)
    )
    assert answer.true_positive_share == approximately(
        uncertainty.of_share(positives, chance, others, other_chance)
    )


def approximately(estimate: Estimate) -> Estimate:
    # A sum and what it leaves of the whole differ in the last digits.
    bounds = (estimate.value, estimate.low, estimate.high)
    return Estimate(*(pytest.approx(bound, rel=1e-6, abs=1e-6) for bound in bounds))
