from __future__ import annotations

import json

import pytest

from evaluation import ShiftVariance, score_bands

LABELS = [1, 0, 1, 0, 1]
PROBABILITIES = [0.1, 0.2, 0.3, 0.4, 0.5]
SCORES = [0.0, 49.99, 50.0, 75.0, 100.0]


def test_bands_include_their_lower_bound_and_the_last_its_upper() -> None:
    bands = score_bands(LABELS, PROBABILITIES, SCORES, (0, 50, 75, 100))
    assert [band.users for band in bands] == [2, 1, 2]
    assert [band.actual_positives for band in bands] == [1, 1, 1]
    assert [band.expected_positives.value for band in bands] == pytest.approx([0.3, 0.3, 0.9])
    assert json.loads(json.dumps(bands[2].to_dict()))["max_score"] == 100


def test_an_empty_band_is_kept_and_shifts_widen() -> None:
    narrow = score_bands(LABELS * 99, PROBABILITIES * 99, SCORES * 99, (0, 10, 20, 100))
    assert (narrow[1].users, narrow[1].expected_positives.high) == (0, 0)
    wide = score_bands(
        LABELS * 99, PROBABILITIES * 99, SCORES * 99, (0, 10, 20, 100), shift=ShiftVariance(0.1, 5)
    )
    assert wide[2].expected_positives.high > narrow[2].expected_positives.high


@pytest.mark.parametrize(
    ("edges", "message"),
    [((0, 0, 100), "edges is"), ((0,), "edges is"), ((0, 60), "scores contains 100.0")],
)
def test_wrong_edges_are_refused(edges, message) -> None:
    with pytest.raises(ValueError, match=message):
        score_bands(LABELS, PROBABILITIES, SCORES, edges)
