"""BG/NBD fitted to outcomes, against the model itself and against drawn outcomes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.activity import Activity, fit_activity
from models.buy_till_you_die import BgNbd
from models.odds import logit, logit_loss, sigmoid
from tests.models.histories import TRUTH, WINDOW_DAYS, drawn_histories


@pytest.fixture(scope="module")
def drawn():
    return drawn_histories()


@pytest.fixture(scope="module")
def fitted(drawn):
    dataset, _ = drawn
    past = dataset.features[:, :3].astype(np.float64)
    return fit_activity(past, dataset.labels, WINDOW_DAYS)


def test_the_log_odds_are_those_of_the_model(drawn):
    dataset, active = drawn
    told = Activity(TRUTH, WINDOW_DAYS).logits(dataset.features[:, :3].astype(np.float64))
    np.testing.assert_allclose(told, np.clip(logit(active), -12, 12), atol=1e-4)


def test_what_is_fitted_comes_true(drawn, fitted):
    dataset, active = drawn
    told = sigmoid(fitted.logits(dataset.features[:, :3].astype(np.float64)))
    assert np.abs(told - active).mean() < 0.02
    assert told.mean() == pytest.approx(dataset.labels.mean(), abs=0.01)


def test_the_fit_is_a_maximum(drawn, fitted):
    dataset, _ = drawn
    past = dataset.features[:, :3].astype(np.float64)
    best = logit_loss(dataset.labels, fitted.logits(past))
    for name in ("r", "alpha", "a", "b"):
        for factor in (0.8, 1.25):
            numbers = vars(fitted.model) | {name: getattr(fitted.model, name) * factor}
            moved = Activity(BgNbd(**numbers), WINDOW_DAYS)
            assert logit_loss(dataset.labels, moved.logits(past)) > best - 1e-5


def test_histories_at_the_edge_have_finite_log_odds(fitted):
    odd = np.array([[0, 0, 0], [1, 0, 5], [1e9, 1e5, 1e5], [1e9, 1e5, 0], [3, 7300, 1]], float)
    assert np.all(np.abs(fitted.logits(odd)) <= 12)


def test_an_unknown_history_has_no_log_odds(fitted):
    unknown = np.array([[0, np.nan, np.nan], [2, 30.0, np.inf]])
    assert np.isnan(fitted.logits(unknown)).all()


def test_it_survives_json(drawn, fitted):
    past = drawn[0].features[:50, :3].astype(np.float64)
    again = Activity.from_json(json.loads(json.dumps(fitted.to_json(), allow_nan=False)))
    np.testing.assert_array_equal(again.logits(past), fitted.logits(past))
