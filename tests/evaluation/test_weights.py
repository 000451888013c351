"""Rows that stand for several users: held-out customers, after a send to the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from evaluation import (
    Fold,
    ShiftVariance,
    brier,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    confusion_matrix,
    ece_if_perfect,
    expected_calibration_error,
    log_loss,
    observed_expected,
    quality_interval,
    quality_report,
    score_bands,
)
from evaluation.delong import auc_estimate
from evaluation.ranking import Ranking
from evaluation.recalibration import intercept_shift
from tests.evaluation.conftest import simulated_fold
from tests.evaluation.strategies import TIED_SCORES, labelled

MOMENT = ["2026-01-01T00:00:00+00:00"]


@st.composite
def weighted(draw):
    """Labels, tied scores and small whole weights."""
    labels, scores = draw(labelled(TIED_SCORES))
    counts = draw(st.lists(st.integers(1, 4), min_size=len(labels), max_size=len(labels)))
    return labels, scores, np.array(counts)


@given(weighted())
def test_a_row_of_weight_three_is_three_rows(rows) -> None:
    labels, scores, counts = rows
    many, many_scores = np.repeat(labels, counts), np.repeat(scores, counts)
    ranking, repeated = Ranking.of(labels, scores, counts), Ranking.of(many, many_scores)
    for measure in ("auc", "average_precision", "mean_lift_quality"):
        assert getattr(ranking, measure)() == pytest.approx(getattr(repeated, measure)())
    assert ranking.lift_at(0.1) == pytest.approx(repeated.lift_at(0.1))
    for loss in (brier, log_loss, observed_expected, calibration_intercept):
        assert loss(labels, scores, counts) == pytest.approx(loss(many, many_scores))
    slope = calibration_slope(many, many_scores)
    assert calibration_slope(labels, scores, counts) == (
        None if slope is None else pytest.approx(slope, rel=1e-5, abs=1e-7)
    )
    for threshold in (0.1, 0.5, 0.9):
        matrix = confusion_matrix(labels, scores, threshold, counts)
        assert matrix == confusion_matrix(many, many_scores, threshold)
    bands = score_bands(labels, scores, scores, (0, 0.3, 1), weights=counts)
    repeated_bands = score_bands(many, many_scores, many_scores, (0, 0.3, 1))
    for band, whole in zip(bands, repeated_bands, strict=True):
        assert band.users == whole.users
        assert band.actual_positives == whole.actual_positives
        assert band.expected_positives.value == pytest.approx(whole.expected_positives.value)


@given(weighted())
def test_bins_hold_the_same_weight(rows) -> None:
    labels, scores, counts = rows
    counts[0] += -counts.sum() % 10
    many, many_scores = np.repeat(labels, counts), np.repeat(scores, counts)
    bins = min(10, len(labels)) if int(counts.sum()) % min(10, len(labels)) == 0 else 1
    assert expected_calibration_error(labels, scores, bins, counts) == pytest.approx(
        expected_calibration_error(many, many_scores, bins)
    )
    curve = calibration_curve(labels, scores, bins, weights=counts)
    whole = calibration_curve(many, many_scores, bins)
    assert curve.observed == pytest.approx(whole.observed)
    assert curve.expected == pytest.approx(whole.expected)
    assert curve.rows.tolist() == whole.rows.tolist()


def test_equal_weights_change_nothing(rng) -> None:
    fold = simulated_fold(rng, 700, decimals=2)
    alike = Fold(fold.labels, fold.probabilities, fold.users, np.full(700, 2.5))
    plain, weighed = quality_report([fold], MOMENT), quality_report([alike], MOMENT)
    for measure in ("auc", "average_precision", "brier", "log_loss", "ece", "base_rate"):
        assert weighed[measure] == pytest.approx(plain[measure]), measure
    for bound in ("low", "value", "high"):
        assert weighed["quality"][bound] == pytest.approx(plain["quality"][bound])
    assert weighed["calibration"]["slope"] == pytest.approx(plain["calibration"]["slope"])
    assert weighed["calibration"]["ece_perfect"]["high"] == pytest.approx(
        plain["calibration"]["ece_perfect"]["high"]
    )
    assert (weighed["n"], weighed["positives"]) == (plain["n"], plain["positives"])


def held_out(fold: Fold, rng: np.random.Generator, reached: float, share: float) -> Fold:
    """What is left of a fold when its best are reached and a share of them is held back."""
    best = fold.probabilities >= np.quantile(fold.probabilities, 1 - reached)
    kept = ~best | (rng.random(len(best)) < share)
    weights = np.where(best, 1 / share, 1.0)[kept]
    return Fold(fold.labels[kept], fold.probabilities[kept], fold.users[kept], weights)


def test_held_out_users_stand_for_those_who_were_reached(rng) -> None:
    """Quality, calibration and their intervals are those of everybody, not of a selected few."""
    truth = 100 * (2 * norm.cdf(1 / np.sqrt(2)) - 1)
    covered, values, unweighted, shifts = 0, [], [], []
    users = np.arange(3000)
    for _ in range(200):
        labels = users < 600
        scores = rng.normal(size=3000) + labels
        odds = np.log(0.25) + scores - 0.5  # Bayes: two normals, one apart
        fold = Fold(labels, 1 / (1 + np.exp(-odds)), users)
        kept = held_out(fold, rng, 0.3, 0.2)
        quality = quality_interval([kept])
        values.append(quality.value)
        covered += quality.low <= truth <= quality.high
        unweighted.append(quality_interval([Fold(kept.labels, kept.probabilities, kept.users)]))
        shift = intercept_shift(kept.labels, kept.probabilities, kept.weights)
        shifts.append(shift.value / np.sqrt(np.sum(shift.influence**2)))
    assert np.mean(values) == pytest.approx(truth, abs=1.2)
    assert np.mean([quality.value for quality in unweighted]) < truth - 5
    assert 0.9 <= covered / 200 <= 0.99
    assert abs(np.mean(shifts)) < 0.2
    assert np.std(shifts) == pytest.approx(1, abs=0.15)


def test_the_band_of_perfect_calibration_knows_the_weights(rng) -> None:
    below, naive = 0, 0
    for _ in range(100):
        p = 1 / (1 + np.exp(2 - rng.normal(size=1500)))
        kept = held_out(Fold(rng.random(1500) < p, p, np.arange(1500)), rng, 0.3, 0.1)
        error = expected_calibration_error(kept.labels, kept.probabilities, weights=kept.weights)
        band = ece_if_perfect(kept.probabilities, draws=200, weights=kept.weights)
        below += error <= band.high
        naive += error <= ece_if_perfect(kept.probabilities, draws=200).high
    assert 0.88 <= below / 100 <= 1
    assert naive / 100 < 0.75


def test_intervals_of_weighted_counts_hold_what_comes(rng) -> None:
    p = 1 / (1 + np.exp(2 - rng.normal(size=3000)))
    kept = held_out(Fold(rng.random(3000) < p, p, np.arange(3000)), rng, 0.3, 0.1)
    inside = 0
    for _ in range(200):
        labels = rng.random(len(kept.labels)) < kept.probabilities
        band = score_bands(
            labels, kept.probabilities, kept.probabilities, (0, 0.2, 1), weights=kept.weights
        )[1]
        inside += (
            band.expected_positives.low <= band.actual_positives <= (band.expected_positives.high)
        )
    assert 0.9 <= inside / 200 <= 0.99


def test_a_shift_moves_a_weighted_count_by_its_slope() -> None:
    """A unit of log odds moves Σwp by Σwp(1 − p), not by the variance Σw²p(1 − p)."""
    rows = 4000
    labels, p, weights = np.arange(rows) % 2 == 0, np.full(rows, 0.5), np.full(rows, 10.0)
    shift = ShiftVariance(0.04, 10)
    alone = score_bands(labels, p, 100 * p, (0, 100), shift=shift)[0].expected_positives
    tenfold = score_bands(labels, p, 100 * p, (0, 100), weights=weights, shift=shift)[0]
    assert tenfold.expected_positives.value == pytest.approx(10 * alone.value)
    width = tenfold.expected_positives.high - tenfold.expected_positives.low
    assert width == pytest.approx(10 * (alone.high - alone.low))


def test_few_users_of_great_weight_tell_little(rng) -> None:
    fold = simulated_fold(rng, 400)
    heavy = np.where(fold.users < 40, 50.0, 1.0)
    estimate = auc_estimate(Fold(fold.labels, fold.probabilities, fold.users, heavy))
    assert estimate.positive_users < int(fold.labels.sum()) / 2
    wide = quality_interval([Fold(fold.labels, fold.probabilities, fold.users, heavy)])
    narrow = quality_interval([fold])
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, np.nan]])
def test_wrong_weights_are_refused(weights) -> None:
    with pytest.raises(ValueError, match="weights"):
        Fold(np.array([True, False]), np.array([0.5, 0.4]), np.arange(2), np.array(weights))
