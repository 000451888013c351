"""Somebody's own scikit-learn-compatible classifier as a candidate.

Kept with skops: a file that is read back holds only types of libraries listed here and of the
recipe's own source, which is kept beside it; anything else is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from models.candidates import Matrix
from models.dataset import Dataset
from models.odds import Floats, clipped, logit, logit_loss
from models.own_code import own_module

RECIPE_FILE = "recipe.py"
#: Libraries whose types may stand in a model file.
TRUSTED = ("sklearn", "numpy", "scipy", "lightgbm", "collections")
#: Rows that typical values are taken from.
TYPICAL_ROWS = 60_000
#: Rows handed to the estimator at a time when contributions are computed.
STEP_ROWS = 65_536
_ORDER_SEED = 0


class EstimatorFailed(ValueError):
    """An own classifier raised something, or gave something that is no probability."""


@contextmanager
def _failures_of(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise EstimatorFailed(f"{name}: {type(error).__name__}: {error}") from error


class OwnEstimator:
    """A fitted classifier of a recipe.

    Parameters
    ----------
    name
        The name the recipe gives it.
    estimator
        Fitted; its classes hold True.
    typical
        (f,) float32, the median of each column in training; NaN where most are unknown.
    source
        The recipe's source.
    """

    def __init__(self, name: str, estimator: Any, typical: Matrix, source: str) -> None:
        self._name, self._estimator = name, estimator
        self._typical, self._source = typical, source
        self._positive = list(estimator.classes_).index(True)

    @property
    def name(self) -> str:
        """The name the recipe gives it."""
        return self._name

    @cached_property
    def bias(self) -> float:
        """Log odds of the row of typical values."""
        return float(self.logits(self._typical[None, :])[0])

    def logits(self, features: Matrix) -> Floats:
        """(n,) log odds of (n, f) features; probabilities are clipped to [1e-6, 1 − 1e-6].

        Raises
        ------
        EstimatorFailed
            When the classifier raises something, or gives something that is no probability.
        """
        if len(features) == 0:
            return np.empty(0)
        with _failures_of(self._name):
            probabilities = np.asarray(self._estimator.predict_proba(features), dtype=np.float64)
            positive = probabilities[:, self._positive]
        if not np.all((positive >= 0) & (positive <= 1)):
            raise EstimatorFailed(
                f"{self._name} gave probabilities like {positive.min()}; "
                "allowed: numbers from 0 to 1."
            )
        return logit(clipped(positive))

    def contributions(self, features: Matrix) -> Floats:
        """(n, f) what each feature adds on the way from the typical row to this one.

        Notes
        -----
        Shapley values by permutation sampling (Štrumbelj and Kononenko, Explaining prediction
        models and individual predictions with feature contributions, 2014) with a single
        background row and one antithetic pair of orders (Mitchell and others, Sampling
        permutations for Shapley value estimation, 2022): columns are set one after the other,
        in one order and in its reverse, and each gets the mean change. However few the orders,
        a row adds up to its log odds exactly. Costs 2·(f + 1) predictions a row.
        """
        out = np.empty(features.shape)
        width = features.shape[1]
        order = np.random.default_rng(_ORDER_SEED).permutation(width)
        size = max(1, STEP_ROWS // (width + 1))
        for start in range(0, len(features), size):
            block = slice(start, start + size)
            out[block] = (
                self._changes(features[block], order) + self._changes(features[block], order[::-1])
            ) / 2
        return out

    def to_json(self) -> dict[str, Any]:
        """Where the classifier stands, the types in it, and the typical row."""
        return {
            "name": self._name,
            "estimator": self._file,
            "types": _foreign_types(self._name, self._dumped, self._source),
            "typical": [None if np.isnan(one) else float(one) for one in self._typical],
        }

    def files(self) -> Mapping[str, bytes]:
        """The classifier, and the recipe that its own classes come from."""
        return {self._file: self._dumped, RECIPE_FILE: self._source.encode()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any], files: Mapping[str, bytes]) -> Self:
        """The inverse of :meth:`to_json` and :meth:`files`.

        Raises
        ------
        ValueError
            When the file holds types that are not trusted.
        """
        from skops.io import loads  # noqa: PLC0415

        name, source = document["name"], files[RECIPE_FILE].decode()
        dumped = files[document["estimator"]]
        types = _foreign_types(name, dumped, source)
        typical = [np.nan if one is None else one for one in document["typical"]]
        return cls(name, loads(dumped, trusted=types), np.array(typical, np.float32), source)

    @property
    def _file(self) -> str:
        return f"{self._name}.skops"

    @cached_property
    def _dumped(self) -> bytes:
        from skops.io import dumps  # noqa: PLC0415

        dumped: bytes = dumps(self._estimator)
        return dumped

    def _changes(self, rows: Matrix, order: Any) -> Floats:
        """(n, f) how the log odds change when columns are set in an order."""
        n, width = rows.shape
        place = np.empty(width, dtype=np.intp)
        place[order] = np.arange(width)
        # Step k has the first k columns of the order from the row, the others typical.
        given = place[None, :] < np.arange(width + 1)[:, None]
        steps = np.where(given, rows[:, None, :], self._typical).reshape(-1, width)
        path = self.logits(np.ascontiguousarray(steps)).reshape(n, width + 1)
        return np.diff(path, axis=1)[:, place]


@dataclass(frozen=True)
class EstimatorTrace:
    """One fitted classifier and its validation loss."""

    losses: Floats
    fitted: OwnEstimator

    def candidate(self, setting: int) -> OwnEstimator:  # noqa: ARG002  (there is only one)
        """The classifier."""
        return self.fitted


@dataclass(frozen=True)
class EstimatorLearner:
    """How to fit an own classifier. It has one setting: as the recipe says.

    Parameters
    ----------
    name
        As reports show it; also the stem of its file.
    estimator
        A scikit-learn-compatible classifier with ``predict_proba``, not fitted. It is given
        (n, f) float32 with NaN for unknown values, and bool labels.
    source
        The recipe's source.
    """

    name: str
    estimator: Any
    source: str

    def trace(
        self, training: Dataset, validation: Dataset, *, seed: int, threads: int
    ) -> EstimatorTrace:
        """Fit, and measure on the validation rows."""
        fitted = self.fit(training, 0, seed=seed, threads=threads)
        loss = logit_loss(validation.labels, fitted.logits(validation.features))
        return EstimatorTrace(np.array([loss]), fitted)

    def fit(
        self,
        training: Dataset,
        setting: int,  # noqa: ARG002  (there is only one)
        *,
        seed: int,
        threads: int,
    ) -> OwnEstimator:
        """Fit a copy; wherever it leaves its random state open, the seed fills it.

        Raises
        ------
        EstimatorFailed
            When the classifier raises something.
        """
        from threadpoolctl import (  # type: ignore[import-untyped]  # noqa: PLC0415
            threadpool_limits,
        )

        estimator = _seeded(self.estimator, seed)
        with threadpool_limits(threads), _failures_of(self.name):
            estimator.fit(training.features, training.labels)
        typical = _typical(training.sampled(TYPICAL_ROWS, seed).features)
        return OwnEstimator(self.name, estimator, typical, self.source)

    def describe(self, setting: int) -> dict[str, Any]:  # noqa: ARG002  (there is only one)
        """The classifier's class."""
        return {"estimator": type(self.estimator).__name__}

    def check(self) -> None:
        """Refuse, before anything is fitted, a classifier that could not be read back.

        Raises
        ------
        ValueError
            Naming the types that are not trusted.
        """
        from skops.io import dumps  # noqa: PLC0415

        _foreign_types(self.name, dumps(self.estimator), self.source)


