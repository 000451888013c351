"""Groups against the average: known formulas, coverage, and what must not fool them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, chi2_contingency, false_discovery_control
from scipy.stats.contingency import relative_risk

from evaluation.association import (
    Association,
    Group,
    Population,
    associations,
    benjamini_hochberg,
)


def one(labels, snapshots, users, members) -> Association:
    population = Population(labels, snapshots, users)
    return associations([population.group(members)])[0]


def single_snapshot(rng, n=4000, inside=0.3, rate=0.2, ratio=1.5):
    members = rng.random(n) < inside
    labels = rng.random(n) < np.where(members, rate * ratio, rate)
    return labels, members


def test_one_snapshot_is_katz_interval_turned_towards_the_average(rng):
    labels, members = single_snapshot(rng)
    found = one(labels, np.zeros(len(labels)), np.arange(len(labels)), members)
    katz = relative_risk(
        int((labels & members).sum()),
        int(members.sum()),
        int((labels & ~members).sum()),
        int((~members).sum()),
    )
    interval = katz.confidence_interval()
    share = members.mean()

    def against_average(risk):
        return risk / (share * risk + 1 - share)

    assert found.ratio == pytest.approx(against_average(katz.relative_risk))
    assert found.low == pytest.approx(against_average(interval.low), rel=5e-3)
    assert found.high == pytest.approx(against_average(interval.high), rel=5e-3)


def test_the_p_value_is_the_chi_square_test(rng):
    labels, members = single_snapshot(rng, ratio=1.1)
    found = one(labels, np.zeros(len(labels)), np.arange(len(labels)), members)
    table = [[int((labels & m).sum()), int((~labels & m).sum())] for m in (members, ~members)]
    assert found.p == pytest.approx(chi2_contingency(table, correction=False).pvalue)


def test_a_small_group_has_wilsons_interval(rng):
    labels = rng.random(200_000) < 0.3
    members = np.zeros(len(labels), bool)
    members[:40] = True
    labels[:40] = False
    labels[:3] = True
    found = one(labels, np.zeros(len(labels)), np.arange(len(labels)), members)
    wilson = binomtest(3, 40).proportion_ci(method="wilson")
    assert found.low == pytest.approx(wilson.low / labels.mean(), rel=0.01)
    assert found.high == pytest.approx(wilson.high / labels.mean(), rel=0.01)


@pytest.mark.parametrize("hits", [0, 7, 40])
def test_the_rate_of_a_group_has_the_exact_interval(hits):
    labels = np.arange(100) < hits
    group = Population(labels, np.zeros(100), np.arange(100)).group(np.arange(100) < 40)
    exact = binomtest(hits, 40).proportion_ci(0.9, method="exact")
    assert group.rate_interval(0.9) == pytest.approx((exact.low, exact.high))


def test_the_rate_of_users_who_return_is_less_sure(rng):
    labels, moment, users, members = repeated_users(rng)
    once = Population(labels, moment, np.arange(len(labels))).group(members).rate_interval()
    again = Population(labels, moment, users).group(members).rate_interval()
    assert again[0] < once[0] < once[1] < again[1]


@pytest.mark.parametrize("hits", [0, 60])
def test_nobody_and_everybody_are_no_certainty(rng, hits):
    labels = rng.random(5000) < 0.4
    members = np.zeros(len(labels), bool)
    members[:60] = True
    labels[:60] = hits == 60
    found = one(labels, np.zeros(len(labels)), np.arange(len(labels)), members)
    if hits:
        assert found.low < found.ratio == pytest.approx(found.high)
        assert found.low * found.expected / 60 == pytest.approx(0.94, abs=0.01)  # Wilson's
    else:
        assert found.ratio == found.low == 0
        assert found.high * found.expected / 60 == pytest.approx(0.06, abs=0.01)


def test_a_group_that_is_larger_in_good_months_owes_nothing_to_them(rng):
    month = np.repeat([0, 1], 5000)
    labels = rng.random(10_000) < np.where(month, 0.5, 0.1)
    members = rng.random(10_000) < np.where(month, 0.6, 0.1)
    found = one(labels, month, np.arange(10_000), members)
    assert found.low < 1 < found.high
    crude = labels[members].mean() / labels.mean()
    assert crude > 1.3


def repeated_users(rng, users=300, snapshots=4, effect=0.0):
    """Users whose habit and outcome both stay: rows of one user say the same again."""
    leaning = rng.normal(0, 2, users)
    habit = rng.random(users) < 0.3
    labels, members = [], []
    for level in (-1.5, -1.0, -1.2, -0.8)[:snapshots]:
        chance = 1 / (1 + np.exp(-(level + leaning + effect * habit)))
        labels.append(rng.random(users) < chance)
        members.append(habit)
    moment = np.repeat(np.arange(snapshots), users)
    return (
        np.concatenate(labels),
        moment,
        np.tile(np.arange(users), snapshots),
        np.concatenate(members),
    )


def test_intervals_hold_their_level_although_users_return(rng):
    labels, moment, users, members = repeated_users(rng, users=200_000)
    truth = one(labels, moment, users, members).ratio
    covered, naive = [], []
    for _ in range(300):
        drawn = repeated_users(rng)
        found = one(*drawn)
        covered.append(found.low <= truth <= found.high)
        labels, moment, _, members = drawn
        found = one(labels, moment, np.arange(len(labels)), members)
        naive.append(found.low <= truth <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.98
    assert np.mean(naive) < 0.88


def test_equal_groups_are_seldom_called_different(rng):
    """One in twenty of the lists of a hundred groups without any difference names one."""
    lists = 40
    wrong = 0
    for _ in range(lists):
        labels = rng.random(1500) < 0.2
        population = Population(labels, np.zeros(1500), np.arange(1500))
        groups = [population.group(rng.random(1500) < 0.3) for _ in range(100)]
        wrong += any(each.q <= 0.05 for each in associations(groups))
    assert wrong <= 6


def test_intervals_allow_for_having_been_chosen_among_many(rng):
    labels, members = single_snapshot(rng, ratio=2.0)
    population = Population(labels, np.zeros(len(labels)), np.arange(len(labels)))
    group = population.group(members)
    dull = [population.group(rng.random(len(labels)) < 0.5) for _ in range(99)]
    alone = associations([group])[0]
    among = associations([group, *dull])[0]
    assert among.ratio == alone.ratio
    assert among.low < alone.low
    assert among.high > alone.high


def test_adjusted_p_values_are_scipys(rng):
    p = rng.random(50) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p))


def test_counts(rng):
    labels = np.array([1, 0, 1, 0, 1, 0])
    population = Population(labels, [0, 0, 0, 1, 1, 1], [7, 8, 9, 7, 8, 9])
    group = population.group(np.array([True, False, False, True, True, False]))
    assert group.rows.tolist() == [1, 2]
    assert group.positives.tolist() == [1, 1]
    assert group.users == 2
    assert group.other_users == 2
    assert group.all_rows.tolist() == [3, 3]
    assert group.all_positives.tolist() == [2, 1]
    assert population.users == 3
    found = associations([group])[0]
    assert found.expected == pytest.approx(2 / 3 + 2 / 3)


def test_a_part_of_the_population_has_an_average_of_its_own(rng):
    """Who told their age buys more, whatever the age: that says nothing of the old."""
    told = rng.random(8000) < 0.4
    old = told & (rng.random(8000) < 0.5)
    labels = rng.random(8000) < np.where(told, 0.4, 0.1)
    population = Population(labels, np.arange(8000) % 2, np.arange(8000) // 2)
    against_all, among_told = associations(
        [population.group(old), population.within(told).group(old)]
    )
    assert against_all.low > 1.5
    assert among_told.low < 1 < among_told.high
    part = Population(labels[told], (np.arange(8000) % 2)[told], (np.arange(8000) // 2)[told])
    alone = associations([part.group(old[told])])[0]
    assert (among_told.ratio, among_told.p) == (alone.ratio, pytest.approx(alone.p))
    assert population.within(told).users == part.users


def test_everybody_is_the_average():
    population = Population([1, 0, 0, 1], [0, 0, 0, 0], [1, 2, 3, 4])
    found = associations([population.group(np.ones(4, bool))])[0]
    assert (found.ratio, found.low, found.high, found.p) == (1, 1, 1, 1)


def test_no_groups_no_findings():
    assert associations([]) == []


def test_bad_input_is_named():
    population = Population([1, 0], [0, 0], [1, 2])
    with pytest.raises(ValueError, match="members is int64"):
        population.group(np.array([1, 0]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="kept is bool of shape"):
        population.within(np.array([True]))
    with pytest.raises(ValueError, match="snapshots has shape"):
        Population([1, 0], [0], [1, 2])
    with pytest.raises(ValueError, match="confidence is 1"):
        associations([population.group(np.array([True, False]))], confidence=1)
    with pytest.raises(ValueError, match="rows is 0 at every snapshot"):
        population.group(np.array([False, False])).rate_interval()
    with pytest.raises(ValueError, match="p contains nan"):
        benjamini_hochberg([0.1, float("nan")])
    assert isinstance(population.group(np.array([True, False])), Group)
