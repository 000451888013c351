"""Who is eligible at each snapshot, and what became of them: conditions run in the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from predictive.conditions.compile import Question, answer
from predictive.conditions.known import known_users
from predictive.definitions import Definition
from predictive.progress import NoProgress, Progress
from predictive.sources import EventSource
from predictive.tables import EventTables

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SnapshotUsers:
    """The users of one partition that are eligible at one snapshot or more.

    Parameters
    ----------
    partition
        Which partition of the source.
    user_ids
        (users,) distinct ids, sorted.
    eligible
        (snapshots, users) bool.
    positive
        (snapshots, users) bool, whether the target came true; all False without outcomes.
    """

    partition: int
    user_ids: pa.Array
    eligible: Bools
    positive: Bools

    def sampled(self, share: float, seed: int) -> SnapshotUsers:
        """A random share of the users, the same ones whatever else the data holds."""
        if share >= 1:
            return self
        kept = np.array(
            [_fraction(user_id, seed) < share for user_id in self.user_ids.to_pylist()], dtype=bool
        )
        return SnapshotUsers(
            self.partition,
            self.user_ids.filter(pa.array(kept)),
            self.eligible[:, kept],
            self.positive[:, kept],
        )


def snapshot_users(
    source: EventSource,
    definition: Definition,
    snapshots: Sequence[datetime],
    *,
    outcomes: bool,
    progress: Progress | None = None,
) -> Iterator[SnapshotUsers]:
    """Eligible users of every partition, with their outcomes when asked for.

    Parameters
    ----------
    source
        Where events and attributes stand.
    definition
        Target and audience.
    snapshots
        Moments of prediction.
    outcomes
        Whether to look into ``[as_of, as_of + window)`` for the target.
    """
    listener = progress or NoProgress()

    def question(tables: EventTables) -> ibis.Table:
        return membership(definition, tables, snapshots, outcomes=outcomes)

    for partition, table in source.ask(question):
        yield _read(partition, table, len(snapshots))
        listener.advance()


def membership(
    definition: Definition,
    tables: EventTables,
    snapshots: Sequence[datetime],
    *,
    outcomes: bool,
) -> ibis.Table:
    """One row a user who is eligible somewhere: ``user_id``, ``eligible_i``, ``positive_i``.

    Eligible are the users known before ``as_of`` who are in the audience and, for churn, for
    whom the target over the mirror window ``[as_of - window, as_of)`` is false.
    """
    questions = [
        question
        for index, as_of in enumerate(snapshots)
        for question in _questions(definition, index, as_of, outcomes=outcomes)
    ]
    users = known_users(tables)
    users = users.filter(users.first_seen < ibis.literal(max(snapshots)))
    answers = answer(questions, users, tables) if questions else users
    columns = {}
    for index, as_of in enumerate(snapshots):
        eligible = answers.first_seen < ibis.literal(as_of)
        if definition.audience is not None:
            eligible &= answers[f"audience_{index}"]
        if definition.kind == "churn":
            eligible &= ~answers[f"mirror_{index}"]
        columns[f"eligible_{index}"] = eligible
        columns[f"positive_{index}"] = (
            answers[f"target_{index}"] if outcomes else ibis.literal(value=False)
        )
    table = answers.select(user_id=answers.user_id, **columns)
    anywhere = ibis.or_(*(table[f"eligible_{index}"] for index in range(len(snapshots))))
    return table.filter(anywhere).order_by("user_id")


def _questions(
    definition: Definition, index: int, as_of: datetime, *, outcomes: bool
) -> Iterator[Question]:
    window_days = definition.target.within_days
    target = definition.target.condition
    if outcomes:
        yield Question(f"target_{index}", target, as_of, "forward", window_days)
    if definition.kind == "churn":
        yield Question(f"mirror_{index}", target, as_of, "backward", window_days)
    if definition.audience is not None:
        yield Question(f"audience_{index}", definition.audience, as_of, "backward")


def _read(partition: int, table: pa.Table, snapshots: int) -> SnapshotUsers:
    def flags(prefix: str) -> Bools:
        columns = [table.column(f"{prefix}_{index}").to_numpy() for index in range(snapshots)]
        return np.stack(columns).astype(bool)

    ids = table.column("user_id").cast(pa.string()).combine_chunks()
    return SnapshotUsers(partition, ids, flags("eligible"), flags("positive"))


def _fraction(user_id: str, seed: int) -> float:
    digest = hashlib.blake2b(user_id.encode(), digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big") / 2**64
