from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.drift import (
    PRACTICAL_SIZE,
    EarlierChange,
    population_stability,
    stability_by_chance,
)
from evaluation.drift import drift as drift_of_features

SHARES = np.full(10, 0.1)


@dataclass
class One:
    psi: float
    threshold: float
    drifted: bool


def drift(snapshots, moments, counts, **options) -> One:
    """Of a single feature."""
    found = drift_of_features(
        np.asarray(snapshots)[:, None], moments, np.asarray(counts)[None], **options
    )
    return One(found.psi[0], found.threshold[0], bool(found.drifted[0]))


def histogram(rng, rows: int, shift: float = 0.0):
    """Rows in ten bins of a standard normal that has moved by ``shift``."""
    edges = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816]
    return np.bincount(np.searchsorted(edges, rng.normal(shift, 1, rows)), minlength=10)


def test_the_index_is_the_textbook_one() -> None:
    reference, new = np.array([200_000, 300_000, 500_000]), np.array([300_000, 300_000, 400_000])
    q, r = new / new.sum(), reference / reference.sum()
    assert population_stability(reference, new) == pytest.approx(
        np.sum((q - r) * np.log(q / r)), rel=1e-4
    )


@given(
    st.lists(st.integers(0, 1000), min_size=2, max_size=12).filter(any),
    st.integers(1, 50),
)
def test_the_index_is_symmetric_never_negative_and_nought_for_the_same(counts, factor) -> None:
    other = counts[::-1]
    assert population_stability(counts, other) == pytest.approx(population_stability(other, counts))
    assert population_stability(counts, other) >= 0
    assert population_stability(counts, counts) == 0
    # A larger sample of the same shares differs by the half row alone.
    assert population_stability(counts, [factor * count for count in counts]) < 0.7


@pytest.mark.parametrize(("rows", "others"), [(2000, 2000), (500, 20_000)])
def test_chance_has_the_mean_and_deviation_it_is_said_to_have(rng, rows, others) -> None:
    drawn = [
        population_stability(rng.multinomial(rows, SHARES), rng.multinomial(others, SHARES))
        for _ in range(3000)
    ]
    mean, deviation = stability_by_chance(10, rows, others)
    assert np.mean(drawn) == pytest.approx(mean, rel=0.05)
    assert np.std(drawn) == pytest.approx(deviation, rel=0.08)


def drifted_share(rng, *, tau: float, shift: float, repeats: int = 400, snapshots: int = 8, **more):
    """How often a feature whose snapshots move by ``tau`` is told to have drifted."""
    moments = 14.0 * np.arange(snapshots)
    options = {"gap": 28, "alpha": 1e-3} | more
    return np.mean(
        [
            drift(
                [histogram(rng, 3000, tau * rng.normal()) for _ in moments],
                moments,
                histogram(rng, 3000, shift + tau * rng.normal()),
                **options,
            ).drifted
            for _ in range(repeats)
        ]
    )


@pytest.mark.parametrize("tau", [0.0, 0.1, 0.3, 1.0])
def test_what_moves_as_it_used_to_has_not_drifted(rng, tau) -> None:
    assert drifted_share(rng, tau=tau, shift=0, alpha=0.01) <= 0.03


def test_without_a_practical_size_the_level_is_kept_all_the_same(rng) -> None:
    assert drifted_share(rng, tau=0.2, shift=0, alpha=0.05, practical=0.0, snapshots=12) <= 0.08


@pytest.mark.parametrize(("tau", "shift"), [(0.0, 0.6), (0.05, 0.7), (0.1, 1.0)])
def test_what_moves_further_has(rng, tau, shift) -> None:
    assert drifted_share(rng, tau=tau, shift=shift, repeats=100) >= 0.9


def test_a_feature_that_grows_with_time_is_compared_with_its_own_growth(rng) -> None:
    """Days since the first purchase grow with the history; that is no drift."""
    moments = 14.0 * np.arange(10)
    grown = [histogram(rng, 3000, 0.02 * moment) for moment in moments]
    later = histogram(rng, 3000, 0.02 * (moments[-1] + 42))
    found = drift(grown, moments, later, gap=28, alpha=1e-3)
    assert found.psi > PRACTICAL_SIZE
    assert not found.drifted


