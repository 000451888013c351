"""The training matrix: its shape is checked, its rows are cut by time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.models.drawn import FIRST, WINDOW, drawn_dataset


def test_matured_rows_are_those_whose_window_has_passed():
    dataset, _ = drawn_dataset(users=10, snapshots=4)
    matured = dataset.matured_by(FIRST + 2 * WINDOW)
    assert matured.moments().tolist() == [FIRST.item(), (FIRST + WINDOW).item()]
    one_microsecond_early = FIRST + 2 * WINDOW - np.timedelta64(1, "us")
    assert dataset.matured_by(one_microsecond_early).moments().tolist() == [FIRST.item()]


def test_rows_keep_every_column_together():
    dataset, _ = drawn_dataset(users=10, snapshots=2)
    part = dataset.rows(dataset.users == 3)
    for kept, whole in (
        (part.features, dataset.features),
        (part.labels, dataset.labels),
        (part.as_of, dataset.as_of),
    ):
        np.testing.assert_array_equal(kept, whole[[3, 13]])
    assert part.features.flags.c_contiguous


def test_a_sample_is_of_the_asked_size_in_order_and_repeatable():
    dataset, _ = drawn_dataset(users=50, snapshots=2)
    sample = dataset.sampled(30, seed=1)
    assert len(sample) == 30
    assert np.all(np.diff(sample.as_of.astype(np.int64)) >= 0)
    np.testing.assert_array_equal(sample.features, dataset.sampled(30, seed=1).features)
    assert dataset.sampled(100, seed=1) is dataset


def test_a_sample_among_some_rows_holds_no_others():
    dataset, _ = drawn_dataset(users=50, snapshots=2)
    among = dataset.users < 20
    assert len(dataset.sampled(100, seed=1, among=among)) == 40
    sample = dataset.sampled(30, seed=1, among=among)
    assert len(sample) == 30
    assert sample.users.max() < 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.zeros((20, 6))}, "float32"),
        ({"features": np.zeros((6, 20), np.float32).T}, "C order"),
        ({"labels": np.zeros(20, int)}, "bool"),
        ({"users": np.zeros(19, int)}, "same number"),
        ({"feature_names": ("a",)}, "one a column"),
        ({"feature_names": ("a",) * 6}, "distinct"),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, message):
    dataset, _ = drawn_dataset(users=10, snapshots=2)
    with pytest.raises(ValueError, match=message):
        replace(dataset, **change)
