"""The regression with a buy-till-you-die model in it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.habit import Habit, HabitLearner
from models.logistic import PENALTIES, Logistic, LogisticLearner
from models.odds import logit_loss
from tests.models.histories import HISTORY, drawn_histories

LEARNER = HabitLearner("rfm", ("target_",), HISTORY)


@pytest.fixture(scope="module")
def dataset():
    return drawn_histories()[0]


@pytest.fixture(scope="module")
def fitted(dataset):
    return LEARNER.fit(dataset, 2, seed=0, threads=1)


def test_it_predicts_customers_of_the_model_better_than_the_plain_regression(dataset, fitted):
    later, _ = drawn_histories(customers=8000, seed=1)
    plain = LogisticLearner("rfm", ("target_",)).fit(dataset, 2, seed=0, threads=1)
    ours, theirs = (logit_loss(later.labels, one.logits(later.features)) for one in (fitted, plain))
    assert ours < theirs - 0.002


def test_contributions_add_up_and_only_of_the_chosen_columns(dataset, fitted):
    told = fitted.contributions(dataset.features)
    np.testing.assert_allclose(told.sum(axis=1) + fitted.bias, fitted.logits(dataset.features))
    assert not told[:, 3].any()


@settings(deadline=None, max_examples=50)
@given(arrays(np.float32, (7, 4), elements=st.floats(width=32)))
def test_any_number_gives_a_finite_logit_that_survives_saving(fitted, features):
    logits = fitted.logits(features)
    assert np.all(np.isfinite(logits))
    again = Habit.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False)))
    np.testing.assert_array_equal(again.logits(features), logits)
    total = again.contributions(features).sum(axis=1) + again.bias
    np.testing.assert_allclose(total, logits, rtol=1e-6, atol=1e-6)


def test_contributions_are_shapley_values_of_the_three_columns(dataset, fitted):
    """Against the definition, over all six orders, with differences of logits alone."""
    typical = np.median(dataset.features, axis=0)
    rows = dataset.features[:20]
    expected = np.zeros((len(rows), 3))
    for order in permutations(range(3)):
        mixed = np.tile(typical, (len(rows), 1)).astype(np.float32)
        for column in order:
            before = fitted.logits(mixed)
            mixed[:, column] = rows[:, column]
            expected[:, column] += (fitted.logits(mixed) - before) / 6
    at_typical = fitted.contributions(typical[None, :].astype(np.float32))[0, :3]
    told = fitted.contributions(rows)[:, :3] - at_typical
    np.testing.assert_allclose(told, expected, atol=1e-4)


def test_a_row_is_scored_alike_alone_and_among_many(dataset, fitted):
    many = np.tile(dataset.features, (3, 1))
    alone = np.array([fitted.logits(many[row : row + 1])[0] for row in (0, 8191, 8192, 11_999)])
    np.testing.assert_allclose(fitted.logits(many)[[0, 8191, 8192, 11_999]], alone, rtol=1e-9)


def test_whether_the_outcome_is_doing_or_not_doing_is_learnt(dataset, fitted):
    opposite = LEARNER.fit(replace(dataset, labels=~dataset.labels), 2, seed=0, threads=1)
    np.testing.assert_allclose(
        opposite.logits(dataset.features), -fitted.logits(dataset.features), atol=1e-3
    )


def test_a_trace_measures_every_penalty_and_holds_what_fitting_gives(dataset, fitted):
    trace = LEARNER.trace(dataset, dataset, seed=0, threads=1)
    assert trace.losses.shape == (len(PENALTIES),)
    traced = trace.candidate(2)
    np.testing.assert_allclose(
        traced.logits(dataset.features), fitted.logits(dataset.features), atol=0.01
    )
    assert LEARNER.describe(2) == {"inverse_penalty": PENALTIES[2]}


def test_without_histories_it_is_the_plain_regression(dataset):
    silent = replace(dataset, features=dataset.features.copy())
    silent.features[:, 1:3] = np.nan
    few = dataset.rows(np.arange(150))
    other = HabitLearner("rfm", ("target_",), ("target_days_all", "target_nothing", "target_none"))
    for learner, rows in ((LEARNER, silent), (LEARNER, few), (other, dataset)):
        assert isinstance(learner.fit(rows, 1, seed=0, threads=1), Logistic)
        trace = learner.trace(rows, rows, seed=0, threads=1)
        assert isinstance(trace.candidate(1), Logistic)
