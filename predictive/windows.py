"""All arithmetic on dates: which moments are snapshots, which are tests, what has matured.

Every interval is half-open. ``as_of`` is the moment of prediction: features see only
``time < as_of``, outcomes lie in ``[as_of, as_of + window)``. A snapshot has *matured* when
``as_of + window <= data_end``. "Now" is always an argument, never the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import gcd
from typing import Literal

import numpy as np
import numpy.typing as npt

from predictive.errors import InsufficientData, InvalidInput
from predictive.wording import moments
from predictive.wording.sentence import Sentence

#: Out-of-time test snapshots: three give the between-snapshot variance two degrees of freedom,
#: more cost a refit each.
MAX_TEST_SNAPSHOTS = 5
#: Snapshots in all; older ones resemble the present less and cost as much.
MAX_SNAPSHOTS = 16
#: Where so many hold too few users to learn from: a resembling past is better than none.
MAX_SNAPSHOTS_FOR_FEW = 64
#: Snapshots closer together share most of their outcome window; and the oldest test needs
#: snapshots two windows older than itself among the MAX_SNAPSHOTS.
MIN_STEP_DAYS = 14
MAX_SNAPSHOTS_PER_WINDOW = 2
#: Habits of shops and their newsletters repeat every week or every other.
CYCLE_DAYS = 14
#: What purchase and event predictions look back on before their first snapshot.
MIN_LOOKBACK_DAYS = 7

#: How far ahead of now an event may lie, for clocks and time zones that are off.
FUTURE_TOLERANCE = timedelta(days=1)

#: How far beyond the last event an explicit ``as_of`` may lie.
COVERED_AFTER_END = timedelta(days=1)

Selection = Literal["out-of-time", "cross-validation"]


@dataclass(frozen=True)
class SnapshotPlan:
    """The moments at which a prediction is trained and tested.

    Parameters
    ----------
    snapshots
        All matured moments, oldest first; the test moments are among them.
    tests
        The newest matured moments, oldest first, a window or a few days more apart.
    data_end
        The moment training behaves as if the data ended at.
    selection
        How candidates are chosen: on earlier snapshots, or, where history has one window
        less, by cross-validation grouped by user.
    """

    snapshots: tuple[datetime, ...]
    tests: tuple[datetime, ...]
    data_end: datetime
    window: timedelta
    selection: Selection


def snapshot_plan(
    history_start: datetime,
    data_end: datetime,
    window_days: int,
    *,
    mirrored: bool,
    most: int = MAX_SNAPSHOTS,
) -> SnapshotPlan:
    """Lay the snapshots over the history at hand.

    Parameters
    ----------
    history_start, data_end
        Where history begins and where what is known ends (exclusive).
    window_days
        Length of the outcome window in days.
    mirrored
        True for churn, whose eligible users are found in the window before ``as_of``.
    most
        Snapshots at most, the tests apart; with more of them the tests stay the same.

    Raises
    ------
    InsufficientData
        When history is shorter than training, one test and its lookback need.
    """
    window = timedelta(days=window_days)
    lookback = lookback_needed(window_days, mirrored=mirrored)
    history = data_end - history_start
    if history < 2 * window + lookback:
        raise _too_short(history, window_days, lookback)
    oldest = history_start + lookback
    selection: Selection = "out-of-time" if history >= 3 * window + lookback else "cross-validation"
    newest = data_end - window
    whole = snapshot_step_days(window_days)
    apart = window_days // whole
    step = timedelta(days=turning_step_days(window_days))
    if oldest + 2 * apart * step > newest:
        step = timedelta(days=whole)
    first_test = oldest + (2 * apart * step if selection == "out-of-time" else window)
    tests = [
        moment
        for moment in (newest - k * apart * step for k in range(MAX_TEST_SNAPSHOTS))
        if moment >= first_test
    ]
    grid: list[datetime] = []
    moment = newest
    while moment >= oldest and len(grid) < most:
        grid.append(moment)
        moment -= step
    snapshots = sorted(set(grid) | set(tests))
    return SnapshotPlan(tuple(snapshots), tuple(sorted(tests)), data_end, window, selection)


def lookback_needed(window_days: int, *, mirrored: bool) -> timedelta:
    """History that must lie before the oldest snapshot."""
    return timedelta(days=window_days if mirrored else min(window_days, MIN_LOOKBACK_DAYS))


def snapshot_step_days(window_days: int) -> int:
    """Days between training snapshots at least: a fraction of the window, from a fortnight on.

    >>> [snapshot_step_days(days) for days in (7, 14, 28, 30, 60, 90, 365)]
    [7, 14, 14, 15, 30, 45, 365]
    """
    fractions = [
        parts
        for parts in range(1, MAX_SNAPSHOTS_PER_WINDOW + 1)
        if window_days % parts == 0 and window_days // parts >= MIN_STEP_DAYS
    ]
    return window_days // max(fractions, default=1)


def turning_step_days(window_days: int) -> int:
    """Days between training snapshots where history allows: none falls on the same day again.

    A fortnight of snapshots that are all Mondays, or all the day before a newsletter, would teach
    a model nothing of the other days on which it scores. So the step has no common divisor with
    two weeks: fourteen snapshots fall on fourteen different days of them.

    >>> [turning_step_days(days) for days in (7, 14, 28, 30, 60, 90, 365)]
    [9, 15, 15, 15, 31, 45, 365]
    """
    step = snapshot_step_days(window_days)
    while gcd(step, CYCLE_DAYS) > 1:
        step += 1
    return step


def matured(as_of: datetime, window: timedelta, data_end: datetime) -> bool:
    """Whether the outcome window of ``as_of`` lies wholly inside the data."""
    return as_of + window <= data_end


def checked_as_of(as_of: datetime | None, history_start: datetime, data_end: datetime) -> datetime:
    """The moment asked for, or the end of the data when none was.

    A moment up to a day after the last event is taken to be covered: who asks for it says so,
    and a quiet night is no gap.

    Raises
    ------
    InvalidInput
        When the moment lies before the first event or well after the end of the data.
    """
    if as_of is None:
        return data_end
    moment = as_utc(as_of)
    if not history_start < moment <= data_end + COVERED_AFTER_END:
        raise InvalidInput(
            "as_of",
            moment.isoformat(),
            Sentence(
                "a moment after the first event ({start}) and at most a day after the end of the "
                "data ({end})",
                start=moments.moment(history_start),
                end=moments.moment(data_end),
            ),
        )
    return moment


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one is taken to be UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z, exact."""
    return (as_utc(moment) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def to_datetime64(moments: tuple[datetime, ...] | list[datetime]) -> npt.NDArray[np.datetime64]:
    """Moments as UTC ``datetime64[us]``."""
    return np.array([microseconds(moment) for moment in moments], dtype="datetime64[us]")


def from_datetime64(moment: np.datetime64) -> datetime:
    """A UTC ``datetime64`` as an aware datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        microseconds=int(moment.astype("datetime64[us]").astype(np.int64))
    )


def _too_short(history: timedelta, window_days: int, lookback: timedelta) -> InsufficientData:
    needed = 2 * window_days + lookback.days
    days = history / timedelta(days=1)
    return InsufficientData(
        "target.within_days",
        window_days,
        Sentence(
            "a window whose training needs no more history than there is: {needed} days are needed "
            "(full quality from {full}), there are {days:.1f}",
            needed=needed,
            full=needed + window_days,
            days=days,
        ),
        "Import older events or shorten the window.",
    )
