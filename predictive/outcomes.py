"""What became of the users of a scoring run, once its window has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from predictive.conditions.compile import Question, answer
from predictive.conditions.known import known_users
from predictive.definitions import Definition
from predictive.sources import EventSource
from predictive.tables import EventTables


@dataclass(frozen=True, eq=False)
class ScoredOutcomes:
    """Scores of a run beside the outcomes, user by user.

    Parameters
    ----------
    user_ids
        (n,) strings.
    probabilities, scores
        (n,) float64, as they were given.
    labels
        (n,) bool, whether the target came true.
    weights
        (n,) float64, how many users each row stands for; None: one each.
    """

    user_ids: pa.Array
    probabilities: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]
    labels: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64] | None = None

    def of(
        self, rows: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64] | None = None
    ) -> ScoredOutcomes:
        """Some of the users, with (n,) weights of all when they have any."""
        return ScoredOutcomes(
            self.user_ids.filter(pa.array(rows)),
            self.probabilities[rows],
            self.scores[rows],
            self.labels[rows],
            None if weights is None else weights[rows],
        )

    @property
    def positives(self) -> int:
        """How many of the rows came true."""
        return int(np.count_nonzero(self.labels))

    @property
    def has_both(self) -> bool:
        """Whether there is a user of each outcome."""
        return 0 < self.positives < len(self.labels)


def scored_outcomes(
    source: EventSource, definition: Definition, as_of: datetime, archived: pa.Table
) -> ScoredOutcomes:
    """The outcomes of the users that a run scored.

    Parameters
    ----------
    source
        Events up to ``as_of`` and the whole window after it.
    definition
        The version that the run was scored under.
    as_of
        Moment of prediction of the run.
    archived
        ``user_id, probability, score`` of the run; users deleted since are in it no more.
    """
    ids = archived["user_id"].combine_chunks()
    labels = np.zeros(len(ids), dtype=bool)
    question = Question(
        "target",
        definition.target.condition,
        as_of,
        "forward",
        definition.target.within_days,
    )

    def came_true(tables: EventTables) -> ibis.Table:
        answers = answer([question], known_users(tables), tables)
        return answers.filter(answers.target).select("user_id")

    for _, table in source.ask(came_true):
        position = pc.index_in(table["user_id"], value_set=ids).drop_null()
        labels[position.to_numpy()] = True
    return ScoredOutcomes(
        ids, archived["probability"].to_numpy(), archived["score"].to_numpy(), labels
    )
