"""The blend is never silly."""

from __future__ import annotations

import numpy as np
import pytest

from models.blend import SMALLEST_SHARE, fit_weights
from models.odds import logit_loss, sigmoid


def _drawn(n=20_000, seed=0):
    draw = np.random.default_rng(seed)
    truth = draw.normal(0, 1, n)
    return draw, truth, draw.random(n) < sigmoid(truth)


def test_noise_gets_nothing():
    draw, truth, labels = _drawn()
    weights = fit_weights(np.column_stack([truth, draw.normal(size=len(truth))]), labels)
    assert weights.tolist() == [1.0, 0.0]


def test_a_reversed_candidate_gets_nothing():
    _, truth, labels = _drawn()
    assert fit_weights(np.column_stack([-truth, truth]), labels).tolist() == [0.0, 1.0]


def test_twins_share():
    _, truth, labels = _drawn()
    np.testing.assert_allclose(fit_weights(np.column_stack([truth, truth]), labels), 0.5)


def test_two_noisy_views_beat_either():
    draw, truth, labels = _drawn()
    views = truth[:, None] + draw.normal(size=(len(truth), 2))
    weights = fit_weights(views, labels)
    assert weights == pytest.approx([0.5, 0.5], abs=0.05)
    slope = 0.5  # what a calibrator would take from the averaged views: 1 / (1 + 1/2) at most
    blended = logit_loss(labels, slope * views @ weights)
    assert blended < min(logit_loss(labels, slope * view) for view in views.T)


def test_few_rows_keep_to_the_average():
    draw, truth, labels = _drawn(n=40)
    views = truth[:, None] + 0.1 * draw.normal(size=(len(truth), 3))
    np.testing.assert_allclose(fit_weights(views, labels), 1 / 3, atol=0.05)


def test_all_candidates_wrong_still_gives_weights():
    _, truth, labels = _drawn()
    weights = fit_weights(np.column_stack([-truth, -2 * truth]), labels)
    assert weights.sum() == pytest.approx(1)
    assert np.all((weights == 0) | (weights >= SMALLEST_SHARE))


def test_the_level_of_a_candidate_does_not_cost_it_weight():
    draw, truth, labels = _drawn()
    views = truth[:, None] + draw.normal(size=(len(truth), 2))
    np.testing.assert_allclose(
        fit_weights(views + np.array([3.0, 0.0]), labels), fit_weights(views, labels), atol=1e-3
    )


def test_one_class_weighs_nothing():
    with pytest.raises(ValueError, match="both classes"):
        fit_weights(np.zeros((5, 2)), np.ones(5, bool))
