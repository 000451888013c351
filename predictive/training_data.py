"""What a training run learns from: snapshots counted, checked and turned into a dataset.

Whom it learns from is settled once (:func:`training_users`); what it sees of them depends on the
recipe (:func:`training_data`), so that two recipes meet the same users at the same moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.dataset import Dataset
from predictive.counts import Counts, counted_history, usable_tests
from predictive.dataset import build_dataset
from predictive.features.own import check_own_features
from predictive.features.plan import FeaturePlan
from predictive.features.planning import plan_features
from predictive.opened_prediction import OpenPrediction
from predictive.progress import Progress
from predictive.recipes import Recipe
from predictive.snapshots import SnapshotUsers
from predictive.windows import SnapshotPlan, checked_as_of

#: Rows of the training matrix at most; beyond, a share of the users is drawn.
MAX_ROWS = 1_500_000


@dataclass(frozen=True)
class TrainingUsers:
    """Whom a training run learns from, and what became of them.

    Parameters
    ----------
    partitions
        Eligible users and outcomes of each partition of the source; those drawn.
    snapshots
        The moments, and the tests among them.
    counts
        Users with each outcome, over all users.
    user_share
        Share of the users that was drawn.
    """

    partitions: Sequence[SnapshotUsers]
    snapshots: SnapshotPlan
    counts: Counts
    user_share: float


@dataclass(frozen=True)
class TrainingData:
    """What a training run learns from, and how it was drawn.

    Parameters
    ----------
    dataset
        Features and outcomes at every snapshot.
    feature_plan
        Which features.
    snapshots
        The moments, and the tests among them.
    counts
        Users with each outcome, over all users.
    user_share
        Share of the users that the dataset holds.
    """

    dataset: Dataset
    feature_plan: FeaturePlan
    snapshots: SnapshotPlan
    counts: Counts
    user_share: float


def training_users(
    prediction: OpenPrediction, *, as_of: datetime | None, seed: int, progress: Progress
) -> TrainingUsers:
    """Lay out the snapshots, count, and check against the minimums.

    Raises
    ------
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    source, definition = prediction.source, prediction.definition
    data_end = checked_as_of(as_of, source.history_start(), source.data_end())
    counted = counted_history(source, definition, data_end, progress=progress)
    counts = counted.counts
    snapshots = usable_tests(counted.plan, counts)
    share = min(1.0, MAX_ROWS / sum(snapshot.n for snapshot in counts.snapshots))
    drawn = [users.sampled(share, seed) for users in counted.partitions]
    return TrainingUsers(drawn, snapshots, counts, share)


def training_data(
    prediction: OpenPrediction,
    users: TrainingUsers,
    recipe: Recipe,
    *,
    timezone: str,
    progress: Progress,
) -> TrainingData:
    """Choose the features of a recipe and compute them.

    Raises
    ------
    InvalidInput
        When the recipe's own features fail or depend on other users.
    """
    source, snapshots = prediction.source, users.snapshots
    plan = _features(prediction, recipe, snapshots, timezone)
    progress.stage("Computing features", total=len(source.partitions))
    dataset = build_dataset(
        source,
        users.partitions,
        snapshots.snapshots,
        plan,
        np.timedelta64(prediction.definition.target.within_days, "D"),
        progress,
    )
    return TrainingData(dataset, plan, snapshots, users.counts, users.user_share)


def _features(
    prediction: OpenPrediction, recipe: Recipe, snapshots: SnapshotPlan, timezone: str
) -> FeaturePlan:
    source, definition = prediction.source, prediction.definition
    plan = plan_features(
        source,
        definition,
        before=snapshots.data_end,
        middle_snapshot=snapshots.snapshots[len(snapshots.snapshots) // 2],
        timezone=timezone,
    )
    own = recipe.features(
        source.tables(None), snapshots.data_end, tuple(definition.exclude_features)
    )
    if own is None:
        return plan
    check_own_features(source, own, snapshots.snapshots[-1])
    return plan.model_copy(update={"own": own})
