from __future__ import annotations

import json

import numpy as np
import pytest

from models.backtest import Backtest
from models.dataset import Dataset
from predictive.watching.profile import (
    SAMPLE_ROWS,
    ProfileSample,
    read_profile,
    training_profile,
    write_profile,
)

MOMENTS = np.array(["2025-01-01", "2025-01-15", "2025-01-29"], dtype="datetime64[us]")


class _Fold:
    def __init__(self, as_of, probabilities) -> None:
        self.as_of, self.probabilities = as_of, probabilities


class _Tested:
    """Of a backtest, what a profile reads."""

    def __init__(self, rng) -> None:
        self.folds = [_Fold(moment, rng.random(300)) for moment in MOMENTS[1:]]


def dataset(rng, rows: int = 900) -> Dataset:
    """Amounts, counts that are mostly nought, a column that is often unknown, one that is flat."""
    unknown = rng.normal(size=rows)
    unknown[rng.random(rows) < 0.4] = np.nan
    columns = [rng.gamma(2, 10, rows), rng.poisson(0.3, rows), unknown, np.ones(rows)]
    return Dataset(
        np.ascontiguousarray(np.stack(columns, axis=1), dtype=np.float32),
        rng.random(rows) < 0.3,
        np.repeat(MOMENTS, rows // 3),
        np.tile(np.arange(rows // 3), 3),
        ("amount", "count", "unknown", "flat"),
        np.timedelta64(14, "D"),
    )


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def made(rng, rows: int = 900):
    tested: Backtest = _Tested(rng)  # type: ignore[assignment]
    return training_profile(dataset(rng, rows), tested, 0.3)


def test_every_row_is_in_one_bin(rng, tmp_path) -> None:
    profile = made(rng)
    features = profile["features"]
    assert features["names"] == ["amount", "count", "unknown", "flat"]
    assert features["as_of"] == [
        "2025-01-01T00:00:00+00:00", "2025-01-15T00:00:00+00:00", "2025-01-29T00:00:00+00:00",
    ]  # fmt: skip
    for snapshot in features["counts"]:
        for edges, counts in zip(features["edges"], snapshot, strict=True):
            assert len(counts) == len(edges) + 2
            assert sum(counts) == 300
    assert [sum(counts) for counts in profile["scores"]["counts"]] == [300, 300]
    write_profile(tmp_path, profile)
    assert read_profile(tmp_path) == json.loads(json.dumps(profile))
    assert read_profile(tmp_path / "elsewhere") is None


def test_bins_hold_about_equally_many_and_nobody_unknown(rng) -> None:
    features = made(rng)["features"]
    amount, count, unknown, flat = (
        np.sum([snapshot[feature] for snapshot in features["counts"]], axis=0)
        for feature in range(4)
    )
    assert len(amount) == 11
    assert amount[-1] == 0
    assert amount[:-1].min() >= 80
    assert unknown[-1] == pytest.approx(360, abs=60)
    # Whole numbers: nought, and what is above it.
    assert all(edge == int(edge) for edge in features["edges"][1])
    assert sum(count) == sum(flat) == 900
    assert np.count_nonzero(flat) == 1


def test_a_run_is_put_into_the_bins_of_training(rng) -> None:
    profile = made(rng)
    sample = ProfileSample()
    rows = dataset(rng).features
    sample.add(rows[:500], np.full(500, 12.0))
    sample.add(rows[500:], np.full(400, 99.0))
    found = sample.profile(profile)
    assert found["rows"] == 900
    for feature, edges in enumerate(profile["features"]["edges"]):
        values = rows[:, feature]
        known = values[~np.isnan(values)]
        # numpy.histogram's bins hold their lower bound, as these do.
        expected, _ = np.histogram(known, [-np.inf, *edges, np.inf])
        assert found["features"][feature] == [*expected, np.isnan(values).sum()]
    assert sum(found["scores"]) == 900
    json.dumps(found)


def test_the_sample_is_bounded_random_and_repeatable() -> None:
    def drawn(limit):
        sample = ProfileSample(limit)
        for start in range(0, 50_000, 1000):
            values = np.arange(start, start + 1000, dtype=np.float32)
            sample.add(values[:, None], values)
        return sample._smallest()[2]

    chosen = drawn(2000)
    assert len(chosen) == 2000
    assert len(np.unique(chosen)) == 2000
    # Every part of the stream has its share.
    assert np.histogram(chosen, 10, (0, 50_000))[0].min() >= 150
    np.testing.assert_array_equal(chosen, drawn(2000))
    assert SAMPLE_ROWS == 20_000


def test_few_rows_are_all_taken() -> None:
    sample = ProfileSample(10)
    sample.add(np.zeros((3, 1), dtype=np.float32), np.array([1.0, 2.0, 3.0]))
    training = {"features": {"edges": [[0.5]]}, "scores": {"edges": [50.0]}}
    assert sample.profile(training) == {"rows": 3, "features": [[3, 0, 0]], "scores": [3, 0, 0]}
