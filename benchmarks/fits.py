"""The LightGBM fits of a training run, and as many bare ones of the same size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from models.dataset import Dataset


@dataclass(frozen=True)
class Fit:
    """Size and settings of one call of ``lightgbm.train``."""

    rows: int
    rounds: int
    parameters: dict[str, Any]


@contextmanager
def noted_fits() -> Iterator[list[Fit]]:
    """The fits made meanwhile, in order."""
    fits: list[Fit] = []
    train = lightgbm.train

    def noted(parameters: dict[str, Any], rows: lightgbm.Dataset, **settings: Any) -> Any:
        booster = train(parameters, rows, **settings)
        fits.append(Fit(rows.num_data(), booster.current_iteration(), dict(parameters)))
        return booster

    lightgbm.train = noted
    try:
        yield fits
    finally:
        lightgbm.train = train


def bare_fits(fits: list[Fit], data: Dataset) -> float:
    """Seconds of the same fits, nothing else, on rows of the same dataset."""
    began = time.perf_counter()
    for fit in fits:
        drawn = np.resize(np.arange(len(data)), fit.rows)
        rows = lightgbm.Dataset(
            data.features[drawn], data.labels[drawn], params=fit.parameters, free_raw_data=True
        )
        lightgbm.train(fit.parameters, rows, num_boost_round=fit.rounds)
    return time.perf_counter() - began
