from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from evaluation import (
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    ece_if_perfect,
    expected_calibration_error,
    observed_expected,
)
from tests.evaluation.strategies import TIED_SCORES, labelled


def drawn(rng, rows, *, slope=1.0, shift=0.0):
    """Outcomes whose log odds are shift + slope · the predicted ones."""
    odds = rng.normal(-1.5, 1, size=rows)
    return rng.random(rows) < 1 / (1 + np.exp(-shift - slope * odds)), 1 / (1 + np.exp(-odds))


def slow_ece(labels, probabilities, bins):
    order = np.argsort(probabilities)
    parts = np.array_split(np.arange(len(order)), min(bins, len(order)))
    return sum(
        abs(labels[order[part]].sum() - probabilities[order[part]].sum()) for part in parts
    ) / len(order)


@pytest.mark.parametrize("rows", [7, 10, 1003, 2000])
@pytest.mark.parametrize("bins", [1, 3, 10])
def test_ece_without_ties_is_the_plain_formula(rng, rows, bins) -> None:
    labels, probabilities = drawn(rng, rows)
    assert expected_calibration_error(labels, probabilities, bins) == pytest.approx(
        slow_ece(labels, probabilities, bins)
    )


@settings(max_examples=100, deadline=None)
@given(labelled(scores=TIED_SCORES), st.integers(1, 12))
def test_ece_shares_ties_evenly(case, bins) -> None:
    labels, probabilities = case
    # A tie spread evenly is a group whose every row has the group's mean outcome.
    shared = np.array([labels[probabilities == p].mean() for p in probabilities])
    assert expected_calibration_error(labels, probabilities, bins) == pytest.approx(
        slow_ece(shared, probabilities, bins)
    )


def test_ece_of_a_constant_is_its_bias() -> None:
    assert expected_calibration_error([1, 0, 0, 0], [0.5] * 4) == pytest.approx(0.25)


@pytest.mark.parametrize("decimals", [12, 1, 0])
@pytest.mark.parametrize("rows", [60, 3000])
def test_perfect_band_is_what_drawing_every_row_gives(rng, rows, decimals) -> None:
    probabilities = np.clip(np.round(rng.beta(1, 6, size=rows), decimals), 0.05, 0.95)
    errors = [
        expected_calibration_error(rng.random(rows) < probabilities, probabilities)
        for _ in range(1500)
    ]
    band = ece_if_perfect(probabilities, draws=4000)
    noise = np.std(errors) / np.sqrt(1500)
    assert band.mean == pytest.approx(np.mean(errors), abs=4 * noise)
    # A quantile of few rows moves in steps of whole outcomes.
    step = 0.5 / rows
    assert band.low == pytest.approx(np.quantile(errors, 0.05), abs=8 * noise + step)
    assert band.high == pytest.approx(np.quantile(errors, 0.95), abs=8 * noise + step)


def test_perfect_band_is_the_same_for_a_seed_and_any_order(rng) -> None:
    _, probabilities = drawn(rng, 500)
    assert ece_if_perfect(probabilities) == ece_if_perfect(probabilities[::-1])
    assert ece_if_perfect(probabilities, seed=1) != ece_if_perfect(probabilities, seed=2)


def test_perfect_band_tells_calibrated_from_not(rng) -> None:
    labels, probabilities = drawn(rng, 20_000)
    assert expected_calibration_error(labels, probabilities) < ece_if_perfect(probabilities).high
    labels, probabilities = drawn(rng, 20_000, slope=0.7)
    assert expected_calibration_error(labels, probabilities) > ece_if_perfect(probabilities).high


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.5, 0.3), (1.6, -1.0)])
def test_slope_and_intercept_find_what_was_drawn(rng, slope, shift) -> None:
    labels, probabilities = drawn(rng, 100_000, slope=slope, shift=shift)
    assert calibration_slope(labels, probabilities) == pytest.approx(slope, abs=0.05)
    if slope == 1:
        assert calibration_intercept(labels, probabilities) == pytest.approx(shift, abs=0.03)


def test_slope_equals_scikit_learn(rng) -> None:
    labels, probabilities = drawn(rng, 300, slope=0.6, shift=0.4)
    odds = np.log(probabilities / (1 - probabilities))[:, None]
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds, labels)
    assert calibration_slope(labels, probabilities) == pytest.approx(
        reference.coef_[0, 0], rel=1e-5
    )


@settings(max_examples=100, deadline=None)
@given(labelled(scores=st.floats(0, 1)))
def test_intercept_makes_the_expected_number_the_observed_one(case) -> None:
    labels, probabilities = case
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    shift = calibration_intercept(labels, probabilities)
    shifted = 1 / (1 + np.exp(-np.log(clipped / (1 - clipped)) - shift))
    assert shifted.sum() == pytest.approx(labels.sum(), rel=1e-5)


@settings(max_examples=100, deadline=None)
@given(labelled())
def test_slope_solves_its_score_equations_or_is_none(case) -> None:
    labels, probabilities = case
    slope = calibration_slope(labels, probabilities)
    positive, negative = probabilities[labels], probabilities[~labels]
    apart = negative.max() <= positive.min() or positive.max() <= negative.min()
    assert (slope is None) == apart
    if slope is not None:
        odds = np.log(probabilities / (1 - probabilities))
        recalibrated = 1 / (1 + np.exp(-slope * odds))
        shift = calibration_intercept(labels, recalibrated)
        fitted = 1 / (1 + np.exp(-slope * odds - shift))
        assert np.sum(odds * (labels - fitted)) == pytest.approx(0, abs=1e-3)


def test_observed_expected() -> None:
    assert observed_expected([1, 1, 0, 0], [0.25] * 4) == pytest.approx(2)
    with pytest.raises(ValueError, match="probabilities are all 0"):
        observed_expected([1, 0], [0.0, 0.0])


def test_curve_holds_everybody_once(rng) -> None:
    labels, probabilities = drawn(rng, 1003)
    curve = calibration_curve(labels, np.round(probabilities, 2))
    assert curve.rows.sum() == 1003
    assert np.ptp(curve.rows) == 1
    assert np.all(np.diff(curve.expected) >= 0)
    assert curve.observed @ curve.rows == pytest.approx(labels.sum())
    assert curve.expected @ curve.rows == pytest.approx(np.round(probabilities, 2).sum())


def test_curve_without_ties_is_the_plain_one_with_wilsons_interval(rng) -> None:
    labels, probabilities = drawn(rng, 95)
    curve = calibration_curve(labels, probabilities, bins=4)
    order = np.argsort(probabilities)
    for number, part in enumerate(np.array_split(order, 4)):
        interval = binomtest(int(labels[part].sum()), len(part)).proportion_ci(method="wilson")
        assert curve.expected[number] == pytest.approx(probabilities[part].mean())
        assert curve.observed[number] == pytest.approx(labels[part].mean())
        assert curve.low[number] == pytest.approx(interval.low, abs=1e-9)
        assert curve.high[number] == pytest.approx(interval.high, abs=1e-9)


def test_wrong_options_are_refused() -> None:
    with pytest.raises(ValueError, match="bins is 0"):
        expected_calibration_error([1, 0], [0.5, 0.5], bins=0)
    with pytest.raises(ValueError, match="draws is 0"):
        ece_if_perfect([0.5], draws=0)
    with pytest.raises(ValueError, match="confidence is 1"):
        calibration_curve([1, 0], [0.5, 0.5], confidence=1)
