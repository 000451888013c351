from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from evaluation import ConfusionMatrix, confusion_matrix
from evaluation.confusion import RATE_NAMES
from tests.evaluation.strategies import TIED_SCORES, labelled

# Published: 491,000 customers, 44,000 of whom buy; a threshold of 75 reaches 26,541.
PUBLISHED = ConfusionMatrix(
    true_positives=11_150,
    false_positives=15_385,
    false_negatives=44_000 - 11_150,
    true_negatives=491_000 - 44_000 - 15_385,
)


def test_published_example() -> None:
    assert PUBLISHED.total == 491_000
    assert PUBLISHED.predicted_positives == pytest.approx(26_541, abs=10)
    assert PUBLISHED.recall == pytest.approx(0.25, abs=0.005)
    assert 0.033 <= PUBLISHED.false_positive_rate <= 0.0345
    assert PUBLISHED.precision == pytest.approx(0.42, abs=0.005)
    assert PUBLISHED.lift == pytest.approx(4.69, abs=0.01)


@settings(max_examples=100, deadline=None)
@given(labelled(), TIED_SCORES)
def test_rates_equal_scikit_learn(case, threshold) -> None:
    labels, scores = case
    matrix = confusion_matrix(labels, scores, threshold)
    predicted = scores >= threshold
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, predicted)
    assert matrix == ConfusionMatrix(tp, fp, fn, tn)
    assert matrix.accuracy == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert matrix.balanced_accuracy == pytest.approx(
        metrics.balanced_accuracy_score(labels, predicted)
    )
    assert matrix.recall == pytest.approx(metrics.recall_score(labels, predicted))
    assert matrix.f1 == pytest.approx(metrics.f1_score(labels, predicted))
    assert matrix.threat_score == pytest.approx(metrics.jaccard_score(labels, predicted))
    if predicted.any() and not predicted.all():
        assert matrix.precision == pytest.approx(metrics.precision_score(labels, predicted))
        assert matrix.matthews == pytest.approx(metrics.matthews_corrcoef(labels, predicted))
        assert matrix.cohens_kappa == pytest.approx(metrics.cohen_kappa_score(labels, predicted))


def test_rates_by_hand() -> None:
    matrix = ConfusionMatrix(8, 2, 4, 86)
    assert matrix.sensitivity == matrix.recall == matrix.true_positive_rate == 8 / 12
    assert matrix.specificity == matrix.true_negative_rate == 86 / 88
    assert matrix.precision == matrix.positive_predictive_value == 0.8
    assert matrix.negative_predictive_value == 86 / 90
    assert matrix.false_positive_rate == 2 / 88
    assert matrix.false_negative_rate == 4 / 12
    assert matrix.false_discovery_rate == 0.2
    assert matrix.false_omission_rate == 4 / 90
    assert matrix.accuracy == 0.94
    assert matrix.error_rate == 0.06
    assert matrix.informedness == matrix.youden == pytest.approx(8 / 12 + 86 / 88 - 1)
    assert matrix.markedness == pytest.approx(0.8 + 86 / 90 - 1)
    assert matrix.fowlkes_mallows == pytest.approx(math.sqrt(0.8 * 8 / 12))
    assert matrix.positive_likelihood_ratio == pytest.approx((8 / 12) / (2 / 88))
    assert matrix.negative_likelihood_ratio == pytest.approx((4 / 12) / (86 / 88))
    assert matrix.diagnostic_odds_ratio == pytest.approx(8 * 86 / (2 * 4))
    assert matrix.prevalence == 0.12
    assert matrix.predicted_share == 0.1
    assert matrix.lift == pytest.approx(0.8 / 0.12)


def test_matthews_of_large_counts_does_not_overflow() -> None:
    many = 10**12
    assert ConfusionMatrix(many, many, many, many).matthews == 0
    assert ConfusionMatrix(many, 0, 0, many).matthews == pytest.approx(1)


@given(st.tuples(*[st.integers(0, 2)] * 4))
def test_a_rate_is_null_exactly_where_its_denominator_is_zero(counts) -> None:
    matrix = ConfusionMatrix(*counts)
    rates = matrix.to_dict()["rates"]
    assert tuple(rates) == RATE_NAMES
    assert all(value is None or math.isfinite(value) for value in rates.values())
    assert (rates["recall"] is None) == (matrix.positives == 0)
    assert (rates["specificity"] is None) == (matrix.negatives == 0)
    assert (rates["precision"] is None) == (matrix.predicted_positives == 0)
    assert (rates["accuracy"] is None) == (matrix.total == 0)


def test_to_dict_names_the_counts() -> None:
    counts = {k: v for k, v in PUBLISHED.to_dict().items() if k != "rates"}
    assert counts == {
        "true_positives": 11_150,
        "false_positives": 15_385,
        "false_negatives": 32_850,
        "true_negatives": 431_615,
    }


def test_a_score_at_the_threshold_predicts_positive() -> None:
    assert confusion_matrix([1, 0], [75.0, 74.99], 75) == ConfusionMatrix(1, 0, 0, 1)


def test_one_class_is_allowed() -> None:
    assert confusion_matrix(np.zeros(3), [1, 2, 3], 2).recall is None


@pytest.mark.parametrize("threshold", [math.nan, math.inf])
def test_threshold_must_be_finite(threshold) -> None:
    with pytest.raises(ValueError, match="threshold is"):
        confusion_matrix([1, 0], [1, 2], threshold)


def test_counts_must_not_be_negative() -> None:
    with pytest.raises(ValueError, match="false_positives is -1"):
        ConfusionMatrix(1, -1, 0, 0)
