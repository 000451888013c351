from __future__ import annotations

import numpy as np
import pytest

from evaluation import Fold, lift_at, observed_expected
from evaluation.confusion import confusion_matrix
from evaluation.ratios import happened_per_expected, lift_of, top_lift
from tests.evaluation.conftest import simulated_fold

_LEVEL = 2.0


def drawn(rng: np.random.Generator, rows: int, folds: int, *, decimals: int = 12) -> list[Fold]:
    """Snapshots of the same customers, whose propensities last in part."""
    lasting = rng.normal(size=rows)
    tests = []
    for _ in range(folds):
        mixed = (0.8 * lasting + 0.6 * rng.normal(size=rows)) if folds > 1 else lasting
        probabilities = np.round(1 / (1 + np.exp(_LEVEL - mixed)), decimals)
        tests.append(Fold(rng.random(rows) < probabilities, probabilities, np.arange(rows)))
    return tests


@pytest.fixture(scope="module")
def true_lift() -> float:
    (everybody,) = drawn(np.random.default_rng(1), 2_000_000, 1)
    return lift_at(everybody.labels, everybody.probabilities, 0.1)


@pytest.mark.parametrize("decimals", [12, 1])
def test_values_are_those_without_an_interval(rng, decimals) -> None:
    folds = [simulated_fold(rng, 400, decimals=decimals) for _ in range(3)]
    lifts = [lift_at(fold.labels, fold.probabilities, 0.1) for fold in folds]
    assert top_lift(folds, 0.1).value == pytest.approx(np.mean(lifts))
    labels = np.concatenate([fold.labels for fold in folds])
    probabilities = np.concatenate([fold.probabilities for fold in folds])
    pooled = observed_expected(labels, probabilities)
    assert happened_per_expected(folds).value == pytest.approx(pooled)
    whole = Fold(labels, probabilities, np.arange(len(labels)))
    found = lift_of(whole, probabilities >= 0.2)
    assert found.value == pytest.approx(confusion_matrix(labels, probabilities, 0.2).lift)


@pytest.mark.parametrize(("rows", "folds"), [(1500, 1), (500, 4)])
def test_the_interval_of_the_lift_covers_the_truth(rng, true_lift, rows, folds) -> None:
    found = [top_lift(drawn(rng, rows, folds), 0.1) for _ in range(300)]
    covered = np.mean([one.low <= true_lift <= one.high for one in found])
    # 95 % of 300, and three standard errors on both sides.
    assert 0.905 <= covered <= 0.99


@pytest.mark.parametrize(("rows", "folds"), [(300, 1), (200, 4)])
def test_the_interval_of_what_happened_covers_the_truth(rng, rows, folds) -> None:
    found = [happened_per_expected(drawn(rng, rows, folds)) for _ in range(300)]
    assert 0.905 <= np.mean([one.low <= 1 <= one.high for one in found]) <= 0.99


def test_the_interval_of_the_lift_above_a_threshold_covers_the_truth(rng) -> None:
    (everybody,) = drawn(np.random.default_rng(2), 2_000_000, 1)
    truth = confusion_matrix(everybody.labels, everybody.probabilities, 0.3).lift
    covered = []
    for _ in range(300):
        (fold,) = drawn(rng, 600, 1)
        one = lift_of(fold, fold.probabilities >= 0.3)
        covered.append(one.low <= truth <= one.high)
    assert 0.905 <= np.mean(covered) <= 0.99


def test_the_same_users_again_are_no_new_evidence(rng) -> None:
    fold = simulated_fold(rng, 800)
    for measure in (lambda folds: top_lift(folds, 0.1), happened_per_expected):
        alone, twice = measure([fold]), measure([fold, fold])
        assert (twice.low, twice.high) == pytest.approx((alone.low, alone.high), rel=0.01)


def test_change_between_snapshots_widens_the_interval(rng) -> None:
    fold = simulated_fold(rng, 3000)
    lower = Fold(fold.labels, fold.probabilities / 2, fold.users + 3000)
    same = Fold(fold.labels, fold.probabilities, fold.users + 3000)
    steady, moved = happened_per_expected([fold, same]), happened_per_expected([fold, lower])
    assert moved.high - moved.low > 3 * (steady.high - steady.low)


def test_a_weight_is_as_many_customers(rng) -> None:
    fold = simulated_fold(rng, 300)
    for measure in (lambda folds: top_lift(folds, 0.1), happened_per_expected):
        plain = measure([fold])
        weighted = measure([Fold(fold.labels, fold.probabilities, fold.users, np.full(300, 3.0))])
        assert weighted.to_dict() == pytest.approx(plain.to_dict())


@pytest.mark.parametrize("labels", [[1, 1, *[0] * 18], [*[0] * 18, 1, 1]])
def test_where_the_top_holds_all_or_nobody_the_interval_is_not_a_point(labels) -> None:
    fold = Fold(np.array(labels), np.linspace(0.9, 0.1, 20), np.arange(20))
    found = top_lift([fold], 0.1)
    assert found.high - found.low > 2
    assert found.low <= found.value <= found.high


def test_too_few_positives_tell_no_interval() -> None:
    fold = Fold(np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.2, 0.3]), np.arange(4))
    assert top_lift([fold], 0.1) is None
    assert happened_per_expected([fold]) is None
    assert lift_of(fold, fold.probabilities >= 0.25) is None


def test_wrong_levels_are_refused(rng) -> None:
    fold = simulated_fold(rng, 50)
    with pytest.raises(ValueError, match="share is 10"):
        top_lift([fold], 10)
    with pytest.raises(ValueError, match="confidence is 95"):
        happened_per_expected([fold], 95)
    with pytest.raises(ValueError, match="confidence is 95"):
        lift_of(fold, fold.probabilities >= 0, 95)
