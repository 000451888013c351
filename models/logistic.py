"""Regularised logistic regression on log features: the candidate for small data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.candidates import Matrix
from models.dataset import Dataset
from models.odds import Floats, logit, logit_loss

#: Inverse strengths of the ridge penalty to choose from: with standardised columns each is the
#: prior variance of a coefficient.
PENALTIES = (0.001, 0.01, 0.1, 1.0)
#: A hundred coefficients learn nothing more from further rows.
MAX_ROWS = 60_000
#: Rows whose logarithms stay in the processor's cache.
BLOCK_ROWS = 2048
#: Beyond so many standard deviations from the mean a straight line is not to be trusted.
CLIP_DEVIATIONS = 6.0
#: Largest slope of the mean loss at which a fit ends: a hundredth of it takes another Newton
#: step for each penalty and changes the quality of a test in no digit shown.
_TOLERANCE = 1e-4


def log_features(features: Matrix) -> Matrix:
    """``sign(x) · log(1 + |x|)``: counts, amounts and days on one readable scale."""
    size = np.abs(features)
    size += 1.0
    np.log(size, out=size)
    return np.copysign(size, features, out=size)


@dataclass(frozen=True)
class Columns:
    """How raw columns become standardised ones; learnt from the training rows.

    Parameters
    ----------
    indices
        (k,) int, positions of the columns among all features.
    typical
        (k,) median of the known log values, which stands for an unknown one.
    low, high
        (k,) bounds that log values are clipped to, so that infinities stay finite.
    mean, scale
        (k,) of the clipped values.
    flagged
        (m,) int, positions among the k columns that have unknown values; each gets a flag.
    flag_mean, flag_scale
        (m,) of the flags.
    """

    indices: npt.NDArray[np.intp]
    typical: Matrix
    low: Matrix
    high: Matrix
    mean: Floats
    scale: Floats
    flagged: npt.NDArray[np.intp]
    flag_mean: Floats
    flag_scale: Floats

    @classmethod
    def learn(cls, features: Matrix, indices: npt.NDArray[np.intp]) -> Columns:
        """Medians, bounds, means and spreads of the training rows."""
        values = log_features(np.ascontiguousarray(features[:, indices]))
        values[~np.isfinite(values)] = np.nan
        unknown = np.isnan(values)
        known = ~unknown.all(axis=0)
        typical = np.zeros(len(indices), np.float32)
        typical[known] = np.nanmedian(values[:, known], axis=0)
        np.copyto(values, typical, where=unknown)
        mean = values.mean(axis=0, dtype=np.float64)
        spread = values.std(axis=0, dtype=np.float64)
        low = np.maximum(values.min(axis=0), mean - CLIP_DEVIATIONS * spread)
        high = np.minimum(values.max(axis=0), mean + CLIP_DEVIATIONS * spread)
        share = unknown.mean(axis=0)
        flagged = np.flatnonzero((share > 0) & (share < 1))
        flag_mean = share[flagged]
        return cls(
            indices,
            typical,
            low.astype(np.float32),
            high.astype(np.float32),
            mean,
            # A constant column stays nought, whatever its spread is divided by.
            np.where(spread > 1e-6 * np.maximum(1.0, np.abs(mean)), spread, np.inf),
            flagged,
            flag_mean,
            np.sqrt(flag_mean * (1 - flag_mean)),
        )

    def prepared(self, features: Matrix) -> tuple[Matrix, npt.NDArray[np.bool_]]:
        """Clipped log values (n, k) without unknowns, and which were unknown (n, k)."""
        values = log_features(np.ascontiguousarray(features[:, self.indices]))
        unknown = np.isnan(values)
        np.copyto(values, self.typical, where=unknown)
        np.clip(values, self.low, self.high, out=values)
        return values, unknown

    def standardised(self, features: Matrix) -> Floats:
        """(n, k + m) columns of mean 0 and spread 1, values first, then flags."""
        values, unknown = self.prepared(features)
        flags = (unknown[:, self.flagged] - self.flag_mean) / self.flag_scale
        return np.hstack([(values - self.mean) / self.scale, flags])


class Logistic:
    """A fitted logistic regression: ``bias + Σ slope·(value − mean) + Σ flag_slope·(flag − mean)``.

    Parameters
    ----------
    name
        The learner's name.
    columns
        How raw columns are prepared.
    bias
        Log odds of the average row.
    slopes
        (k + m,) coefficients of the standardised columns and flags.
    feature_count
        f, the number of all features.
    """

    def __init__(
        self, name: str, columns: Columns, bias: float, slopes: Floats, feature_count: int
    ) -> None:
        self._name, self._bias, self._feature_count = name, bias, feature_count
        self._columns, self._slopes = columns, slopes
        k = len(columns.indices)
        self._value_slopes = slopes[:k] / columns.scale
        self._flag_slopes = np.zeros(k)
        self._flag_slopes[columns.flagged] = slopes[k:] / columns.flag_scale
        self._flag_mean = np.zeros(k)
        self._flag_mean[columns.flagged] = columns.flag_mean
        self._offset = (
            bias - columns.mean @ self._value_slopes - self._flag_mean @ self._flag_slopes
        )

    @property
    def name(self) -> str:
        """The learner's name."""
        return self._name

    @property
    def bias(self) -> float:
        """Log odds of the average training row."""
        return self._bias

    def logits(self, features: Matrix) -> Floats:
        """(n,) log odds of (n, f) features."""
        out = np.empty(len(features))
        for start in range(0, len(features), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            values, unknown = self._columns.prepared(features[block])
            out[block] = values @ self._value_slopes + unknown @ self._flag_slopes
        out += self._offset
        return out

    def contributions(self, features: Matrix) -> Floats:
        """(n, f) slope times distance from the average row; a flag counts for its feature."""
        values, unknown = self._columns.prepared(features)
        own = (values - self._columns.mean) * self._value_slopes
        own += (unknown - self._flag_mean) * self._flag_slopes
        out = np.zeros((len(features), self._feature_count))
        out[:, self._columns.indices] = own
        return out

    def to_json(self) -> dict[str, Any]:
        """All coefficients and what prepares the columns."""
        columns = {
            field.name: _json_list(getattr(self._columns, field.name)) for field in fields(Columns)
        }
        return {
            "name": self._name,
            "bias": self._bias,
            "slopes": self._slopes.tolist(),
            "feature_count": self._feature_count,
            "columns": columns,
        }

    def files(self) -> Mapping[str, bytes]:
        """None: the JSON holds everything."""
        return {}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        kinds: dict[str, type] = {"indices": np.intp, "flagged": np.intp}
        kinds |= dict.fromkeys(("typical", "low", "high"), np.float32)
        arrays: dict[str, Any] = {
            name: np.array(_from_json_list(values), dtype=kinds.get(name, np.float64))
            for name, values in document["columns"].items()
        }
        return cls(
            document["name"],
            Columns(**arrays),
            float(document["bias"]),
            np.array(document["slopes"], dtype=np.float64),
            int(document["feature_count"]),
        )


@dataclass(frozen=True)
class LogisticTrace:
    """One fitted regression and its validation loss for each penalty."""

    losses: Floats
    candidates: tuple[Logistic, ...]

    def candidate(self, setting: int) -> Logistic:
        """The regression with penalty number ``setting``."""
        return self.candidates[setting]


@dataclass(frozen=True)
class LogisticLearner:
    """How to fit a regression. Setting ``s`` stands for ``PENALTIES[s]``.

    Parameters
    ----------
    name
        As reports show it.
    prefixes
        Use only the features whose names begin so; None for all.
    """

    name: str = "logistic"
    prefixes: tuple[str, ...] | None = None

    def trace(
        self, training: Dataset, validation: Dataset, *, seed: int, threads: int
    ) -> LogisticTrace:
        """Fit with every penalty."""
        fitted = tuple(self._fit(training, range(len(PENALTIES)), seed, threads))
        losses = [logit_loss(validation.labels, one.logits(validation.features)) for one in fitted]
        return LogisticTrace(np.array(losses), fitted)

    def fit(self, training: Dataset, setting: int, *, seed: int, threads: int) -> Logistic:
        """Fit with one penalty."""
        return self._fit(training, [setting], seed, threads)[0]

    def describe(self, setting: int) -> dict[str, Any]:
        """The inverse strength of the penalty."""
        return {"inverse_penalty": PENALTIES[setting]}

    def _fit(
        self, training: Dataset, settings: Sequence[int], seed: int, threads: int
    ) -> list[Logistic]:
        rows = training.sampled(MAX_ROWS, seed)
        columns = Columns.learn(rows.features, self._indices(rows.feature_names))
        matrix = columns.standardised(rows.features)
        return [
            Logistic(self.name, columns, bias, slopes, len(rows.feature_names))
            for bias, slopes in _ridge_path(
                matrix, rows.labels, [PENALTIES[setting] for setting in settings], threads
            )
        ]

    def _indices(self, names: Sequence[str]) -> npt.NDArray[np.intp]:
        chosen = [
            index
            for index, name in enumerate(names)
            if self.prefixes is None or name.startswith(self.prefixes)
        ]
        return np.array(chosen, dtype=np.intp)


def _ridge_path(
    matrix: Floats, labels: npt.NDArray[np.bool_], inverse_penalties: Sequence[float], threads: int
) -> list[tuple[float, Floats]]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from threadpoolctl import (  # type: ignore[import-untyped]  # noqa: PLC0415
        threadpool_limits,
    )

    if matrix.shape[1] == 0:
        return [(float(logit(labels.mean())), np.empty(0))] * len(inverse_penalties)
    path = []
    model = LogisticRegression(
        solver="newton-cholesky", tol=_TOLERANCE, max_iter=100, warm_start=True
    )
    with threadpool_limits(threads):
        for inverse in inverse_penalties:
            model.set_params(C=inverse).fit(matrix, labels)
            path.append((float(model.intercept_[0]), model.coef_[0].copy()))
    return path


def _json_list(values: npt.NDArray[Any]) -> list[Any]:
    # JSON has no infinity; a constant column's scale is written as null.
    return [None if value == np.inf else value for value in values.tolist()]


def _from_json_list(values: Sequence[Any]) -> list[Any]:
    return [np.inf if value is None else value for value in values]
