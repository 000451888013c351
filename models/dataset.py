"""The matrix that models learn from: one row a user and snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Dataset:
    """Features and outcomes of users at snapshots.

    Parameters
    ----------
    features
        (n, f) float32, C order; NaN is allowed and means unknown.
    labels
        (n,) bool, whether the outcome came true in ``[as_of, as_of + window)``.
    as_of
        (n,) datetime64[us], the snapshot of each row.
    users
        (n,) int64, the same code for the same user in every snapshot.
    feature_names
        f distinct names.
    window
        Length of the outcome window.

    Raises
    ------
    ValueError
        When shapes or types do not fit together.

    Examples
    --------
    >>> dataset = Dataset(
    ...     np.zeros((2, 1), np.float32),
    ...     np.array([True, False]),
    ...     np.array(["2025-01-01", "2025-02-01"], "datetime64[us]"),
    ...     np.array([7, 7]),
    ...     ("recency_days",),
    ...     np.timedelta64(28, "D"),
    ... )
    >>> len(dataset.matured_by(np.datetime64("2025-02-01")))
    1
    """

    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.bool_]
    as_of: npt.NDArray[np.datetime64]
    users: npt.NDArray[np.int64]
    feature_names: tuple[str, ...]
    window: np.timedelta64

    def __post_init__(self) -> None:
        n = len(self.labels)
        if self.features.dtype != np.float32 or self.features.ndim != 2:
            raise ValueError(
                f"features is {self.features.dtype} with {self.features.ndim} dimensions; "
                "allowed: float32 with 2."
            )
        if not self.features.flags.c_contiguous:
            raise ValueError("features is not in C order; allowed: np.ascontiguousarray(features).")
        if self.labels.dtype != np.bool_:
            raise ValueError(f"labels is {self.labels.dtype}; allowed: bool.")
        lengths = {len(self.features), n, len(self.as_of), len(self.users)}
        if lengths != {n}:
            raise ValueError(
                f"features, labels, as_of and users have {sorted(lengths)} rows; "
                "allowed: the same number."
            )
        if len(self.feature_names) != self.features.shape[1]:
            raise ValueError(
                f"feature_names has {len(self.feature_names)} names for "
                f"{self.features.shape[1]} columns; allowed: one a column."
            )
        if len(set(self.feature_names)) != len(self.feature_names):
            raise ValueError("feature_names repeats a name; allowed: distinct names.")

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, chosen: npt.NDArray[Any]) -> Dataset:
        """The rows of a mask, or at given positions, in that order.

        Parameters
        ----------
        chosen
            (n,) bool mask, or positions as integers.
        """
        return replace(
            self,
            features=np.ascontiguousarray(self.features[chosen]),
            labels=self.labels[chosen],
            as_of=self.as_of[chosen],
            users=self.users[chosen],
        )

    def matured_by(self, moment: np.datetime64) -> Dataset:
        """The rows whose outcome was known at ``moment``: ``as_of + window <= moment``."""
        return self.rows(self.as_of + self.window <= moment)

    def at(self, moment: np.datetime64) -> Dataset:
        """The rows of one snapshot."""
        return self.rows(self.as_of == moment)

    def moments(self) -> npt.NDArray[np.datetime64]:
        """The snapshots, sorted, each once."""
        return np.unique(self.as_of)

    def sampled(self, limit: int, seed: int, among: npt.NDArray[np.bool_] | None = None) -> Dataset:
        """At most ``limit`` rows, drawn without replacement, in their old order.

        Parameters
        ----------
        limit
            Most rows to draw.
        seed
            The same seed and rows draw the same.
        among
            (n,) mask of the rows to draw from; none, all. Only what is drawn is copied.
        """
        if among is None and len(self) <= limit:
            return self
        positions = np.arange(len(self)) if among is None else np.flatnonzero(among)
        if len(positions) > limit:
            drawn = np.random.default_rng(seed).choice(len(positions), limit, replace=False)
            positions = positions[np.sort(drawn)]
        return self.rows(positions)

    def both_classes(self, least: int) -> bool:
        """Whether there are at least ``least`` positive and ``least`` negative rows."""
        positives = int(np.count_nonzero(self.labels))
        return least <= positives <= len(self) - least