def test_small_changes_are_not_told_however_sure(rng) -> None:
    moments = 14.0 * np.arange(8)
    snapshots = [histogram(rng, 200_000) for _ in moments]
    found = drift(snapshots, moments, histogram(rng, 200_000, 0.2), gap=28, alpha=0.01)
    assert found.psi < found.threshold == pytest.approx(PRACTICAL_SIZE)


def test_few_rows_move_by_chance(rng) -> None:
    moments = 14.0 * np.arange(8)
    hits = [
        drift(
            [histogram(rng, 2000) for _ in moments],
            moments,
            histogram(rng, 60),
            gap=28,
            alpha=1e-3,
        ).drifted
        for _ in range(300)
    ]
    assert np.mean(hits) <= 0.01


def test_one_snapshot_tells_nothing_of_what_is_usual(rng) -> None:
    found = drift([histogram(rng, 5000)], [0.0], histogram(rng, 5000, 1.5), gap=28, alpha=1e-3)
    assert found.psi > 1
    assert not found.drifted


def test_what_comes_and_goes_between_the_snapshots_is_learned_from_earlier_runs(rng) -> None:
    """A campaign every other week, and snapshots every other week: they never see it away."""
    moments = 14.0 * np.arange(10)
    snapshots = [histogram(rng, 3000) for _ in moments]
    away = histogram(rng, 3000, 2.0)
    options = {"gap": 14, "alpha": 1e-5}
    first = drift_of_features(np.asarray(snapshots)[:, None], moments, away[None], **options)
    assert first.drifted[0]
    earlier = EarlierChange(first.change / 2, np.array([4.0]))
    assert not drift(snapshots, moments, away, **options, earlier=earlier).drifted
    quiet = EarlierChange(np.array([0.001]), np.array([4.0]))
    assert drift(snapshots, moments, away, **options, earlier=quiet).drifted


def test_features_are_judged_each_for_itself(rng) -> None:
    moments = 14.0 * np.arange(8)
    calm = np.array([histogram(rng, 3000) for _ in moments])
    restless = np.array([histogram(rng, 3000, rng.normal()) for _ in moments])
    short = np.array([[*rng.multinomial(3000, [0.5, 0.5]), *[0] * 8] for _ in moments])
    new = np.array([histogram(rng, 3000, 1.0), histogram(rng, 3000, 1.0), short[0]])
    options = {"gap": 28, "alpha": 1e-4}
    together = drift_of_features(np.stack([calm, restless, short], 1), moments, new, **options)
    assert together.drifted.tolist() == [True, False, False]
    for feature, alone in enumerate((calm, restless, short[:, :2])):
        counts = new[feature, : alone.shape[1]]
        assert drift(alone, moments, counts, **options).psi == pytest.approx(together.psi[feature])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"snapshots": np.ones(3)}, "snapshots has shape"),
        ({"counts": np.ones((1, 2))}, "snapshots has shape"),
        ({"moments": [0.0]}, "moments is"),
        ({"moments": [1.0, 1.0]}, "moments is"),
        ({"counts": np.zeros((1, 3))}, "counts is"),
        ({"snapshots": -np.ones((2, 1, 3))}, "snapshots is"),
        ({"alpha": 0}, "alpha is 0"),
        ({"gap": -1}, "gap is -1"),
        ({"practical": np.nan}, "practical is nan"),
    ],
)
def test_wrong_input_is_refused(given, message) -> None:
    right = {
        "snapshots": np.ones((2, 1, 3)),
        "moments": [0.0, 14.0],
        "counts": np.ones((1, 3)),
        "gap": 14.0,
        "alpha": 0.01,
    }
    wrong = right | given
    with pytest.raises(ValueError, match=message):
        drift_of_features(
            wrong.pop("snapshots"), wrong.pop("moments"), wrong.pop("counts"), **wrong
        )


def test_wrong_histograms_are_refused() -> None:
    with pytest.raises(ValueError, match="counts has shape"):
        population_stability([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="reference is"):
        population_stability([0, 0], [1, 2])
    with pytest.raises(ValueError, match="rows is 0"):
        stability_by_chance(10, 0, 5)
