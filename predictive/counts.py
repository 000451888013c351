"""How much history holds for a prediction, against the published minimums.

``estimate`` and ``train`` both count here, so that what one promises the other keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from predictive.definitions import Definition
from predictive.errors import InsufficientData, InvalidInput, PredictiveError
from predictive.opened_prediction import plan_for
from predictive.progress import Progress
from predictive.snapshots import SnapshotUsers, snapshot_users
from predictive.sources import EventSource
from predictive.windows import MAX_SNAPSHOTS, MAX_SNAPSHOTS_FOR_FEW, SnapshotPlan
from predictive.wording import moments
from predictive.wording.sentence import Sentence

#: Distinct users of each outcome that training needs.
MIN_TRAINING_USERS = 50
#: Users of each outcome that every test snapshot needs.
MIN_TEST_USERS = 10


@dataclass(frozen=True)
class SnapshotCount:
    """Eligible users at one snapshot and how many of them the target came true for."""

    as_of: datetime
    n: int
    positives: int

    @property
    def negatives(self) -> int:
        """Users for whom it did not."""
        return self.n - self.positives

    def enough(self) -> bool:
        """Whether the snapshot can serve as a test."""
        return min(self.positives, self.negatives) >= MIN_TEST_USERS

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "as_of": self.as_of.isoformat(),
            "n": self.n,
            "positives": self.positives,
            "negatives": self.negatives,
        }


@dataclass(frozen=True)
class Counts:
    """Counts at every snapshot, and the distinct users of the training snapshots.

    Parameters
    ----------
    snapshots, tests
        At all matured snapshots, and at the tests among them, oldest first.
    training_positives, training_negatives
        Distinct users with each outcome in the snapshots that had matured by the newest test.
    """

    snapshots: tuple[SnapshotCount, ...]
    tests: tuple[SnapshotCount, ...]
    training_positives: int
    training_negatives: int

    def enough_in_training(self) -> bool:
        """Whether the training snapshots hold the users that are needed."""
        return min(self.training_positives, self.training_negatives) >= MIN_TRAINING_USERS

    def problem(self) -> PredictiveError | None:
        """What forbids training, or None."""
        newest = self.tests[-1]
        if not any(count.n for count in self.snapshots):
            return InvalidInput(
                "audience",
                Sentence("nobody"),
                "an audience of at least one user who was known and eligible at some snapshot",
                "Widen the audience, or check the event and attribute names in it.",
            )
        training = {"positives": self.training_positives, "negatives": self.training_negatives}
        test = {"positives": newest.positives, "negatives": newest.negatives}
        in_test = Sentence("in the newest test ({moment})", moment=moments.moment(newest.as_of))
        for counts, least, where in (
            (training, MIN_TRAINING_USERS, Sentence("in training")),
            (test, MIN_TEST_USERS, in_test),
        ):
            for outcome, count in counts.items():
                if count < least:
                    return InsufficientData(
                        "target",
                        Sentence(
                            "{count} {outcome} {where}",
                            count=count,
                            outcome=Sentence(outcome),
                            where=where,
                        ),
                        Sentence(
                            "at least {least} users with each outcome {where}",
                            least=least,
                            where=where,
                        ),
                        "Change the target or its window, widen the audience, or import more "
                        "history.",
                    )
        return None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, minimums included."""
        problem = self.problem()
        return {
            "training": {
                "positives": self.training_positives,
                "negatives": self.training_negatives,
                "minimum": MIN_TRAINING_USERS,
            },
            "tests": [count.to_dict() | {"minimum": MIN_TEST_USERS} for count in self.tests],
            "snapshots": [count.to_dict() for count in self.snapshots],
            "enough": problem is None,
            "problem": str(problem) if problem else None,
        }


@dataclass(frozen=True)
class CountedHistory:
    """The snapshots laid over a history, whom they hold, and how many.

    Parameters
    ----------
    plan
        The snapshots.
    partitions
        Eligible users and outcomes of each partition of the source, at the snapshots of the plan
        and then at each further moment that was asked for.
    counts
        Users with each outcome at the snapshots of the plan.
    """

    plan: SnapshotPlan
    partitions: Sequence[SnapshotUsers]
    counts: Counts


def counted_history(
    source: EventSource,
    definition: Definition,
    data_end: datetime,
    *,
    further: Sequence[datetime] = (),
    progress: Progress,
) -> CountedHistory:
    """Lay the snapshots over the history and count; further into the past where they hold too few.

    Parameters
    ----------
    source, definition
        Where events stand, and who is asked about what.
    data_end
        Where what is known ends (exclusive).
    further
        More moments to find the eligible users of; they are no snapshots and are not counted.

    Raises
    ------
    InsufficientData
        When history is too short for the window.
    """
    plan, *longer = dict.fromkeys(
        plan_for(source, definition, data_end, most=most)
        for most in (MAX_SNAPSHOTS, MAX_SNAPSHOTS_FOR_FEW)
    )
    counted = _counted(source, definition, plan, further, progress)
    if longer and not counted.counts.enough_in_training():
        counted = _counted(source, definition, longer[0], further, progress)
    return counted


def _counted(
    source: EventSource,
    definition: Definition,
    plan: SnapshotPlan,
    further: Sequence[datetime],
    progress: Progress,
) -> CountedHistory:
    progress.stage("Counting users", total=len(source.partitions))
    moments_asked = [*plan.snapshots, *further]
    partitions = list(
        snapshot_users(source, definition, moments_asked, outcomes=True, progress=progress)
    )
    return CountedHistory(plan, partitions, count(plan, partitions))


def count(plan: SnapshotPlan, partitions: Sequence[SnapshotUsers]) -> Counts:
    """Count the eligible users at every snapshot of the plan and their outcomes.

    Parameters
    ----------
    plan
        The snapshots; ``partitions`` were made for the same ones, in the same order.
    """
    size = len(plan.snapshots)
    n, positives = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    training = np.array(
        [moment + plan.window <= plan.tests[-1] for moment in plan.snapshots], dtype=bool
    )
    distinct = np.zeros(2, dtype=np.int64)
    for users in partitions:
        eligible, positive = users.eligible[:size], users.positive[:size]
        n += eligible.sum(axis=1)
        positives += (eligible & positive).sum(axis=1)
        seen = eligible[training]
        distinct[1] += (seen & positive[training]).any(axis=0).sum()
        distinct[0] += (seen & ~positive[training]).any(axis=0).sum()
    counted = tuple(
        SnapshotCount(as_of, int(total), int(hits))
        for as_of, total, hits in zip(plan.snapshots, n, positives, strict=True)
    )
    tests = tuple(snapshot for snapshot in counted if snapshot.as_of in plan.tests)
    return Counts(counted, tests, int(distinct[1]), int(distinct[0]))


def usable_tests(plan: SnapshotPlan, counts: Counts) -> SnapshotPlan:
    """The plan without the oldest tests that hold too few users.

    Raises
    ------
    InvalidInput
        When not even the newest test can be used, or the training snapshots hold too little.
    """
    problem = counts.problem()
    if problem is not None:
        raise problem
    kept: list[datetime] = []
    for snapshot in reversed(counts.tests):
        if not snapshot.enough():
            break
        kept.insert(0, snapshot.as_of)
    return replace(plan, tests=tuple(kept))
