"""Customers drawn from a BG/NBD of known parameters, as rows of a dataset."""

from __future__ import annotations

import numpy as np

from models.buy_till_you_die import BgNbd, Histories
from models.dataset import Dataset

HISTORY = ("target_days_all", "target_days_since_first", "target_days_since_last")
TRUTH = BgNbd(r=0.6, alpha=40.0, a=0.8, b=2.5)
WINDOW_DAYS = 60


def drawn_histories(customers=4000, seed=0):
    """(dataset, P(active)): histories of all kinds, outcomes drawn from the model."""
    draw = np.random.default_rng(seed)
    age = draw.uniform(20.0, 400.0, customers)
    repeats = draw.poisson(draw.gamma(0.6, age / 40.0)).astype(np.float64)
    last = np.where(repeats > 0, age * draw.beta(repeats + 0.5, 1.0), 0.0)
    features = np.column_stack([repeats + 1, age, age - last, draw.normal(size=customers)])
    silent = TRUTH.probability_silent(Histories(repeats, last, age), WINDOW_DAYS)
    dataset = Dataset(
        features.astype(np.float32),
        draw.random(customers) > silent,
        np.repeat(np.datetime64("2025-01-01", "us"), customers),
        np.arange(customers),
        (*HISTORY, "other"),
        np.timedelta64(WINDOW_DAYS, "D"),
    )
    return dataset, 1 - silent
