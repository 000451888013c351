"""Who is asked about at a cut-off and what became of them, counted apart from the suite."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.quality.event_log import EventLog
from benchmarks.quality.tasks import ANY_EVENT, Task

#: Training snapshots before a cut-off, half a window apart.
SNAPSHOTS = 8
_LEAST_STEP = timedelta(days=7)


@dataclass(frozen=True, eq=False)
class Population:
    """The users of one moment.

    Parameters
    ----------
    as_of
        The moment.
    users
        (n,) ids, sorted.
    labels
        (n,) bool, whether the outcome came true.
    """

    as_of: datetime
    users: pd.Index
    labels: npt.NDArray[np.bool_]


def population(log: EventLog, task: Task, as_of: datetime) -> Population:
    """Eligible users of a moment with their outcomes."""
    event, days = task.asked_of
    asked = users_between(log, event, as_of - timedelta(days=days), as_of)
    came = asked.isin(users_between(log, task.outcome, as_of, as_of + task.window))
    return Population(as_of, asked, ~came if task.kind == "silence" else came)


def training_populations(log: EventLog, task: Task, cutoff: datetime) -> list[Population]:
    """Populations whose outcomes were known at the cut-off, the newest first.

    At most :data:`SNAPSHOTS`, half a window apart, each with both outcomes and as much history
    before it as makes a user eligible.
    """
    step = max(task.window / 2, _LEAST_STEP)
    earliest = log.start + min(timedelta(days=task.asked_of[1]), task.window)
    moments = [cutoff - task.window - number * step for number in range(SNAPSHOTS)]
    found = [population(log, task, moment) for moment in moments if moment >= earliest]
    return [one for one in found if 0 < one.labels.sum() < len(one.labels)]


def users_between(log: EventLog, event: str, first: datetime, end: datetime) -> pd.Index:
    """Users with the event in [first, end), sorted."""
    events = log.events
    first_row, end_row = events["time"].searchsorted([first, end])
    rows = events.iloc[first_row:end_row]
    if event != ANY_EVENT:
        rows = rows[rows["event"] == event]
    return pd.Index(np.sort(rows["user_id"].unique()))
