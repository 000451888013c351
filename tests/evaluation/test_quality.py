from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from evaluation import (
    Fold,
    auc,
    expected_quality,
    paired_quality_test,
    prediction_quality,
    quality_interval,
    quality_label,
)
from evaluation.delong import auc_estimate
from tests.evaluation.conftest import simulated_fold


def delong_variance(labels, scores) -> float:
    """The paper's formula, pair by pair."""
    x, y = scores[labels], scores[~labels]
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    return float(np.var(wins.mean(1), ddof=1) / len(x) + np.var(wins.mean(0), ddof=1) / len(y))


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_influences_give_the_auc_and_delongs_variance(rng, decimals) -> None:
    fold = simulated_fold(rng, 150, decimals=decimals)
    estimate = auc_estimate(fold)
    assert estimate.value == pytest.approx(auc(fold.labels, fold.probabilities))
    assert float(np.sum(estimate.influence**2)) == pytest.approx(
        delong_variance(fold.labels, fold.probabilities)
    )


def test_interval_of_one_fold_is_delongs_on_the_logit(rng) -> None:
    fold = simulated_fold(rng, 4000)
    area = auc(fold.labels, fold.probabilities)
    error = math.sqrt(delong_variance(fold.labels, fold.probabilities)) / (area * (1 - area))
    centre = math.log(area / (1 - area))
    bounds = [200 / (1 + math.exp(-(centre + z * error))) - 100 for z in (-1.96, 1.96)]
    quality = quality_interval([fold])
    assert (quality.low, quality.high) == pytest.approx(tuple(bounds), rel=2e-3)
    assert quality.value == pytest.approx(prediction_quality(fold.labels, fold.probabilities))
    assert quality.interval_basis == "chance only"


def test_degrees_of_freedom_are_brunner_and_munzels(rng) -> None:
    fold = simulated_fold(rng, 60)
    x, y = fold.probabilities[fold.labels], fold.probabilities[~fold.labels]
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    parts = np.array(
        [np.var(wins.mean(axis), ddof=1) / n for axis, n in ((1, len(x)), (0, len(y)))]
    )
    degrees = parts.sum() ** 2 / (parts**2 / (np.array([len(x), len(y)]) - 1)).sum()
    area = float(wins.mean())
    reach = t.ppf(0.975, degrees) * math.sqrt(parts.sum()) / (area * (1 - area))
    low = 200 / (1 + math.exp(reach - math.log(area / (1 - area)))) - 100
    assert quality_interval([fold]).low == pytest.approx(low)


def test_the_same_users_in_every_fold_are_not_new_evidence(rng) -> None:
    fold = simulated_fold(rng, 500)
    elsewhere = Fold(fold.labels, fold.probabilities, fold.users + 500)
    alone, twice = quality_interval([fold]), quality_interval([fold, fold])
    assert (twice.low, twice.high) == pytest.approx((alone.low, alone.high))
    other = quality_interval([fold, elsewhere])
    assert (other.high - other.low) == pytest.approx(
        (alone.high - alone.low) / math.sqrt(2), rel=0.05
    )


def test_user_codes_have_no_meaning(rng) -> None:
    folds = [simulated_fold(rng, 200) for _ in range(3)]
    renamed = [Fold(f.labels, f.probabilities, -7 * f.users + 10**15) for f in folds]
    assert quality_interval(renamed) == quality_interval(folds)


def test_change_between_snapshots_widens_the_interval(rng) -> None:
    def spread(*separations: float) -> float:
        folds = [simulated_fold(rng, 3000, separation=value) for value in separations]
        quality = quality_interval(folds)
        assert quality.interval_basis == "chance and change between snapshots"
        return quality.high - quality.low

    assert spread(0.5, 1.5, 0.5, 1.5) > 3 * spread(1, 1, 1, 1)


