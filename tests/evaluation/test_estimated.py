from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from evaluation import ScoreHistogram, prediction_quality
from evaluation.estimated import estimated_confusion, estimated_quality


def scores_of(probabilities, base_rate=0.2):
    return np.round(100 * expit(logit(probabilities) - logit(base_rate)), 2)


def histogram_of(probabilities) -> ScoreHistogram:
    return ScoreHistogram.from_scores(scores_of(probabilities), probabilities)


@given(st.lists(st.sampled_from([0.05, 0.2, 0.5, 0.8]), min_size=3, max_size=25))
def test_it_is_the_expected_share_of_pairs_in_order(chances) -> None:
    """Against all pairs of different users, each a positive with p and a negative with 1 − p."""
    p = np.array(chances)
    found = estimated_quality(histogram_of(p))
    if not 1 <= p.sum() <= len(p) - 1:
        assert found is None
        return
    weights = np.outer(p, 1 - p)
    np.fill_diagonal(weights, 0)
    won = np.where(p[:, None] > p, 1.0, np.where(p[:, None] == p, 0.5, 0.0))
    assert found.auc == pytest.approx(np.sum(weights * won) / np.sum(weights))
    assert found.value == pytest.approx(200 * found.auc - 100)
    assert found.base_rate == pytest.approx(p.mean())


def test_calibrated_probabilities_tell_their_quality_before_outcomes(rng) -> None:
    p = expit(rng.normal(-1.5, 1.3, 4000))
    found = estimated_quality(histogram_of(p))
    actual = [prediction_quality(rng.random(4000) < p, scores_of(p)) for _ in range(300)]
    assert found.value == pytest.approx(np.mean(actual), abs=0.3)
    covered = np.mean([found.low <= value <= found.high for value in actual])
    assert covered == pytest.approx(0.95, abs=0.03)


def test_it_falls_when_customers_grow_alike_and_not_when_behaviour_changes(rng) -> None:
    apart, alike = expit(rng.normal(-1, 1.5, 5000)), expit(rng.normal(-1, 0.4, 5000))
    assert (
        estimated_quality(histogram_of(alike)).value < estimated_quality(histogram_of(apart)).value
    )
    # Nobody's probability says that what follows is pure chance: it is an estimate.
    assert estimated_quality(histogram_of(apart)).value > 50


def test_small_runs_have_wide_intervals(rng) -> None:
    p = expit(rng.normal(-1, 1.5, 60))
    found = estimated_quality(histogram_of(p))
    assert found.low < found.value < found.high
    assert found.high - found.low > 20
    assert estimated_quality(ScoreHistogram.empty()) is None
    assert estimated_quality(histogram_of(np.full(5, 0.01))) is None


def test_the_expected_matrix_adds_up(rng) -> None:
    p = expit(rng.normal(-1, 1.5, 500))
    matrix = estimated_confusion(histogram_of(p), 50.0)
    reached = scores_of(p) >= 50
    assert matrix["true_positives"] == pytest.approx(p[reached].sum())
    assert matrix["false_negatives"] == pytest.approx(p[~reached].sum())
    assert matrix["false_positives"] == pytest.approx((1 - p[reached]).sum())
    assert sum(matrix.values()) == pytest.approx(500)
    everybody = estimated_confusion(histogram_of(p), 0)
    assert everybody["false_negatives"] == everybody["true_negatives"] == 0


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold is 101"):
        estimated_confusion(ScoreHistogram.empty(), 101)
    with pytest.raises(ValueError, match="confidence is 1"):
        estimated_quality(ScoreHistogram.empty(), confidence=1)
