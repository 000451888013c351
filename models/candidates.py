"""What a candidate must be able to do, before and after it is fitted.

A *learner* says how to fit; it has one thing that validation decides (the number of rounds, the
strength of a penalty), its *setting*. A *trace* is a learner fitted for a whole range of settings
at once, with the loss of each on validation rows. A *candidate* is the fitted estimator of one
setting: pure arithmetic from features to log odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from models.dataset import Dataset
from models.odds import Floats

Matrix = npt.NDArray[np.float32]


class Candidate(Protocol):
    """A fitted estimator of the log odds of the outcome."""

    @property
    def name(self) -> str:
        """The learner's name."""

    @property
    def bias(self) -> float:
        """The log odds of a row whose contributions are all nought."""

    def logits(self, features: Matrix) -> Floats:
        """(n,) log odds of (n, f) features."""

    def contributions(self, features: Matrix) -> Floats:
        """(n, f) what each feature adds; a row's sum plus ``bias`` is its logit."""

    def to_json(self) -> dict[str, Any]:
        """Everything but the contents of :meth:`files`, as JSON-ready values."""

    def files(self) -> Mapping[str, bytes]:
        """Files to keep beside the JSON, by name."""


class Trace(Protocol):
    """A learner fitted on some rows for a range of settings."""

    @property
    def losses(self) -> Floats:
        """Mean log loss on the validation rows, by setting."""

    def candidate(self, setting: int) -> Candidate | None:
        """The candidate of one setting, or None when the trace stopped before it."""


class Learner(Protocol):
    """How to fit one kind of candidate."""

    @property
    def name(self) -> str:
        """Short name, as reports show it."""

    def trace(self, training: Dataset, validation: Dataset, *, seed: int, threads: int) -> Trace:
        """Fit for every setting that is worth trying; validation rows only measure."""

    def fit(self, training: Dataset, setting: int, *, seed: int, threads: int) -> Candidate:
        """Fit for one setting."""

    def describe(self, setting: int) -> dict[str, Any]:
        """The setting in words that a report can show, for example ``{"rounds": 120}``."""