@pytest.mark.parametrize(
    ("folds", "positives", "separation", "shared"),
    [(1, 40, 1.0, False), (4, 30, 1.0, True), (1, 12, 2.0, False)],
)
def test_interval_covers_the_truth(rng, folds, positives, separation, shared) -> None:
    truth = 100 * (2 * norm.cdf(separation / math.sqrt(2)) - 1)
    labels = np.arange(6 * positives) < positives
    covered = 0
    for _ in range(300):
        lasting = rng.normal(size=len(labels)) if shared else np.zeros(len(labels))
        scale = math.sqrt(0.5) if shared else 1.0
        tests = []
        for _ in range(folds):
            scores = math.sqrt(0.5) * lasting + scale * rng.normal(size=len(labels))
            probabilities = norm.cdf((scores + separation * labels) / 3)
            tests.append(Fold(labels, probabilities, np.arange(len(labels))))
        quality = quality_interval(tests)
        covered += quality.low <= truth <= quality.high
    # 95 % of 300, and three standard errors on both sides.
    assert 0.905 <= covered / 300 <= 0.99


def test_what_to_expect_is_hand_worked(rng) -> None:
    folds = [
        Fold(one.labels, one.probabilities, one.users + 3000 * number)
        for number, one in enumerate(
            simulated_fold(rng, 3000, separation=each) for each in (0.9, 1.0, 1.3)
        )
    ]
    shown, expected = quality_interval(folds), expected_quality(folds)
    assert expected.value == shown.value
    assert expected.interval_basis == "chance and change between snapshots"
    areas = np.array([auc(fold.labels, fold.probabilities) for fold in folds])
    chance = np.array([delong_variance(fold.labels, fold.probabilities) for fold in folds])
    seen = max(0.0, np.var(areas, ddof=1) - chance.mean())
    tau2 = (4 * 0.015**2 + 2 * seen) / 6
    change = tau2 * (1 + 1 / 3)
    error = math.sqrt(chance.sum() / 9 + change)
    mean = areas.mean()
    reach = t.ppf(0.975, error**4 / (change**2 / 6)) * error / (mean * (1 - mean))
    low = 200 / (1 + math.exp(reach - math.log(mean / (1 - mean)))) - 100
    # With hundreds of positives chance costs next to no degrees of freedom.
    assert expected.low == pytest.approx(low, rel=5e-3)


def test_one_snapshot_knows_of_usual_change(rng) -> None:
    fold = simulated_fold(rng, 20_000)
    shown, expected = quality_interval([fold]), expected_quality([fold])
    assert expected.interval_basis == "chance and usual change between snapshots"
    assert (expected.high - expected.low) > 3 * (shown.high - shown.low)


@pytest.mark.parametrize(("snapshots", "deviation"), [(1, 0.06), (4, 0.06), (4, 0.09)])
def test_what_to_expect_covers_the_next_snapshot(rng, snapshots, deviation) -> None:
    """Every window is easier or harder than the others; the truth of the next one is covered."""
    covered, worlds = 0, 300
    for _ in range(worlds):
        *tests, coming = 1 + deviation * rng.normal(size=snapshots + 1)
        expected = expected_quality([simulated_fold(rng, 800, separation=each) for each in tests])
        covered += expected.low <= true_quality(coming) <= expected.high
    assert 0.905 <= covered / worlds <= 0.995


def true_quality(separation: float) -> float:
    """Of the probabilities of ``simulated_fold``, in the limit of many rows."""
    odds = 2 - separation * norm.ppf((np.arange(4000) + 0.5) / 4000)
    probabilities = 1 / (1 + np.exp(np.sort(odds)[::-1]))
    positive, negative = probabilities / probabilities.sum(), 1 - probabilities
    negative /= negative.sum()
    below = np.cumsum(negative) - negative / 2
    return 200 * float(np.sum(positive * below)) - 100


def test_perfect_ranking_still_has_an_interval() -> None:
    def width(rows: int) -> float:
        labels = np.arange(rows) < rows // 2
        quality = quality_interval([Fold(labels, labels * 0.5, np.arange(rows))])
        assert quality.value == quality.high == 100
        return quality.high - quality.low

    assert 0 < width(1000) < width(20) < 60


def test_perfectly_wrong_mirrors_perfect() -> None:
    labels = np.arange(40) < 15
    users = np.arange(40)
    right = quality_interval([Fold(labels, labels * 0.5, users)])
    wrong = quality_interval([Fold(labels, ~labels * 0.5, users)])
    assert (wrong.low, wrong.high) == pytest.approx((-100, -right.low))


