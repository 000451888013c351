"""Gradient-boosted trees: the candidate for large or crooked data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from models.candidates import Matrix
from models.dataset import Dataset
from models.odds import Floats

if TYPE_CHECKING:
    from lightgbm import Booster

MAX_ROUNDS = 400
#: Rounds without a better validation loss after which trees are no longer added.
PATIENCE = 30
#: A leaf holds at least this share of the rows, within bounds: fewer rows, fewer accidents.
LEAF_SHARE, MIN_LEAF, MAX_LEAF = 0.004, 20, 200
#: From so many rows on, trees are larger and steps longer; below, caution wins.
LARGE_ROWS = 100_000
#: SHAP values are float64 matrices; taking them in blocks bounds the memory beside the result.
CONTRIBUTION_ROWS = 4096

BOOSTER_FILE = "booster.txt"


def _lightgbm() -> Any:
    # A waiting OpenMP thread that spins takes the core that another process needs.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import lightgbm  # noqa: PLC0415

    return lightgbm


def parameters(rows: int, *, seed: int, threads: int) -> dict[str, Any]:
    """LightGBM's parameters for a number of training rows.

    Parameters
    ----------
    rows
        Training rows.
    seed
        Of row and column sampling.
    threads
        OpenMP threads.
    """
    large = rows >= LARGE_ROWS
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": 0.08 if large else 0.06,
        "num_leaves": 31 if large else 15,
        "min_data_in_leaf": int(np.clip(LEAF_SHARE * rows, MIN_LEAF, MAX_LEAF)),
        "lambda_l2": 10.0,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        # On fewer rows finding the best of 255 bins takes longer than filling them, and finds
        # nothing better.
        "max_bin": 255 if large else 63,
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": large,
        "force_col_wise": not large,
        "num_threads": threads,
        "seed": seed,
        "verbosity": -1,
    }


class Boosted:
    """A LightGBM booster as a candidate.

    Parameters
    ----------
    text
        The booster in LightGBM's own text format.
    threads
        OpenMP threads for predictions.
    """

    name = "boosted"

    def __init__(self, text: str, threads: int = 1) -> None:
        self._text, self._threads = text, threads
        self._booster: Booster = _lightgbm().Booster(model_str=text)

    @property
    def rounds(self) -> int:
        """Number of trees."""
        return int(self._booster.current_iteration())

    def logits(self, features: Matrix) -> Floats:
        """(n,) log odds of (n, f) features."""
        if len(features) == 0:
            return np.empty(0)
        return np.asarray(
            self._booster.predict(features, raw_score=True, num_threads=self._threads)
        )

    def contributions(self, features: Matrix) -> Floats:
        """(n, f) TreeSHAP values (Lundberg and others, 2018); about 1,400 rows a second."""
        out = np.empty(features.shape, dtype=np.float64)
        for start in range(0, len(features), CONTRIBUTION_ROWS):
            block = slice(start, start + CONTRIBUTION_ROWS)
            out[block] = self._shap(features[block])[:, :-1]
        return out

    @cached_property
    def bias(self) -> float:
        """The trees' expected log odds over the training rows."""
        return float(self._shap(np.zeros((1, self._booster.num_feature()), np.float32))[0, -1])

    def to_json(self) -> dict[str, Any]:
        """Name and number of trees; the trees themselves stand in the text file."""
        return {"name": self.name, "rounds": self.rounds, "file": BOOSTER_FILE}

    def files(self) -> Mapping[str, bytes]:
        """The booster's text."""
        return {BOOSTER_FILE: self._text.encode()}

    def __reduce__(self) -> tuple[type[Boosted], tuple[str, int]]:
        return type(self), (self._text, self._threads)

    def _shap(self, features: Matrix) -> Floats:
        return np.asarray(
            self._booster.predict(features, pred_contrib=True, num_threads=self._threads)
        )


@dataclass(frozen=True)
class BoostedTrace:
    """A booster and its validation loss after each round."""

    losses: Floats
    booster: Booster
    threads: int

    def candidate(self, setting: int) -> Boosted | None:
        """The booster cut to ``setting + 1`` rounds: what training that many would have given."""
        if setting >= len(self.losses):
            return None
        return Boosted(self.booster.model_to_string(num_iteration=setting + 1), self.threads)


@dataclass(frozen=True)
class BoostedLearner:
    """How to boost. Setting ``s`` stands for ``s + 1`` rounds.

    Parameters
    ----------
    max_rounds
        Never more trees than this.
    """

    max_rounds: int = MAX_ROUNDS
    name: str = "boosted"

    def trace(
        self, training: Dataset, validation: Dataset, *, seed: int, threads: int
    ) -> BoostedTrace:
        """Boost until the validation loss has not fallen for :data:`PATIENCE` rounds."""
        lightgbm = _lightgbm()
        rows = _rows(training, seed, threads)
        held_out = lightgbm.Dataset(
            validation.features, validation.labels, reference=rows, free_raw_data=True
        )
        history: dict[str, dict[str, list[float]]] = {}
        booster = lightgbm.train(
            parameters(len(training), seed=seed, threads=threads),
            rows,
            num_boost_round=self.max_rounds,
            valid_sets=[held_out],
            valid_names=["validation"],
            callbacks=[
                lightgbm.early_stopping(PATIENCE, verbose=False),
                lightgbm.record_evaluation(history),
            ],
            keep_training_booster=True,
        )
        # LightGBM would otherwise cut the trees at this snapshot's best round; the rounds are
        # chosen over several snapshots.
        rounds = booster.current_iteration()
        text = booster.model_to_string(num_iteration=rounds)
        losses = np.array(history["validation"]["binary_logloss"])
        return BoostedTrace(losses[:rounds], lightgbm.Booster(model_str=text), threads)

    def fit(self, training: Dataset, setting: int, *, seed: int, threads: int) -> Boosted:
        """Boost ``setting + 1`` rounds."""
        booster = _lightgbm().train(
            parameters(len(training), seed=seed, threads=threads),
            _rows(training, seed, threads),
            num_boost_round=setting + 1,
        )
        return Boosted(booster.model_to_string(), threads)

    def describe(self, setting: int) -> dict[str, Any]:
        """The number of rounds."""
        return {"rounds": setting + 1}


def _rows(training: Dataset, seed: int, threads: int) -> Any:
    names = [f"f{number}" for number in range(len(training.feature_names))]
    # LightGBM refuses JSON characters in names; ours stand in model.json.
    return _lightgbm().Dataset(
        training.features,
        training.labels,
        feature_name=names,
        params=parameters(len(training), seed=seed, threads=threads),
        free_raw_data=True,
    )
