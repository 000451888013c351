"""From an event source to the matrix that models learn from and score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.dataset import Dataset
from predictive.features.attributes import attribute_features, attribute_names
from predictive.features.history import empty_history, read_history
from predictive.features.kernel import feature_names, features
from predictive.features.own import own_features, own_names
from predictive.features.plan import FeaturePlan
from predictive.progress import NoProgress, Progress
from predictive.snapshots import SnapshotUsers
from predictive.sources import EventSource
from predictive.windows import to_datetime64


@dataclass(frozen=True)
class FeatureBlock:
    """Features of some users of one partition.

    Parameters
    ----------
    rows
        (users,) int64, their positions in the partition's ``user_ids``.
    features
        (snapshots, users, features) float32.
    """

    rows: npt.NDArray[np.int64]
    features: npt.NDArray[np.float32]


def all_feature_names(plan: FeaturePlan) -> tuple[str, ...]:
    """Names of all columns: the kernel's, then the attributes', then a recipe's own."""
    return feature_names(plan) + attribute_names(plan) + own_names(plan.own)


def feature_blocks(
    source: EventSource, users: SnapshotUsers, snapshots: Sequence[datetime], plan: FeaturePlan
) -> Iterator[FeatureBlock]:
    """Features of every user of a partition, in blocks of bounded size.

    Each user comes exactly once; users without a single event come last.
    """
    columns = ("user_id", "name", "time", *dict.fromkeys(plan.columns))
    silent = np.ones(len(users.user_ids), dtype=bool)
    beside = _beside_the_kernel(source, users, snapshots, plan)
    for batch in source.batches(users.partition, columns, max(snapshots)):
        rows, history = read_history(batch, users.user_ids, plan)
        if len(rows):
            silent[rows] = False
            yield _block(rows, features(history, snapshots, plan), beside)
    rest = np.flatnonzero(silent)
    if len(rest):
        yield _block(rest, features(empty_history(len(rest), plan), snapshots, plan), beside)


def build_dataset(
    source: EventSource,
    partitions: Sequence[SnapshotUsers],
    snapshots: Sequence[datetime],
    plan: FeaturePlan,
    window: np.timedelta64,
    progress: Progress | None = None,
) -> Dataset:
    """Features and outcomes of every eligible user at every snapshot.

    Parameters
    ----------
    source
        Where events and attributes stand.
    partitions
        Eligible users and outcomes, from :func:`predictive.snapshots.snapshot_users`.
    snapshots
        The moments that ``partitions`` were made for.
    plan
        Which features.
    window
        Length of the outcome window.

    Returns
    -------
    models.dataset.Dataset
        Rows in order of snapshot and user id; the same user has the same code in all.
    """
    listener = progress or NoProgress()
    names = all_feature_names(plan)
    rank = _ranks([users.user_ids for users in partitions])
    eligible, positive = _in_order(partitions, rank)
    counts = eligible.sum(axis=1)
    place = np.cumsum(eligible, axis=1) - 1 + (np.cumsum(counts) - counts)[:, None]
    matrix = np.empty((int(counts.sum()), len(names)), dtype=np.float32)
    first = 0
    for users in partitions:
        ranks = rank[first : first + len(users.user_ids)]
        first += len(users.user_ids)
        for block in feature_blocks(source, users, snapshots, plan):
            for snapshot in range(len(snapshots)):
                asked = users.eligible[snapshot, block.rows]
                rows = place[snapshot, ranks[block.rows[asked]]]
                matrix[rows] = block.features[snapshot, asked]
        listener.advance()
    as_of = np.repeat(to_datetime64(list(snapshots)), counts)
    codes = np.nonzero(eligible)[1].astype(np.int64)
    return Dataset(matrix, positive[eligible], as_of, codes, names, window)


def _ranks(ids: Sequence[pa.Array]) -> npt.NDArray[np.int64]:
    """Place of each user among all, by id: the same however the source is partitioned."""
    order = pc.sort_indices(pa.chunked_array(ids, type=pa.string())).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _in_order(
    partitions: Sequence[SnapshotUsers], rank: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(snapshots, users) who is eligible and for whom the target came true, by rank."""
    eligible = np.empty((len(partitions[0].eligible), len(rank)), dtype=bool)
    positive = np.empty_like(eligible)
    eligible[:, rank] = np.concatenate([users.eligible for users in partitions], axis=1)
    positive[:, rank] = np.concatenate([users.positive for users in partitions], axis=1)
    return eligible, positive


def _block(
    rows: npt.NDArray[np.int64],
    kernel: npt.NDArray[np.float32],
    beside: Sequence[npt.NDArray[np.float32]],
) -> FeatureBlock:
    if not beside:
        return FeatureBlock(rows, kernel)
    columns = [kernel, *(matrix[:, rows] for matrix in beside)]
    return FeatureBlock(rows, np.concatenate(columns, axis=2))


def _beside_the_kernel(
    source: EventSource, users: SnapshotUsers, snapshots: Sequence[datetime], plan: FeaturePlan
) -> list[npt.NDArray[np.float32]]:
    """(snapshots, users, columns) of what is not made from the batches of events."""
    matrices = []
    if plan.number_attributes or plan.text_attributes:
        matrices.append(_attribute_matrix(source, users, snapshots, plan))
    if plan.own is not None:
        matrices.append(own_features(source, users, snapshots, plan.own))
    return matrices


def _attribute_matrix(
    source: EventSource, users: SnapshotUsers, snapshots: Sequence[datetime], plan: FeaturePlan
) -> npt.NDArray[np.float32]:
    names = (*plan.number_attributes, *plan.text_attributes)
    table = source.tables(users.partition).attributes
    facts: pa.Table = table.filter(table.name.isin(names)).to_pyarrow()
    return attribute_features(facts, users.user_ids, snapshots, plan)
