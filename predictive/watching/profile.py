"""How features and scores are distributed: at training, and at every scoring run since.

A profile is small and holds no user: of each feature the bounds of at most ten bins, and how many
rows fell into each, those without a value last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.backtest import Backtest
from models.dataset import Dataset
from models.scale import scores_from_probabilities
from predictive.windows import from_datetime64

PROFILE_FILE = "profile.json"
#: Rows that a distribution is seen from: its shares are known to a third of a percent.
SAMPLE_ROWS = 20_000
_BINS = 10

Floats = npt.NDArray[np.floating[Any]]
Edges = Sequence[float]


def training_profile(dataset: Dataset, tested: Backtest, base_rate: float) -> dict[str, Any]:
    """The distributions a model learned from, snapshot by snapshot.

    Parameters
    ----------
    dataset
        What it was trained on.
    tested
        Its backtest, whose scores are those to expect.
    base_rate
        The score 50.

    Returns
    -------
    dict
        ``features`` {``names``, ``edges``, ``as_of``, ``counts`` (snapshot, feature, bin)} and
        ``scores`` {``edges``, ``as_of``, ``counts`` (snapshot, bin)}, JSON-ready.
    """
    moments = dataset.moments()
    samples = [_sample(dataset, moment) for moment in moments]
    edges = [_edges(column) for column in np.concatenate(samples).T]
    scores = [scores_from_probabilities(fold.probabilities, base_rate) for fold in tested.folds]
    score_edges = _edges(np.concatenate(scores))
    return {
        "features": {
            "names": list(dataset.feature_names),
            "edges": edges,
            "as_of": [from_datetime64(moment).isoformat() for moment in moments],
            "counts": [_binned(sample, edges) for sample in samples],
        },
        "scores": {
            "edges": score_edges,
            "as_of": [from_datetime64(fold.as_of).isoformat() for fold in tested.folds],
            "counts": [_counts(values, score_edges) for values in scores],
        },
    }


def write_profile(folder: Path, profile: dict[str, Any]) -> None:
    """Keep a training profile beside its model."""
    (folder / PROFILE_FILE).write_text(json.dumps(profile), encoding="utf-8")


def read_profile(folder: Path) -> dict[str, Any] | None:
    """The training profile beside a model; None beside one of a version that kept none."""
    file = folder / PROFILE_FILE
    if not file.exists():
        return None
    profile: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return profile


@dataclass
class ProfileSample:
    """A random sample of the rows that a run scores, of bounded size.

    Every row is drawn a random number; those with the smallest ones are the sample. The same rows
    in the same order give the same sample.
    """

    def __init__(self, limit: int = SAMPLE_ROWS) -> None:
        self._limit = limit
        self._random = np.random.default_rng(0)
        self._below = 1.0
        self._drawn: list[tuple[Floats, Floats, Floats]] = []

    def add(self, features: Floats, scores: Floats) -> None:
        """Look at some rows.

        Parameters
        ----------
        features
            (n, f).
        scores
            (n,).
        """
        draws = self._random.random(len(scores))
        kept = draws < self._below
        self._drawn.append((draws[kept], features[kept], scores[kept]))
        if sum(len(draws) for draws, _, _ in self._drawn) > 2 * self._limit:
            self._drawn = [self._smallest()]

    def profile(self, training: dict[str, Any]) -> dict[str, Any]:
        """The sample in the bins of a training profile.

        Returns
        -------
        dict
            ``rows``, ``features`` (feature, bin) and ``scores`` (bin) counts, JSON-ready.
        """
        draws, features, scores = self._smallest()
        return {
            "rows": len(draws),
            "features": _binned(features, training["features"]["edges"]),
            "scores": _counts(scores, training["scores"]["edges"]),
        }

    def _smallest(self) -> tuple[Floats, Floats, Floats]:
        draws, features, scores = (np.concatenate(part) for part in zip(*self._drawn, strict=True))
        if len(draws) > self._limit:
            chosen = np.argpartition(draws, self._limit)[: self._limit]
            draws, features, scores = draws[chosen], features[chosen], scores[chosen]
            self._below = float(draws.max())
        return draws, features, scores


def _sample(dataset: Dataset, moment: np.datetime64) -> npt.NDArray[np.float32]:
    return dataset.sampled(SAMPLE_ROWS, 0, among=dataset.as_of == moment).features


def _edges(values: Floats) -> list[float]:
    """Inner bounds of at most ten bins that hold about equally many of the values."""
    known = values[np.isfinite(values)]
    if not len(known):
        return []
    inner = np.linspace(0, 1, _BINS + 1)[1:-1]
    # Values that are there: bins of a count hold whole numbers, not what lies between them.
    return [float(edge) for edge in np.unique(np.quantile(known, inner, method="higher"))]


def _binned(features: Floats, edges: Sequence[Edges]) -> list[list[int]]:
    return [_counts(column, bounds) for column, bounds in zip(features.T, edges, strict=True)]


def _counts(values: Floats, edges: Edges) -> list[int]:
    """Rows in each bin, a bound belonging to the bin above it; those without a value last."""
    known = np.isfinite(values)
    bins = np.searchsorted(np.asarray(edges, dtype=np.float64), values[known], side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    return [*(int(count) for count in counts), int(np.count_nonzero(~known))]
