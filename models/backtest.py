"""The out-of-time backtest, and the model deployed after it.

The test snapshots decide nothing: what is predicted for one is settled and fitted on rows that
had matured by it. The deployed model is made by the same steps, as if the end of the data were one
more test snapshot; only its calibrator sees every out-of-time prediction there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from evaluation.quality import prediction_quality
from models.calibration import fit_calibrator
from models.candidates import Candidate, Learner
from models.dataset import Dataset
from models.odds import Floats, clipped, logit_loss, sigmoid
from models.propensity import PropensityModel, blended_model
from models.settling import (
    LEAST_OF_CLASS,
    Judged,
    Selection,
    Settled,
    Workshop,
    candidate_logits,
    default_learners,
    settle,
    validation_moments,
)

#: Most rows that one model is fitted on; a random sample of so many is as good as all.
ROW_LIMIT = 400_000


@dataclass(frozen=True)
class TestFold:
    """One test snapshot and what was predicted for it.

    Parameters
    ----------
    as_of
        The snapshot.
    probabilities
        (n,) calibrated, in [1e-6, 1 − 1e-6].
    labels
        (n,) bool, what happened.
    users
        (n,) int64 codes.
    candidate_logits
        (n, j) log odds of each candidate before blending.
    settled
        The decisions behind the probabilities.
    """

    __test__ = False  # not a pytest class, whatever its name begins with

    as_of: np.datetime64
    probabilities: Floats
    labels: npt.NDArray[np.bool_]
    users: npt.NDArray[np.int64]
    candidate_logits: Floats
    settled: Settled


@dataclass(frozen=True)
class Backtest:
    """What a model built so is worth, and what was settled for the deployed one.

    Parameters
    ----------
    folds
        The test snapshots, oldest first.
    learners
        The kinds of candidates that competed.
    settled
        Settings, weights and calibrator of the deployed model.
    base_rate
        Share of positives over all test snapshots; the score 50.
    selection
        How the choices were made: on earlier snapshots, or, where one test snapshot had none, by
        cross-validation grouped by user.
    """

    folds: tuple[TestFold, ...]
    learners: tuple[Learner, ...]
    settled: Settled
    base_rate: float
    selection: Selection

    @property
    def chosen(self) -> str:
        """``blend``, or the name of the only candidate with a weight."""
        used = [
            learner.name
            for learner, weight in zip(self.learners, self.settled.weights, strict=True)
            if weight > 0
        ]
        return used[0] if len(used) == 1 else "blend"

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """Of each candidate, JSON-ready: name, weight, setting, quality and log loss per fold."""
        return [
            {
                "name": learner.name,
                "weight": float(self.settled.weights[index]),
                "quality": [
                    float(prediction_quality(fold.labels, fold.candidate_logits[:, index]))
                    for fold in self.folds
                ],
                "log_loss": [
                    logit_loss(fold.labels, fold.candidate_logits[:, index]) for fold in self.folds
                ],
                **learner.describe(self.settled.settings[index]),
            }
            for index, learner in enumerate(self.learners)
        ]


def backtest(
    dataset: Dataset,
    *,
    data_end: np.datetime64,
    test_moments: Sequence[np.datetime64],
    seed: int,
    threads: int = 1,
    rfm_features: Sequence[str] = (),
    learners: Sequence[Learner] | None = None,
    row_limit: int = ROW_LIMIT,
    progress: Callable[[float], None] | None = None,
) -> Backtest:
    """Predict each test snapshot from what was known at its moment.

    Parameters
    ----------
    dataset
        Rows of all snapshots, test snapshots among them.
    data_end
        End of what the data covers; test snapshots have matured by it.
    test_moments
        The test snapshots.
    seed
        Of every random choice; the same seed and rows give the same result.
    threads
        Snapshots that are fitted side by side; the result is the same on any number.
    rfm_features
        Prefixes of the names of recency, frequency and money features, for a candidate of their
        own.
    learners
        The kinds of candidates, in place of the usual ones.
    row_limit
        Most rows to fit one model on.
    progress
        Told the share of the work that is done, from 0 to 1.

    Raises
    ------
    ValueError
        When there is no test snapshot, or one that has no rows, has not matured, or has too few
        rows of a class to learn from before it.
    """
    tests = sorted({moment.astype("datetime64[us]") for moment in test_moments})
    end = data_end.astype("datetime64[us]")
    _check_tests(dataset, tests, end)
    chosen = tuple(learners) if learners is not None else default_learners(rfm_features)
    workshop = Workshop(dataset, chosen, seed, 1, row_limit)
    validations = {moment: validation_moments(dataset, moment) for moment in (*tests, end)}
    _judge_all(
        workshop,
        {*tests, *(one for many in validations.values() for one in many)},
        threads,
        progress,
    )

    folds = []
    predicted: dict[np.datetime64, tuple[Floats, npt.NDArray[np.bool_]]] = {}
    for moment in tests:
        judged = _judged_before(workshop, moment, validations[moment])
        settled, logits = settle(workshop, judged)
        if validations[moment]:
            predicted.update(_split_by_moment(judged, logits, validations[moment]))
        folds.append(_test_fold(workshop, moment, settled))
    predicted.update({fold.as_of: (fold.candidate_logits, fold.labels) for fold in folds})

    deployed, _ = settle(workshop, _judged_before(workshop, end, validations[end]))
    calibrator = fit_calibrator(
        np.concatenate([logits @ deployed.weights for logits, _ in predicted.values()]),
        np.concatenate([labels for _, labels in predicted.values()]),
        np.repeat(list(predicted), [len(labels) for _, labels in predicted.values()]),
    )
    return Backtest(
        folds=tuple(folds),
        learners=chosen,
        settled=replace(deployed, calibrator=calibrator),
        base_rate=float(np.concatenate([fold.labels for fold in folds]).mean()),
        selection="out-of-time" if all(validations[one] for one in tests) else "cross-validation",
    )


def fit_final(
    dataset: Dataset,
    backtest: Backtest,
    *,
    data_end: np.datetime64,
    seed: int,
    threads: int = 1,
    row_limit: int = ROW_LIMIT,
) -> PropensityModel:
    """The deployed model: fitted on all matured rows, by what the backtest settled.

    Parameters
    ----------
    dataset
        The rows the backtest was made with.
    backtest
        Its result.
    data_end
        End of what the data covers; later outcomes are not learnt from.
    seed, threads, row_limit
        As for :func:`backtest`.
    """
    workshop = Workshop(dataset, backtest.learners, seed, threads, row_limit)
    settled = backtest.settled
    used = np.flatnonzero(settled.weights)
    candidates: list[Candidate] = [
        workshop.fit(backtest.learners[index], data_end, settled.settings[index]) for index in used
    ]
    return blended_model(
        candidates,
        settled.weights[used].tolist(),
        settled.calibrator,
        backtest.base_rate,
        dataset.feature_names,
    )


def _check_tests(dataset: Dataset, tests: Sequence[np.datetime64], data_end: np.datetime64) -> None:
    if not tests:
        raise ValueError("test_moments is empty; allowed: at least one snapshot.")
    for moment in tests:
        if not np.any(dataset.as_of == moment):
            raise ValueError(f"test_moments holds {moment}, which has no rows in the dataset.")
        if moment + dataset.window > data_end:
            raise ValueError(
                f"test_moments holds {moment}, which has not matured by data_end {data_end}; "
                f"allowed: up to {data_end - dataset.window}."
            )
        before = dataset.labels[dataset.as_of + dataset.window <= moment]
        positives = int(np.count_nonzero(before))
        if min(positives, len(before) - positives) < LEAST_OF_CLASS:
            raise ValueError(
                f"test_moments holds {moment}, before which {positives} positive and "
                f"{len(before) - positives} negative rows had matured; "
                f"allowed: at least {LEAST_OF_CLASS} of each."
            )


def _judge_all(
    workshop: Workshop,
    moments: set[np.datetime64],
    threads: int,
    progress: Callable[[float], None] | None,
) -> None:
    """Fit at every moment that is needed, once, though several decisions may lean on it.

    Moments side by side, each on one thread, are faster than one after the other on several,
    and give the same result on any number of threads.
    """
    side_by_side = Parallel(n_jobs=threads, prefer="threads", return_as="generator")
    judging = side_by_side(delayed(workshop.judged)(moment) for moment in sorted(moments))
    for done, _ in enumerate(judging, start=1):
        if progress is not None:
            progress(done / len(moments))


def _judged_before(
    workshop: Workshop, moment: np.datetime64, validations: Sequence[np.datetime64]
) -> list[Judged]:
    if validations:
        return [workshop.judged(one) for one in validations]
    return workshop.cross_judged(moment)


def _split_by_moment(
    judged: Sequence[Judged], logits: Floats, moments: Sequence[np.datetime64]
) -> dict[np.datetime64, tuple[Floats, npt.NDArray[np.bool_]]]:
    ends = np.cumsum([len(one.validation) for one in judged])[:-1]
    return {
        moment: (part, one.validation.labels)
        for moment, part, one in zip(moments, np.split(logits, ends), judged, strict=True)
    }


def _test_fold(workshop: Workshop, moment: np.datetime64, settled: Settled) -> TestFold:
    rows = workshop.dataset.at(moment)
    logits = candidate_logits(workshop.fitted(moment, settled), rows.features)
    return TestFold(
        as_of=moment,
        probabilities=clipped(sigmoid(settled.calibrated(logits))),
        labels=rows.labels,
        users=rows.users,
        candidate_logits=logits,
        settled=settled,
    )
