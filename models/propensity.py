"""The deployed model: candidates, their weights, a calibrator and the score scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.boosted import BOOSTER_FILE, Boosted
from models.calibration import Calibrator
from models.candidates import Candidate, Matrix
from models.estimator import OwnEstimator
from models.files import read_model, write_model
from models.habit import ACTIVITY, Habit
from models.logistic import Logistic
from models.odds import Floats, clipped, sigmoid
from models.scale import checked_base_rate, scores_from_probabilities

#: Rows predicted at a time: what lies between the candidates stays small at any size.
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class PropensityModel:
    """Probabilities, scores and reasons from features.

    Parameters
    ----------
    candidates
        Fitted candidates, those of weight 0 left out.
    weights
        One above 0 for each candidate.
    calibrator
        From the weighted log odds to calibrated ones.
    base_rate
        Share of positives π in the backtest; the score 50.
    feature_names
        The columns of a feature matrix, in order.

    Raises
    ------
    ValueError
        When the parts do not fit together.
    """

    candidates: tuple[Candidate, ...]
    weights: tuple[float, ...]
    calibrator: Calibrator
    base_rate: float
    feature_names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.candidates or len(self.candidates) != len(self.weights):
            raise ValueError(
                f"weights has {len(self.weights)} numbers for {len(self.candidates)} candidates; "
                "allowed: one for each, and at least one."
            )
        if not all(0 < weight < np.inf for weight in self.weights):
            raise ValueError(f"weights is {self.weights}; allowed: finite and above 0.")
        checked_base_rate(self.base_rate)

    def blended(self, features: Matrix) -> Floats:
        """(n,) weighted log odds before calibration: what the contributions add up to."""
        matrix = self._checked(features)
        total = np.zeros(len(matrix))
        for candidate, weight in zip(self.candidates, self.weights, strict=True):
            total += weight * candidate.logits(matrix)
        return total

    def probabilities(self, features: Matrix) -> Floats:
        """Calibrated probabilities in [1e-6, 1 − 1e-6].

        Parameters
        ----------
        features
            (n, f) float32 in C order; NaN means unknown.
        """
        matrix = self._checked(features)
        out = np.empty(len(matrix))
        for start in range(0, len(matrix), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            out[block] = clipped(sigmoid(self.calibrator.logits(self.blended(matrix[block]))))
        return out

    def scores(self, features: Matrix) -> Floats:
        """(n,) scores on 0-100, rounded to 0.01; see :mod:`models.scale`."""
        return scores_from_probabilities(self.probabilities(features), self.base_rate)

    @property
    def bias(self) -> float:
        """The blended log odds of a row whose contributions are all nought."""
        return sum(
            weight * candidate.bias
            for candidate, weight in zip(self.candidates, self.weights, strict=True)
        )

    def contributions(self, features: Matrix) -> Floats:
        """What each feature adds to the blended log odds.

        Parameters
        ----------
        features
            (n, f) float32 in C order.

        Returns
        -------
        numpy.ndarray
            (n, f) float64; a row's sum plus :attr:`bias` is its :meth:`blended` value, which the
            calibrator turns into the probability without changing any order.
        """
        matrix = self._checked(features)
        total = np.zeros(matrix.shape)
        for candidate, weight in zip(self.candidates, self.weights, strict=True):
            total += weight * candidate.contributions(matrix)
        return total

    def to_json(self) -> dict[str, Any]:
        """Everything but the candidates' files."""
        return {
            "feature_names": list(self.feature_names),
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "weights": list(self.weights),
            "calibrator": self.calibrator.to_json(),
            "base_rate": self.base_rate,
        }

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and the files of the candidates.

        ``booster.txt`` of the trees, a ``.skops`` file of each own classifier and the
        ``recipe.py`` that those come from. A reader finds the model of before or this one;
        saving again over it is harmless.
        """
        files = {name: content for one in self.candidates for name, content in one.files().items()}
        write_model(folder, self.to_json(), files)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> PropensityModel:
        """Read what :meth:`save` wrote; nothing is unpickled.

        Parameters
        ----------
        folder
            Where the model stands.
        threads
            Threads for the trees' predictions.

        Raises
        ------
        ValueError
            When the files are not a whole model, of a newer format, or hold types that are not
            trusted.
        FileNotFoundError
            When there is no model.
        """
        document, files = read_model(folder)
        return cls(
            tuple(_candidate(one, files, threads) for one in document["candidates"]),
            tuple(map(float, document["weights"])),
            Calibrator.from_json(document["calibrator"]),
            float(document["base_rate"]),
            tuple(document["feature_names"]),
        )

    def _checked(self, features: npt.NDArray[Any]) -> Matrix:
        if features.ndim != 2 or features.shape[1] != len(self.feature_names):
            raise ValueError(
                f"features has shape {features.shape}; allowed: (rows, {len(self.feature_names)})."
            )
        return np.ascontiguousarray(features, dtype=np.float32)


def blended_model(
    candidates: Sequence[Candidate],
    weights: Sequence[float],
    calibrator: Calibrator,
    base_rate: float,
    feature_names: Sequence[str],
) -> PropensityModel:
    """A model of the candidates whose weight is above 0; the others are dropped."""
    kept = [(one, float(w)) for one, w in zip(candidates, weights, strict=True) if w > 0]
    return PropensityModel(
        tuple(one for one, _ in kept),
        tuple(weight for _, weight in kept),
        calibrator,
        base_rate,
        tuple(feature_names),
    )


def _candidate(document: Mapping[str, Any], files: Mapping[str, bytes], threads: int) -> Candidate:
    if document.get("file") == BOOSTER_FILE:
        return Boosted(files[BOOSTER_FILE].decode(), threads)
    if "estimator" in document:
        return OwnEstimator.from_json(document, files)
    return Habit.from_json(document) if ACTIVITY in document else Logistic.from_json(document)
