"""Regression on recency, frequency, money and what a buy-till-you-die model makes of them.

The log odds of BG/NBD that a customer does anything at all in the window are one more column of the
regression: recency against the customer's own rhythm, in the one shape that theory gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.activity import Activity, fit_activity
from models.candidates import Candidate, Matrix, Trace
from models.dataset import Dataset
from models.logistic import Logistic, LogisticLearner
from models.odds import Floats

#: Columns of one event's history: how often, days since the first, days since the last.
HistoryColumns = tuple[str, str, str]
#: Four numbers learn nothing more from further rows, and nothing at all from a few.
MOST_ROWS, LEAST_ROWS = 12_000, 100
#: Rows at a time, so that what lies between stays small.
BLOCK_ROWS = 8192
#: The column that activity becomes among those of the regression.
ACTIVITY = "activity"


class Habit:
    """A fitted regression on chosen columns and on the log odds of activity.

    Parameters
    ----------
    regression
        On the chosen columns, the log odds of activity the last of them.
    activity
        How those log odds come from a history.
    indices
        (k,) int, positions of the chosen columns among all features.
    history
        (3,) int, positions among the chosen columns of count, days since the first and days since
        the last.
    typical
        (3,) of the same, what contributions are measured from.
    feature_count
        f, the number of all features.
    """

    def __init__(
        self,
        regression: Logistic,
        activity: Activity,
        indices: npt.NDArray[np.intp],
        history: npt.NDArray[np.intp],
        typical: Floats,
        feature_count: int,
    ) -> None:
        self._regression, self._activity = regression, activity
        self._indices, self._history = indices, history
        self._typical, self._feature_count = typical, feature_count

    @property
    def name(self) -> str:
        """The learner's name."""
        return self._regression.name

    @property
    def bias(self) -> float:
        """Log odds of the average row, its history a typical one."""
        return self._regression.bias + float(self._slope_of(self._typical[None, :])[0])

    def logits(self, features: Matrix) -> Floats:
        """(n,) log odds of (n, f) features."""
        out = np.empty(len(features))
        for start in range(0, len(features), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            out[block] = self._regression.logits(self._widened(features[block]))
        return out

    def contributions(self, features: Matrix) -> Floats:
        """(n, f) what each feature adds; what activity adds is shared by the three it comes from.

        Notes
        -----
        Shapley values over the three columns, exact, against the typical history: each is the mean
        over all orders of what setting its column to the row's own value changes.
        """
        chosen = np.ascontiguousarray(features[:, self._indices])
        own = self._regression.contributions(self._widened(features))[:, :-1]
        own[:, self._history] += self._shared(chosen[:, self._history].astype(np.float64))
        out = np.zeros((len(features), self._feature_count))
        out[:, self._indices] = own
        return out

    def to_json(self) -> dict[str, Any]:
        """All that is needed to make it again."""
        return {
            "name": self.name,
            "feature_count": self._feature_count,
            ACTIVITY: self._activity.to_json(),
            "indices": self._indices.tolist(),
            "history": self._history.tolist(),
            "typical": self._typical.tolist(),
            "regression": self._regression.to_json(),
        }

    def files(self) -> Mapping[str, bytes]:
        """None: the JSON holds everything."""
        return {}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(
            Logistic.from_json(document["regression"]),
            Activity.from_json(document[ACTIVITY]),
            np.array(document["indices"], dtype=np.intp),
            np.array(document["history"], dtype=np.intp),
            np.array(document["typical"], dtype=np.float64),
            int(document["feature_count"]),
        )

    def _widened(self, features: Matrix) -> Matrix:
        return _widened(features, self._indices, self._history, self._activity)

    def _slope_of(self, history: Floats) -> Floats:
        """(n,) what the regression makes of the activity of (n, 3) histories."""
        row = np.full((len(history), len(self._indices) + 1), np.nan, np.float32)
        row[:, -1] = _column(self._activity, history)
        return self._regression.contributions(row)[:, -1]

    def _shared(self, history: Floats) -> Floats:
        """(n, 3) Shapley values of the three columns behind the activity."""
        worth = {}
        for chosen in _subsets(range(3)):
            mixed = np.tile(self._typical, (len(history), 1))
            mixed[:, chosen] = history[:, chosen]
            worth[chosen] = self._slope_of(mixed)
        shares = np.zeros(history.shape)
        for column in range(3):
            for before in _subsets(other for other in range(3) if other != column):
                # Of the six orders of three columns: two begin or end with this one, one each
                # has it between two given others.
                orders = 1 if len(before) == 1 else 2
                after = tuple(sorted((*before, column)))
                shares[:, column] += orders / 6 * (worth[after] - worth[before])
        return shares


@dataclass(frozen=True)
class HabitTrace:
    """Regressions on widened columns, and what widens them."""

    widened: Trace
    learner: HabitLearner
    names: tuple[str, ...]
    activity: Activity
    typical: Floats

    @property
    def losses(self) -> Floats:
        """Mean log loss on the validation rows, by penalty."""
        return self.widened.losses

    def candidate(self, setting: int) -> Habit:
        """The regression with penalty number ``setting``."""
        regression = self.widened.candidate(setting)
        assert isinstance(regression, Logistic)
        return self.learner.joined(regression, self.activity, self.typical, self.names)


@dataclass(frozen=True)
class HabitLearner:
    """How to fit a regression with activity. Settings are those of the plain regression.

    Where too few rows have a history to learn activity from, it is the plain regression.

    Parameters
    ----------
    name
        As reports show it.
    prefixes
        Use the features whose names begin so.
    history
        The columns behind the activity; their names begin so too.
    """

    name: str
    prefixes: tuple[str, ...]
    history: HistoryColumns

    @property
    def plain(self) -> LogisticLearner:
        """The regression without activity."""
        return LogisticLearner(self.name, self.prefixes)

    def trace(self, training: Dataset, validation: Dataset, *, seed: int, threads: int) -> Trace:
        """Fit with every penalty."""
        learnt = self._activity(training, seed)
        if learnt is None:
            return self.plain.trace(training, validation, seed=seed, threads=threads)
        activity, typical = learnt
        traced = LogisticLearner(self.name).trace(
            self._wider(training, activity),
            self._wider(validation, activity),
            seed=seed,
            threads=threads,
        )
        return HabitTrace(traced, self, training.feature_names, activity, typical)

    def fit(self, training: Dataset, setting: int, *, seed: int, threads: int) -> Candidate:
        """Fit with one penalty."""
        learnt = self._activity(training, seed)
        if learnt is None:
            return self.plain.fit(training, setting, seed=seed, threads=threads)
        activity, typical = learnt
        regression = LogisticLearner(self.name).fit(
            self._wider(training, activity), setting, seed=seed, threads=threads
        )
        return self.joined(regression, activity, typical, training.feature_names)

    def describe(self, setting: int) -> dict[str, Any]:
        """The inverse strength of the penalty."""
        return self.plain.describe(setting)

    def joined(
        self, regression: Logistic, activity: Activity, typical: Floats, names: Sequence[str]
    ) -> Habit:
        """The candidate of a regression on columns widened by an activity."""
        indices, history = self._places(names)
        return Habit(regression, activity, indices, history, typical, len(names))

    def _activity(self, training: Dataset, seed: int) -> tuple[Activity, Floats] | None:
        """Activity fitted to the outcomes, and the typical history; None where there is none."""
        if not set(self.history) <= set(training.feature_names):
            return None
        rows = training.sampled(MOST_ROWS, seed)
        history = rows.features[:, [rows.feature_names.index(name) for name in self.history]]
        known = np.isfinite(history).all(axis=1)
        past, labels = history[known].astype(np.float64), rows.labels[known]
        if min(np.count_nonzero(labels), np.count_nonzero(~labels)) < LEAST_ROWS:
            return None
        # An outcome may be that something is done, or that it is not: who does it often tells.
        often = np.log1p(past[:, 0])
        active = labels if often[labels].mean() > often[~labels].mean() else ~labels
        window_days = float(rows.window / np.timedelta64(1, "D"))
        return fit_activity(past, active, window_days), np.median(past, axis=0)

    def _places(self, names: Sequence[str]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Positions of the chosen columns among all, and of the history among the chosen."""
        chosen = [index for index, name in enumerate(names) if name.startswith(self.prefixes)]
        history = [chosen.index(names.index(name)) for name in self.history]
        return np.array(chosen, dtype=np.intp), np.array(history, dtype=np.intp)

    def _wider(self, dataset: Dataset, activity: Activity) -> Dataset:
        indices, history = self._places(dataset.feature_names)
        names = tuple(dataset.feature_names[index] for index in indices)
        matrix = _widened(dataset.features, indices, history, activity)
        return replace(dataset, features=matrix, feature_names=(*names, ACTIVITY))


def _widened(
    features: Matrix,
    indices: npt.NDArray[np.intp],
    history: npt.NDArray[np.intp],
    activity: Activity,
) -> Matrix:
    """(n, k + 1) the chosen columns and their activity."""
    wider = np.empty((len(features), len(indices) + 1), np.float32)
    wider[:, :-1] = features[:, indices]
    wider[:, -1] = _column(activity, wider[:, history].astype(np.float64))
    return wider


def _column(activity: Activity, history: Floats) -> Floats:
    """What the regression's logarithm turns back into the log odds of activity."""
    logits = activity.logits(history)
    return np.copysign(np.expm1(np.abs(logits)), logits)


def _subsets(columns: Iterable[int]) -> list[tuple[int, ...]]:
    members = list(columns)
    return [one for size in range(len(members) + 1) for one in combinations(members, size)]
