"""What a training run learns from: snapshots counted, checked and turned into a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.dataset import Dataset
from predictive.counts import Counts, count, usable_tests
from predictive.dataset import build_dataset
from predictive.features.plan import FeaturePlan
from predictive.features.planning import plan_features
from predictive.opened_prediction import OpenPrediction, plan_for
from predictive.progress import Progress
from predictive.snapshots import snapshot_users
from predictive.windows import SnapshotPlan, checked_as_of

#: Rows of the training matrix at most; beyond, a share of the users is drawn.
MAX_ROWS = 1_500_000


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


def training_data(
    prediction: OpenPrediction,
    *,
    as_of: datetime | None,
    seed: int,
    timezone: str,
    progress: Progress,
) -> TrainingData:
    """Count, check against the minimums, and build the dataset of a training run.

    Raises
    ------
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    source, definition = prediction.source, prediction.definition
    data_end = checked_as_of(as_of, source.history_start(), source.data_end())
    snapshots = plan_for(source, definition, data_end)
    progress.stage("Counting users", total=len(source.partitions))
    partitions = list(
        snapshot_users(source, definition, snapshots.snapshots, outcomes=True, progress=progress)
    )
    counts = count(snapshots, partitions)
    snapshots = usable_tests(snapshots, counts)
    share = min(1.0, MAX_ROWS / sum(snapshot.n for snapshot in counts.snapshots))
    plan = plan_features(
        source,
        definition,
        before=data_end,
        oldest_snapshot=snapshots.snapshots[0],
        timezone=timezone,
    )
    progress.stage("Computing features", total=len(source.partitions))
    dataset = build_dataset(
        source,
        [users.sampled(share, seed) for users in partitions],
        snapshots.snapshots,
        plan,
        np.timedelta64(definition.target.within_days, "D"),
        progress,
    )
    return TrainingData(dataset, plan, snapshots, counts, share)
