"""What is settled before a moment is predicted: settings, weights and the calibrator.

Everything is settled on *validation snapshots* that had matured by that moment, each predicted by
models that learnt only from rows matured by the validation snapshot itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from models.blend import fit_weights
from models.boosted import BoostedLearner
from models.calibration import Calibrator, fit_calibrator
from models.candidates import Candidate, Learner, Trace
from models.dataset import Dataset
from models.habit import HabitLearner, HistoryColumns
from models.logistic import LogisticLearner
from models.odds import Floats

Selection = Literal["out-of-time", "cross-validation"]

#: Validation snapshots per decision, the newest first: one alone is one season's whim.
MAX_VALIDATIONS = 3
#: Rows of each class that a model can be fitted to or measured on at all.
LEAST_OF_CLASS = 5
#: More rows a snapshot than this sharpen no decision, and they are kept until the last one.
VALIDATION_ROWS = 50_000
CROSS_FOLDS = 5


@dataclass(frozen=True)
class Judged:
    """Learners fitted on some rows and judged on others that they have not seen.

    Parameters
    ----------
    validation
        The rows they were judged on.
    traces
        One for each learner, measured on ``validation``.
    """

    validation: Dataset
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Settled:
    """Every decision about a model but its fitted coefficients.

    Parameters
    ----------
    settings
        One for each learner.
    weights
        (j,) of the learners.
    calibrator
        Of the weighted log odds.
    """

    settings: tuple[int, ...]
    weights: Floats
    calibrator: Calibrator

    def calibrated(self, logits: Floats) -> Floats:
        """(n,) calibrated log odds of the learners' (n, j) log odds."""
        return self.calibrator.logits(logits @ self.weights)


@dataclass
class Workshop:
    """Fits learners to the rows known at a moment, and remembers what it fitted.

    Parameters
    ----------
    dataset
        All rows.
    learners
        The kinds of candidates.
    seed, threads
        Of the fitting.
    row_limit
        Most rows to fit on; a random sample beyond.
    """

    dataset: Dataset
    learners: tuple[Learner, ...]
    seed: int
    threads: int
    row_limit: int
    _known: dict[np.datetime64, Judged] = field(default_factory=dict)

    def training_rows(self, moment: np.datetime64) -> Dataset:
        """Rows matured by a moment, as many as may be fitted on."""
        matured = self.dataset.as_of + self.dataset.window <= moment
        return self.dataset.sampled(self.row_limit, self.seed, among=matured)

    def judged(self, moment: np.datetime64) -> Judged:
        """Learners fitted on what had matured by a snapshot, judged on that snapshot."""
        if moment not in self._known:
            own = self.dataset.as_of == moment
            validation = self.dataset.sampled(VALIDATION_ROWS, self.seed, among=own)
            self._known[moment] = self._judge(self.training_rows(moment), validation)
        return self._known[moment]

    def cross_judged(self, moment: np.datetime64) -> list[Judged]:
        """Learners judged by cross-validation, grouped by user, on the rows matured by a moment."""
        rows = self.training_rows(moment)
        fold = _user_folds(rows.users, self.seed)
        judged = []
        for number in range(CROSS_FOLDS):
            training, validation = rows.rows(fold != number), rows.rows(fold == number)
            if training.both_classes(LEAST_OF_CLASS) and validation.both_classes(1):
                judged.append(self._judge(training, validation))
        return judged

    def fitted(self, moment: np.datetime64, settled: Settled) -> list[Candidate]:
        """A candidate of each learner, fitted on what had matured by a snapshot."""
        traces = self.judged(moment).traces
        return [
            trace.candidate(setting) or self.fit(learner, moment, setting)
            for learner, trace, setting in zip(self.learners, traces, settled.settings, strict=True)
        ]

    def fit(self, learner: Learner, moment: np.datetime64, setting: int) -> Candidate:
        """A learner fitted with one setting on what had matured by a moment."""
        training = self.training_rows(moment)
        return learner.fit(training, setting, seed=self.seed, threads=self.threads)

    def _judge(self, training: Dataset, validation: Dataset) -> Judged:
        traces = tuple(
            learner.trace(training, validation, seed=self.seed, threads=self.threads)
            for learner in self.learners
        )
        return Judged(validation, traces)