def test_a_constant_prediction_is_exactly_worthless() -> None:
    labels = np.arange(20) < 5
    quality = quality_interval([Fold(labels, np.full(20, 0.3), np.arange(20))])
    assert (quality.low, quality.value, quality.high, quality.label) == (0, 0, 0, "poor")


def test_one_positive_user_gives_no_interval() -> None:
    labels = np.array([1, 0, 0, 0])
    quality = quality_interval([Fold(labels, np.array([0.9, 0.1, 0.2, 0.3]), np.arange(4))])
    assert (quality.low, quality.value, quality.high) == (None, 100, None)


def test_interval_refuses_nothing_and_wrong_levels(rng) -> None:
    with pytest.raises(ValueError, match="folds is empty"):
        quality_interval([])
    with pytest.raises(ValueError, match="confidence is 95"):
        quality_interval([simulated_fold(rng, 50)], confidence=95)


@pytest.mark.parametrize(
    ("value", "label"),
    [(60, "excellent"), (59.99, "good"), (40, "good"), (20, "fair"), (19.9, "poor"), (-5, "poor")],
)
def test_label(value, label) -> None:
    assert quality_label(value) == label


def test_label_of_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="value is nan"):
        quality_label(math.nan)


def noisy(fold: Fold, rng, amount: float) -> Fold:
    noise = amount * rng.normal(size=len(fold.labels))
    odds = np.log(fold.probabilities / (1 - fold.probabilities)) + noise
    return Fold(fold.labels, 1 / (1 + np.exp(-odds)), fold.users)


def test_paired_test_finds_the_worse_model(rng) -> None:
    folds = [simulated_fold(rng, 2000) for _ in range(3)]
    worse = [noisy(fold, rng, 1.0) for fold in folds]
    down, up = paired_quality_test(folds, worse), paired_quality_test(worse, folds)
    assert down.p < 0.001 < 0.999 < up.p
    assert down.difference == pytest.approx(-up.difference)
    expected = quality_interval(worse).value - quality_interval(folds).value
    assert down.difference == pytest.approx(expected)


def test_paired_test_of_one_fold_is_delongs(rng) -> None:
    fold = simulated_fold(rng, 120)
    other = noisy(fold, rng, 0.7)
    placements = []
    for scores in (fold.probabilities, other.probabilities):
        x, y = scores[fold.labels], scores[~fold.labels]
        wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
        placements.append((wins.mean(1), wins.mean(0), wins.mean()))
    (v10_a, v01_a, a), (v10_b, v01_b, b) = placements
    variance = np.var(v10_b - v10_a, ddof=1) / len(v10_a) + np.var(v01_b - v01_a, ddof=1) / len(
        v01_a
    )
    test = paired_quality_test([fold], [other])
    assert test.z == pytest.approx((b - a) / math.sqrt(variance))
    assert test.p == pytest.approx(norm.cdf(test.z))


def test_paired_test_keeps_its_level(rng) -> None:
    rejected = 0
    for _ in range(300):
        fold = simulated_fold(rng, 200)
        both = [noisy(fold, rng, 0.5) for _ in range(2)]
        rejected += paired_quality_test([both[0]], [both[1]]).p < 0.05
    assert 0.015 <= rejected / 300 <= 0.09


def test_paired_test_of_a_model_with_itself(rng) -> None:
    fold = simulated_fold(rng, 50)
    test = paired_quality_test([fold], [fold])
    assert (test.difference, test.z, test.p) == (0, 0, 0.5)


def test_paired_test_needs_the_same_rows(rng) -> None:
    fold = simulated_fold(rng, 50)
    moved = Fold(fold.labels, fold.probabilities, fold.users + 1)
    with pytest.raises(ValueError, match=r"folds_b\[0\] holds other users"):
        paired_quality_test([fold], [moved])
    with pytest.raises(ValueError, match=r"folds_b has 2 folds. Allowed: 1"):
        paired_quality_test([fold], [fold, fold])
