from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics

from evaluation import auc, gains, lift, lift_at, precision_recall, prediction_quality, roc
from tests.evaluation.conftest import simulated_fold
from tests.evaluation.strategies import labelled

EXAMPLES = settings(max_examples=100, deadline=None)


@EXAMPLES
@given(labelled())
def test_roc_equals_scikit_learn(case) -> None:
    labels, scores = case
    curve = roc(labels, scores)
    false, true, thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, false)
    np.testing.assert_allclose(curve.true_positive_rate, true)
    np.testing.assert_array_equal(curve.thresholds, thresholds)


@EXAMPLES
@given(labelled())
def test_precision_recall_equals_scikit_learn_without_its_added_point(case) -> None:
    labels, scores = case
    curve = precision_recall(labels, scores)
    precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
    np.testing.assert_allclose(curve.precision, precision[-2::-1])
    np.testing.assert_allclose(curve.recall, recall[-2::-1])
    np.testing.assert_array_equal(curve.thresholds, thresholds[::-1])


@EXAMPLES
@given(labelled())
def test_area_under_gains_is_prediction_quality(case) -> None:
    labels, scores = case
    curve = gains(labels, scores)
    area = np.trapezoid(curve.captured, curve.share)
    perfect = 1 - labels.mean() / 2
    assert 100 * (area - 0.5) / (perfect - 0.5) == pytest.approx(
        prediction_quality(labels, scores), abs=1e-9
    )


@EXAMPLES
@given(labelled())
def test_lift_curve_holds_the_lifts(case) -> None:
    labels, scores = case
    curve = lift(labels, scores)
    assert curve.share[0] > 0
    for share, value in zip(curve.share, curve.lift, strict=True):
        assert value == pytest.approx(lift_at(labels, scores, share))


@pytest.mark.parametrize("points", [2, 10, 200])
def test_thinning_keeps_both_ends_and_the_number_of_points(rng, points) -> None:
    fold = simulated_fold(rng, 5000)
    arrays = fold.labels, fold.probabilities
    ranked = roc(*arrays, points=points)
    found = gains(*arrays, points=points)
    lifted = lift(*arrays, points=points)
    precise = precision_recall(*arrays, points=points)
    for curve in (ranked, found, lifted, precise):
        assert 2 <= len(next(iter(vars(curve).values()))) <= points
    assert (ranked.false_positive_rate[0], ranked.true_positive_rate[0]) == (0, 0)
    assert (ranked.false_positive_rate[-1], ranked.true_positive_rate[-1]) == (1, 1)
    assert (found.share[0], found.captured[0]) == (0, 0)
    assert (found.share[-1], found.captured[-1]) == (1, 1)
    assert lifted.share[0] == pytest.approx(1 / 5000)
    assert (lifted.share[-1], lifted.lift[-1]) == (1, 1)
    assert (precise.recall[-1], precise.precision[-1]) == (1, fold.labels.mean())
    assert precise.thresholds[0] == fold.probabilities.max()


def test_a_thinned_curve_is_hardly_another_curve(rng) -> None:
    fold = simulated_fold(rng, 50_000)
    curve = roc(fold.labels, fold.probabilities)
    area = np.trapezoid(curve.true_positive_rate, curve.false_positive_rate)
    assert area == pytest.approx(auc(fold.labels, fold.probabilities), abs=2e-4)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="points is 1"):
        gains([1, 0], [0.1, 0.2], points=1)
