from __future__ import annotations

import numpy as np
import pytest

from evaluation import ScoreHistogram
from evaluation.histogram import BINS


def drawn(rng, rows):
    scores = np.round(rng.uniform(0, 100, size=rows), 2)
    return scores, rng.uniform(0, 1, size=rows)


def equal(left: ScoreHistogram, right: ScoreHistogram) -> bool:
    return all(
        np.allclose(getattr(left, name), getattr(right, name), rtol=1e-12)
        for name in ("counts", "sum_p", "sum_v")
    )


def test_every_stored_score_has_its_own_bin() -> None:
    scores = np.round(np.arange(BINS) / 100, 2)
    histogram = ScoreHistogram.from_scores(scores, np.full(BINS, 0.25))
    assert np.all(histogram.counts == 1)
    assert np.all(histogram.sum_p == 0.25)
    assert np.all(histogram.sum_v == 0.1875)
    assert (histogram.total, histogram.expected_positives) == (BINS, BINS / 4)


def test_batches_add_up_to_the_whole(rng) -> None:
    scores, probabilities = drawn(rng, 1000)
    whole = ScoreHistogram.from_scores(scores, probabilities)
    parts = ScoreHistogram.empty()
    for part in np.array_split(np.arange(1000), 7):
        parts = parts + ScoreHistogram.from_scores(scores[part], probabilities[part])
    assert equal(parts, whole)


def test_float32_scores_find_their_bins(rng) -> None:
    scores, probabilities = drawn(rng, 1000)
    narrow = ScoreHistogram.from_scores(scores.astype(np.float32), probabilities)
    assert equal(narrow, ScoreHistogram.from_scores(scores, probabilities))


def test_bytes_bring_the_same_back(rng) -> None:
    histogram = ScoreHistogram.from_scores(*drawn(rng, 1000))
    again = ScoreHistogram.from_bytes(histogram.to_bytes())
    assert again.counts.dtype == np.int64
    assert equal(again, histogram)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda stored: b"", "stored begins with"),
        (lambda stored: stored.replace(b"-1\n", b"-9\n", 1), "stored begins with"),
        (lambda stored: stored[:-20], "stored is damaged"),
    ],
)
def test_damaged_bytes_are_refused(damage, message) -> None:
    with pytest.raises(ValueError, match=message):
        ScoreHistogram.from_bytes(damage(ScoreHistogram.empty().to_bytes()))


def test_nobody_is_allowed() -> None:
    assert ScoreHistogram.from_scores([], []).total == 0


@pytest.mark.parametrize("wrong", [-0.01, 100.01])
def test_scores_outside_their_range_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match="Allowed: numbers from 0 to 100"):
        ScoreHistogram.from_scores([50.0, wrong], [0.1, 0.1])


def test_columns_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sum_p has shape \(3,\)"):
        ScoreHistogram(np.zeros(BINS, dtype=np.int64), np.zeros(3), np.zeros(BINS))


def test_buckets_hold_everybody_once() -> None:
    histogram = ScoreHistogram.from_scores([0, 4.99, 5, 99.99, 100], [0.1, 0.2, 0.3, 0.4, 0.5])
    buckets = histogram.buckets(20)
    assert [bucket["users"] for bucket in buckets] == [2, 1] + [0] * 17 + [2]
    assert buckets[0] == {
        "min_score": 0.0,
        "max_score": 5.0,
        "users": 2,
        "expected_positives": pytest.approx(0.3),
    }
    assert buckets[-1]["max_score"] == 100.0
    assert buckets[-1]["expected_positives"] == pytest.approx(0.9)
    with pytest.raises(ValueError, match="count is 3"):
        histogram.buckets(3)