def _foreign_types(name: str, dumped: bytes, source: str) -> list[str]:
    """The types that skops asks about, if all of them may be trusted."""
    from skops.io import get_untrusted_types  # noqa: PLC0415

    allowed = (*TRUSTED, own_module(source).__name__)
    types: list[str] = get_untrusted_types(data=dumped)
    refused = [one for one in types if one.partition(".")[0] not in allowed]
    if refused:
        raise ValueError(
            f"estimator {name!r} holds {', '.join(refused)}; allowed: types of "
            f"{', '.join(TRUSTED[:-1])} and of the recipe itself."
        )
    return types


def _seeded(estimator: Any, seed: int) -> Any:
    from sklearn.base import clone  # noqa: PLC0415

    copy = clone(estimator)
    open_states = {
        name: seed
        for name, value in copy.get_params().items()
        if (name == "random_state" or name.endswith("__random_state")) and value is None
    }
    return copy.set_params(**open_states)


def _typical(features: Matrix) -> Matrix:
    typical = np.full(features.shape[1], np.nan, dtype=np.float32)
    known = np.isfinite(features)
    mostly = known.mean(axis=0) >= 0.5
    values = np.where(known[:, mostly], features[:, mostly], np.nan)
    typical[mostly] = np.nanmedian(values, axis=0)
    return typical
