"""Differences on the same users, and ranks over tasks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit, ndtr

from benchmarks.quality.pairs import difference, ranks, signed_ranks
from evaluation.folds import Fold
from evaluation.paired import paired_quality_test
from evaluation.quality import auc


def folds(noise: float, seed: int = 0) -> list[Fold]:
    """Two snapshots of the same 300 users; the larger the noise, the worse the ranking."""
    random = np.random.default_rng(7)
    users = np.arange(300)
    made = []
    for snapshot in range(2):
        truth = random.normal(size=300)
        labels = random.random(300) < expit(truth)
        seen = truth + np.random.default_rng([seed, snapshot]).normal(0, noise, 300)
        made.append(Fold(labels, expit(seen), users))
    return made


def test_a_difference_is_that_of_the_areas_and_its_z_is_the_one_of_the_paired_test() -> None:
    better, worse = folds(0.5), folds(2.0)
    found = difference(better, worse)
    areas = [[auc(one.labels, one.probabilities) for one in both] for both in (better, worse)]
    assert found.auc == pytest.approx(np.mean(np.subtract(*areas)))
    tested = paired_quality_test(worse, better)
    assert found.auc / found.error == pytest.approx(tested.z)
    assert found.p == pytest.approx(2 * ndtr(-abs(tested.z)))


def test_the_error_is_the_one_that_redrawing_users_shows() -> None:
    first, second = folds(0.5), folds(1.0, seed=1)
    random, drawn = np.random.default_rng(0), []
    for _ in range(400):
        users = random.integers(0, 300, 300)
        drawn.append(
            np.mean(
                [
                    auc(one.labels[users], one.probabilities[users])
                    - auc(other.labels[users], other.probabilities[users])
                    for one, other in zip(first, second, strict=True)
                ]
            )
        )
    assert difference(first, second).error == pytest.approx(np.std(drawn), rel=0.15)


def test_a_method_does_not_differ_from_itself() -> None:
    found = difference(folds(1.0), folds(1.0))
    assert (found.auc, found.error, found.p) == (0.0, 0.0, 1.0)


def test_ranks_share_ties_and_the_critical_difference_is_the_published_one() -> None:
    found = ranks({"a": [0.9, 0.8, 0.7, 0.9], "b": [0.8, 0.8, 0.6, 0.7], "c": [0.7, 0.7, 0.8, 0.6]})
    assert found.mean == {"a": (1 + 1.5 + 2 + 1) / 4, "b": (2 + 1.5 + 3 + 2) / 4, "c": 2.5}
    # Demšar (2006), table 5a: q of three classifiers at 5 % is 2.343.
    assert found.critical_difference == pytest.approx(2.343 * math.sqrt(3 * 4 / 24), abs=1e-3)
    assert ranks({"a": [0.9], "b": [0.8]}).friedman_p is None


def test_signed_ranks_are_adjusted_as_holm_does() -> None:
    first = np.linspace(0.7, 0.8, 8)
    close = first + np.array([1, -1, 1, -1, 1, -1, 1, -1]) * np.linspace(0.001, 0.008, 8)
    others = {"worse": first - 0.01, "close": close, "same": first}
    found = signed_ranks(first.tolist(), {name: row.tolist() for name, row in others.items()})
    assert found["worse"] == pytest.approx(3 * 2 / 2**8)
    assert found["close"] > 0.5
    assert found["same"] == 1.0
