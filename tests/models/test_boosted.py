"""Boosted trees as a candidate, against LightGBM itself."""

from __future__ import annotations

import pickle

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.boosted import BOOSTER_FILE, PATIENCE, BoostedLearner, parameters
from models.odds import logit_loss
from tests.models.drawn import drawn_dataset


@pytest.fixture(scope="module")
def dataset():
    return drawn_dataset(users=1000, snapshots=2)[0]


@pytest.fixture(scope="module")
def fitted(dataset):
    return BoostedLearner().fit(dataset, 29, seed=0, threads=1)


def test_a_setting_is_one_round_less_than_the_trees(fitted):
    assert fitted.rounds == 30
    assert BoostedLearner().describe(29) == {"rounds": 30}


@settings(deadline=None, max_examples=50)
@given(arrays(np.float32, (5, 6), elements=st.floats(width=32)))
def test_logits_are_lightgbms_on_any_number(fitted, features):
    booster = lightgbm.Booster(model_str=fitted.files()[BOOSTER_FILE].decode())
    expected = booster.predict(features.astype(np.float64), raw_score=True)
    np.testing.assert_array_equal(fitted.logits(features), expected)


def test_contributions_add_up(dataset, fitted):
    features = dataset.features[:200]
    total = fitted.contributions(features).sum(axis=1) + fitted.bias
    np.testing.assert_allclose(total, fitted.logits(features), atol=1e-9)


def test_a_cut_trace_is_what_so_many_rounds_give(dataset):
    """The backtest leans on it: a test snapshot may end a trace, never change its trees."""
    training, validation = dataset.at(dataset.moments()[0]), dataset.at(dataset.moments()[1])
    trace = BoostedLearner().trace(training, validation, seed=3, threads=1)
    cut = trace.candidate(19)
    alone = BoostedLearner().fit(training, 19, seed=3, threads=1)
    assert cut.rounds == 20
    np.testing.assert_array_equal(
        cut.logits(validation.features), alone.logits(validation.features)
    )


def test_losses_are_measured_after_each_round(dataset):
    training, validation = dataset.at(dataset.moments()[0]), dataset.at(dataset.moments()[1])
    trace = BoostedLearner().trace(training, validation, seed=3, threads=1)
    for setting in (0, 7, len(trace.losses) - 1):
        logits = trace.candidate(setting).logits(validation.features)
        assert trace.losses[setting] == pytest.approx(logit_loss(validation.labels, logits))
    assert trace.candidate(len(trace.losses)) is None


def test_a_trace_goes_on_beyond_its_best_round(dataset):
    """Another snapshot may like more rounds than this one."""
    training, validation = dataset.at(dataset.moments()[0]), dataset.at(dataset.moments()[1])
    trace = BoostedLearner().trace(training, validation, seed=3, threads=1)
    assert len(trace.losses) == trace.losses.argmin() + 1 + PATIENCE


def test_labels_without_a_pattern_stop_early(dataset):
    noise = np.random.default_rng(0).random(len(dataset)) < 0.5
    dataset = drawn_dataset(users=1000, snapshots=2)[0]
    dataset.labels[:] = noise
    first, second = (dataset.at(moment) for moment in dataset.moments())
    trace = BoostedLearner().trace(first, second, seed=0, threads=1)
    assert int(trace.losses.argmin()) < 20


def test_nothing_to_split_is_a_constant():
    dataset, _ = drawn_dataset(users=30, snapshots=2)
    dataset.features[:] = 1.0
    first, second = (dataset.at(moment) for moment in dataset.moments())
    trace = BoostedLearner().trace(first, second, seed=0, threads=1)
    logits = trace.candidate(0).logits(second.features)
    rate = first.labels.mean()
    np.testing.assert_allclose(logits, np.log(rate / (1 - rate)), atol=1e-6)


def test_no_rows_no_logits(fitted):
    assert fitted.logits(np.empty((0, 6), np.float32)).shape == (0,)


def test_it_travels_to_other_processes(dataset, fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.logits(dataset.features), fitted.logits(dataset.features))


def test_large_data_gets_larger_trees():
    small, large = (parameters(n, seed=0, threads=1) for n in (2_000, 500_000))
    assert small["num_leaves"] < large["num_leaves"]
    assert small["min_data_in_leaf"] < large["min_data_in_leaf"]
