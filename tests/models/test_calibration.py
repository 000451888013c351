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


def _moments(n, snapshots):
    first = np.datetime64("2025-01-01", "us")
    return first + np.arange(n) % snapshots * np.timedelta64(30, "D")


def test_calibrated_log_odds_are_left_alone():
    truth, labels = _drawn()
    assert fit_calibrator(truth, labels, _moments(len(truth), 3)) == Calibrator()


def test_overconfidence_is_taken_back():
    truth, labels = _drawn()
    curve = fit_calibrator(2 * truth, labels, _moments(len(truth), 6))
    assert curve.rise == pytest.approx(0.5, abs=0.06)
    assert curve.fall == pytest.approx(0.5, abs=0.06)
    assert logit_loss(labels, curve.logits(2 * truth)) < logit_loss(labels, 2 * truth)


@pytest.mark.parametrize("snapshots", [1, 6])
def test_a_classifier_that_learned_from_balanced_classes_is_brought_down(snapshots):
    truth, labels = _drawn()
    curve = fit_calibrator(truth + 3.0, labels, _moments(len(truth), snapshots))
    found = sigmoid(curve.logits(truth + 3.0)).mean()
    assert found == pytest.approx(labels.mean(), abs=0.03)
    assert curve.rise == curve.fall == 1.0


def test_what_windows_usually_differ_by_moves_no_level():
    truth, labels = _drawn()
    moments = _moments(len(truth), 2)
    # A season, two windows long: surely there, and over in the next.
    assert fit_calibrator(truth - 0.15, labels, moments).shift == 0.0


def test_a_level_that_comes_and_goes_is_not_followed_and_one_that_stays_is():
    draw = np.random.default_rng(3)
    truth, _ = _drawn()
    moments = _moments(len(truth), 8)
    number = (moments - moments.min()) // np.timedelta64(30, "D")
    restless, steady = np.tile([0.9, -0.5], 4)[number], np.full(len(truth), 0.4)
    kept = [
        fit_calibrator(truth, draw.random(len(truth)) < sigmoid(truth + moved), moments).shift
        for moved in (restless, steady)
    ]
    assert abs(kept[0]) < 0.05
    assert 0.2 < kept[1] < 0.4


def test_a_few_rows_do_not_bend_the_curve():
    truth, labels = _drawn(n=60)
    assert fit_calibrator(truth, labels, _moments(60, 1)) == Calibrator()


def test_snapshots_of_one_outcome_only_are_taken_together():
    truth, labels = _drawn(n=4000)
    moments = np.where(labels, _moments(1, 1), _moments(2, 2)[1])
    curve = fit_calibrator(truth + 3.0, labels, moments)
    assert sigmoid(curve.logits(truth + 3.0)).mean() == pytest.approx(labels.mean(), abs=0.1)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-3.0, -0.5, 0.0, 0.3, 20.0]))
def test_every_curve_rises_even_for_wrong_log_odds(seed, factor):
    truth, labels = _drawn(n=200, seed=seed)
    curve = fit_calibrator(factor * truth, labels, _moments(200, 3))
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
        fit_calibrator(np.zeros(5), np.zeros(5, bool), _moments(5, 1))


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 0.0), (1.0, -1.0, 0.0), (1.0, 1.0, np.nan)])
def test_a_falling_curve_can_not_be_made(wrong):
    with pytest.raises(ValueError, match="slopes above 0"):
        Calibrator(*wrong)
