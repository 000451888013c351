"""What make bench makes of its figures, and which fits it repeats."""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm
import numpy as np

from benchmarks.fits import bare_fits, noted_fits
from benchmarks.measures import Measure, at_least, at_most, hold, write
from models.dataset import Dataset

ROWS = 200


def test_a_bar_is_met_at_its_edge() -> None:
    met = [at_most("a", 2.0, 2), at_least("b", 0.5, 0.5), Measure("c", 7.0)]
    assert [each.holds for each in met] == [True, True, None]
    assert hold(met)
    assert not hold([*met, at_most("d", 2.01, 2)])


def test_the_file_is_a_list_of_figures(tmp_path: Path) -> None:
    write([at_most("a", 2.0, 3), Measure("c", 7.0)], tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text()) == [
        {"name": "a", "value": 2.0, "bar": "at most 3", "holds": True},
        {"name": "c", "value": 7.0, "bar": "reported", "holds": None},
    ]


def test_fits_are_noted_with_their_size_and_can_be_repeated() -> None:
    random = np.random.default_rng(0)
    features = random.random((ROWS, 3)).astype(np.float32)
    data = Dataset(
        features,
        features[:, 0] > 0.5,
        np.full(ROWS, np.datetime64("2025-01-01", "us")),
        np.arange(ROWS),
        ("a", "b", "c"),
        np.timedelta64(28, "D"),
    )
    parameters = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    before = lightgbm.train
    with noted_fits() as fits:
        rows = lightgbm.Dataset(data.features, data.labels)
        lightgbm.train(parameters, rows, num_boost_round=4)
    assert lightgbm.train is before
    assert [(fit.rows, fit.rounds) for fit in fits] == [(ROWS, 4)]
    assert bare_fits(fits, data) > 0
