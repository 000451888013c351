"""The calibrator: right on known probabilities, never turning an order round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import Calibrator, fit_calibrator
from models.odds import logit, logit_loss, sigmoid


def _drawn(n=40_000, seed=0):
    draw = np.random.default_rng(seed)
    truth = draw.normal(-1, 1.5, n)
    return truth, draw.random(n) < sigmoid(truth)


def test_calibrated_log_odds_are_left_alone():
    truth, labels = _drawn()
    curve = fit_calibrator(truth, labels, snapshots=3)
    np.testing.assert_allclose(curve.logits(truth), truth, atol=0.15)


def test_overconfidence_is_taken_back():
    truth, labels = _drawn()
    curve = fit_calibrator(2 * truth, labels, snapshots=10_000)
    np.testing.assert_allclose(curve.logits(2 * truth), truth, atol=0.25)
    assert logit_loss(labels, curve.logits(2 * truth)) < logit_loss(labels, 2 * truth)


def test_the_level_follows_many_snapshots_and_hardly_one():
    truth, labels = _drawn()
    too_low = truth - 1.0
    one, many = (
        sigmoid(fit_calibrator(too_low, labels, snapshots=k).logits(too_low)).mean()
        for k in (1, 1000)
    )
    assert many == pytest.approx(labels.mean(), abs=0.01)
    assert sigmoid(too_low).mean() < one < (sigmoid(too_low).mean() + labels.mean()) / 2


def test_a_few_rows_do_not_bend_the_curve():
    truth, labels = _drawn(n=60)
    curve = fit_calibrator(truth, labels, snapshots=1)
    assert curve.rise == pytest.approx(1, abs=0.3)
    assert curve.fall == pytest.approx(curve.rise, abs=0.2)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-3.0, -0.5, 0.0, 0.3, 20.0]))
def test_every_curve_rises_even_for_wrong_log_odds(seed, factor):
    truth, labels = _drawn(n=200, seed=seed)
    curve = fit_calibrator(factor * truth, labels, snapshots=3)
    grid = np.linspace(-13, 13, 2001)
    assert np.all(np.diff(curve.logits(grid)) > 0)


def test_the_curve_of_the_beta_formula():
    q = np.array([0.01, 0.3, 0.9])
    curve = Calibrator(0.7, 1.3, -0.2)
    np.testing.assert_allclose(
        curve.logits(logit(q)), 0.7 * np.log(q) - 1.3 * np.log(1 - q) - 0.2, rtol=1e-12
    )
    assert Calibrator.from_json(curve.to_json()) == curve


def test_one_class_calibrates_nothing():
    with pytest.raises(ValueError, match="both classes"):
        fit_calibrator(np.zeros(5), np.zeros(5, bool), snapshots=1)


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 0.0), (1.0, -1.0, 0.0), (1.0, 1.0, np.nan)])
def test_a_falling_curve_can_not_be_made(wrong):
    with pytest.raises(ValueError, match="slopes above 0"):
        Calibrator(*wrong)
