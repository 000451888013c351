"""Events of whole users, and what has happened to each of them by given moments.

Events are sorted by user and time, so each user's history is cut by the moments asked about
into intervals, and every event falls into one cell *(user, interval)*. One pass over the
events fills the cells; a running sum along the intervals then gives the value before every
moment at once. The cost hardly depends on how many moments are asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Timeline:
    """Cells of a batch of events.

    Parameters
    ----------
    users
        Number of users.
    user
        (n,) int64, user of each event, non-decreasing.
    time
        (n,) int64, microseconds since the epoch, non-decreasing within a user.
    moments
        (m,) int64, ascending and distinct; every event lies before the last of them.
    cell
        (n,) int64, ``user * m + j`` where moment ``j`` is the first one after the event.
    """

    users: int
    user: Ints
    time: Ints
    moments: Ints
    cell: Ints

    @staticmethod
    def of(users: int, user: Ints, time: Ints, moments: Ints) -> Timeline:
        """Sort the events into cells; an event at a moment itself lies after it."""
        interval = np.searchsorted(moments, time, side="right")
        return Timeline(users, user, time, moments, user * len(moments) + interval)

    def subset(self, mask: Bools) -> Timeline:
        """The timeline of some of the events."""
        return Timeline(self.users, self.user[mask], self.time[mask], self.moments, self.cell[mask])

    @property
    def shape(self) -> tuple[int, int]:
        """Users and moments."""
        return self.users, len(self.moments)

    def count_before(self, mask: Bools | None = None) -> Ints:
        """(users, m) number of events before each moment."""
        cell = self.cell if mask is None else self.cell[mask]
        counts = np.bincount(cell, minlength=self.users * len(self.moments))
        return np.cumsum(counts.reshape(self.shape), axis=1)

    def count_before_by(self, code: Ints, codes: int) -> Ints:
        """(users, m, codes) number of events of each code before each moment."""
        users, moments = self.shape
        counts = np.bincount(self.cell * codes + code, minlength=users * moments * codes)
        return np.cumsum(counts.reshape(users, moments, codes), axis=1)

    def sum_before(self, values: Floats) -> Floats:
        """(users, m) sum of the values of the events before each moment."""
        sums = np.bincount(self.cell, weights=values, minlength=self.users * len(self.moments))
        return np.cumsum(sums.reshape(self.shape), axis=1)

    def max_before(self, values: Floats) -> Floats:
        """(users, m) largest value before each moment, NaN where there is none."""
        highest = np.full(self.users * len(self.moments), -np.inf)
        starts = self._cell_starts()
        if len(starts):
            highest[self.cell[starts]] = np.maximum.reduceat(values, starts)
        running = np.maximum.accumulate(highest.reshape(self.shape), axis=1)
        return np.where(np.isneginf(running), np.nan, running)

    def last_before(self) -> Ints:
        """(users, m) index of the last event before each moment, -1 where there is none."""
        last = np.full(self.users * len(self.moments), -1, dtype=np.int64)
        starts = self._cell_starts()
        if len(starts):
            ends = np.append(starts[1:], len(self.cell))
            last[self.cell[starts]] = ends - 1
        return np.maximum.accumulate(last.reshape(self.shape), axis=1)

    def last_before_by(self, code: Ints, codes: int) -> Ints:
        """(users, m, codes) index of the last event of each code before each moment, or -1."""
        users, moments = self.shape
        last = np.full(users * moments * codes, -1, dtype=np.int64)
        # A later assignment to the same place wins, and events stand in order of time.
        last[self.cell * codes + code] = np.arange(len(self.cell))
        return np.maximum.accumulate(last.reshape(users, moments, codes), axis=1)

    def first(self) -> Ints:
        """(users,) index of each user's first event, -1 where there is none."""
        index = np.full(self.users, -1, dtype=np.int64)
        if len(self.user):
            starts = np.flatnonzero(np.diff(self.user, prepend=-1))
            index[self.user[starts]] = starts
        return index

    def _cell_starts(self) -> Ints:
        if not len(self.cell):
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(np.diff(self.cell, prepend=-1))


def taken(values: Floats | Ints, index: Ints) -> Floats:
    """Values at the indices, NaN where the index is -1."""
    if not len(values):
        return np.full(index.shape, np.nan)
    return np.where(index < 0, np.nan, values[np.maximum(index, 0)])
