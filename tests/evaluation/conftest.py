from __future__ import annotations

import numpy as np
import pytest

from evaluation.folds import Fold


def simulated_fold(
    rng: np.random.Generator, rows: int, *, separation: float = 1.0, decimals: int = 12
) -> Fold:
    """A fold whose outcomes are drawn from its own probabilities, each user once."""
    probabilities = 1 / (1 + np.exp(2 - separation * rng.normal(size=rows)))
    labels = rng.random(rows) < probabilities
    labels[:2], labels[2:4] = True, False
    return Fold(labels, np.round(probabilities, decimals), np.arange(rows))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_260_101)
