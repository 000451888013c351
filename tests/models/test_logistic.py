"""Logistic candidates against scikit-learn, and on every kind of odd number."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from models.logistic import PENALTIES, Columns, Logistic, LogisticLearner, log_features
from tests.models.drawn import drawn_dataset


@pytest.fixture(scope="module")
def dataset():
    return drawn_dataset(users=400, snapshots=2)[0]


@pytest.fixture(scope="module")
def fitted(dataset):
    return LogisticLearner().fit(dataset, 2, seed=0, threads=1)


def test_it_is_scikit_learns_regression_on_log_features():
    dataset, _ = drawn_dataset(users=500, snapshots=1)
    known = dataset.rows(~np.isnan(dataset.features).any(axis=1))
    fitted = LogisticLearner().fit(known, 1, seed=0, threads=1)
    pipeline = make_pipeline(
        FunctionTransformer(lambda x: np.sign(x) * np.log1p(np.abs(x))),
        StandardScaler(),
        LogisticRegression(C=PENALTIES[1], tol=1e-10),
    ).fit(known.features.astype(np.float64), known.labels)
    expected = pipeline.decision_function(known.features.astype(np.float64))
    np.testing.assert_allclose(fitted.logits(known.features), expected, atol=1e-3)


def test_contributions_add_up(dataset, fitted):
    total = fitted.contributions(dataset.features).sum(axis=1) + fitted.bias
    np.testing.assert_allclose(total, fitted.logits(dataset.features), rtol=1e-9, atol=1e-9)


def test_contributions_average_to_nothing_over_the_training_rows(dataset, fitted):
    np.testing.assert_allclose(fitted.contributions(dataset.features).mean(axis=0), 0, atol=1e-5)


def test_an_unknown_value_has_a_meaning_of_its_own():
    draw = np.random.default_rng(0)
    dataset, _ = drawn_dataset(users=3000, snapshots=1, columns=3)
    unknown = draw.random(3000) < 0.5
    dataset.features[:, 2] = np.where(unknown, np.nan, 1.0)
    dataset.labels[:] = draw.random(3000) < np.where(unknown, 0.8, 0.2)
    fitted = LogisticLearner().fit(dataset, 3, seed=0, threads=1)
    logits = fitted.logits(dataset.features)
    assert logits[unknown].mean() == pytest.approx(np.log(4), abs=0.2)
    assert logits[~unknown].mean() == pytest.approx(-np.log(4), abs=0.2)


@settings(deadline=None, max_examples=50)
@given(arrays(np.float32, (7, 6), elements=st.floats(width=32)))
def test_any_number_gives_a_finite_logit_that_survives_saving(fitted, features):
    logits = fitted.logits(features)
    assert np.all(np.isfinite(logits))
    again = Logistic.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False)))
    np.testing.assert_array_equal(again.logits(features), logits)
    total = again.contributions(features).sum(axis=1) + again.bias
    np.testing.assert_allclose(total, logits, rtol=1e-6, atol=1e-6)


def test_a_row_is_scored_alike_alone_and_among_many(dataset, fitted):
    many = np.tile(dataset.features, (6, 1))
    alone = np.array([fitted.logits(many[row : row + 1])[0] for row in (0, 3000, 4799)])
    np.testing.assert_allclose(fitted.logits(many)[[0, 3000, 4799]], alone, rtol=1e-12)


def test_prefixes_choose_the_columns(dataset):
    fitted = LogisticLearner("rfm", ("column_1", "column_4")).fit(dataset, 2, seed=0, threads=1)
    used = np.flatnonzero(np.abs(fitted.contributions(dataset.features)).sum(axis=0))
    assert used.tolist() == [1, 4]


def test_without_columns_the_base_rate_is_left(dataset):
    fitted = LogisticLearner("rfm", ("nothing",)).fit(dataset, 2, seed=0, threads=1)
    rate = dataset.labels.mean()
    np.testing.assert_allclose(fitted.logits(dataset.features), np.log(rate / (1 - rate)))


def test_constant_and_wholly_unknown_columns_say_nothing():
    dataset, _ = drawn_dataset(users=300, snapshots=1, columns=4)
    dataset.features[:, 1] = 1e6
    dataset.features[:, 2] = np.nan
    fitted = LogisticLearner().fit(dataset, 3, seed=0, threads=1)
    probe = np.array([[1, -5, 3, 1], [1, 9e9, np.nan, 1]], np.float32)
    assert fitted.logits(probe)[0] == fitted.logits(probe)[1]
    assert json.dumps(fitted.to_json(), allow_nan=False)


def test_far_away_values_are_not_extrapolated(dataset, fitted):
    row = np.nan_to_num(dataset.features[:1], nan=1.0)
    far, farther = row.copy(), row.copy()
    far[0, 0], farther[0, 0] = 1e9, np.inf
    assert fitted.logits(far)[0] == fitted.logits(farther)[0]


def test_log_features_keep_sign_and_unknowns():
    values = np.array([-np.e + 1, 0, np.e - 1, np.nan, np.inf], np.float32)
    np.testing.assert_allclose(log_features(values), [-1, 0, 1, np.nan, np.inf], rtol=1e-6)
    assert values[2] == np.float32(np.e - 1), "the given array is left alone"


def test_a_trace_measures_every_penalty(dataset):
    trace = LogisticLearner().trace(dataset, dataset, seed=0, threads=1)
    assert trace.losses.shape == (len(PENALTIES),)
    assert np.all(np.diff(trace.losses) < 0), "in sample a weaker penalty always fits better"
    one = LogisticLearner().fit(dataset, 0, seed=0, threads=1)
    np.testing.assert_allclose(
        trace.candidate(0).logits(dataset.features), one.logits(dataset.features), atol=1e-4
    )


def test_columns_of_infinite_values_are_learnt_from_the_finite_ones():
    features = np.array([[1], [2], [np.inf], [3]], np.float32)
    columns = Columns.learn(features, np.arange(1))
    assert columns.typical[0] == pytest.approx(np.log(3))
    assert np.isfinite(columns.standardised(features)).all()
