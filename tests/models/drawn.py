"""Datasets whose true probabilities are known."""

from __future__ import annotations

import numpy as np

from models.dataset import Dataset
from models.odds import sigmoid

WINDOW = np.timedelta64(28, "D")
FIRST = np.datetime64("2025-01-01", "us")


def drawn_dataset(users=600, snapshots=5, columns=6, seed=0, shift=0.0):
    """(dataset, true probabilities): counts-like features, a log-linear truth, some unknowns."""
    draw = np.random.default_rng(seed)
    n = users * snapshots
    features = np.exp(draw.normal(size=(n, columns))).astype(np.float32)
    features[draw.random((n, columns)) < 0.1] = np.nan
    logs = np.nan_to_num(np.log1p(features.astype(np.float64)))
    truth = sigmoid(1.5 * logs[:, 0] - 1.0 * logs[:, 1] + 0.5 * logs[:, 2] - 1.0 + shift)
    return Dataset(
        features,
        draw.random(n) < truth,
        np.repeat(FIRST + np.arange(snapshots) * WINDOW, users),
        np.tile(np.arange(users), snapshots),
        tuple(f"column_{number}" for number in range(columns)),
        WINDOW,
    ), truth