def default_learners(
    rfm_features: Sequence[str] = (), history: HistoryColumns | None = None
) -> tuple[Learner, ...]:
    """The candidates: trees and a regression on all features, and regressions on a few.

    Parameters
    ----------
    rfm_features
        Prefixes of the names of recency, frequency and money features; none, no such candidate.
    history
        Those among them that a buy-till-you-die model reads; None, it takes no part. With them
        there is one more candidate, of these alone: customers too few for anything else.
    """
    learners: tuple[Learner, ...] = (BoostedLearner(), LogisticLearner())
    if not rfm_features:
        return learners
    prefixes = tuple(rfm_features)
    if history is None:
        return (*learners, LogisticLearner("rfm", prefixes))
    rfm, btyd = HabitLearner("rfm", prefixes, history), HabitLearner("btyd", history, history)
    return (*learners, rfm, btyd)


def validation_moments(dataset: Dataset, moment: np.datetime64) -> list[np.datetime64]:
    """Snapshots that may decide about predictions made at ``moment``, the newest first.

    They have matured by ``moment``, something had matured by each of them to learn from, and
    their outcome windows do not overlap, so that each is a witness of its own.
    """
    chosen: list[np.datetime64] = []
    for candidate in dataset.moments()[::-1]:
        latest = moment if not chosen else chosen[-1]
        if len(chosen) == MAX_VALIDATIONS or candidate + dataset.window > latest:
            continue
        matured = dataset.labels[dataset.as_of + dataset.window <= candidate]
        own = dataset.labels[dataset.as_of == candidate]
        if _both_classes(matured) and _both_classes(own):
            chosen.append(candidate)
    return chosen


def settle(workshop: Workshop, judged: Sequence[Judged]) -> tuple[Settled, Floats]:
    """Settings, weights and calibrator with the smallest mean loss over validations.

    Returns
    -------
    tuple
        What is settled, and the (n, j) validation log odds it was settled on, in the order of
        ``judged``.
    """
    settings = tuple(
        best_setting([one.traces[index].losses for one in judged])
        for index in range(len(workshop.learners))
    )
    logits = np.vstack([_validation_logits(one, settings) for one in judged])
    labels = np.concatenate([one.validation.labels for one in judged])
    weights = fit_weights(logits, labels)
    moments = np.concatenate([one.validation.as_of for one in judged])
    calibrator = fit_calibrator(logits @ weights, labels, moments)
    return Settled(settings, weights, calibrator), logits


def best_setting(losses: Sequence[Floats]) -> int:
    """The setting with the smallest mean loss, among those that every validation tried."""
    tried = min(map(len, losses))
    return int(np.mean([one[:tried] for one in losses], axis=0).argmin())


def candidate_logits(candidates: Sequence[Candidate], features: npt.NDArray[np.float32]) -> Floats:
    """(n, j) log odds of j candidates."""
    return np.column_stack([candidate.logits(features) for candidate in candidates])


def _validation_logits(judged: Judged, settings: Sequence[int]) -> Floats:
    candidates = [
        trace.candidate(setting) for trace, setting in zip(judged.traces, settings, strict=True)
    ]
    tried = [candidate for candidate in candidates if candidate is not None]
    return candidate_logits(tried, judged.validation.features)


def _both_classes(labels: npt.NDArray[np.bool_]) -> bool:
    positives = int(np.count_nonzero(labels))
    return LEAST_OF_CLASS <= positives <= len(labels) - LEAST_OF_CLASS


def _user_folds(users: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    distinct, position = np.unique(users, return_inverse=True)
    fold = np.arange(len(distinct)) % CROSS_FOLDS
    return np.random.default_rng(seed).permutation(fold)[position]
