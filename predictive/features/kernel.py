"""The feature kernel: events of whole users to one row a user and snapshot.

Training, batch scoring and the scoring of single fresh customers all call :func:`features`;
there is no second way to compute a feature. Nothing at or after ``as_of`` reaches a column:
every column is a difference of running values at moments up to ``as_of``
(:mod:`predictive.features.timeline`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from predictive.features.history import History, empty_history, local_time
from predictive.features.plan import FeaturePlan, lookback_boundaries
from predictive.features.timeline import Bools, Floats, Ints, Timeline, taken
from predictive.windows import microseconds

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
#: Cells of one chunk of users, so that memory does not grow with the batch.
_MAX_CELLS = 1_000_000
_DAYPARTS = ("night", "morning", "afternoon", "evening")
OTHER_EVENTS = "(other)"

_Number = TypeVar("_Number", np.int64, np.float64)
Column = tuple[str, npt.NDArray[np.int64] | npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Frame:
    """The moments that a set of snapshots asks about.

    Parameters
    ----------
    as_of
        (s,) int64, moments of prediction in microseconds.
    moments
        (m,) int64, ascending: every ``as_of`` and every start of a lookback.
    end
        (s,) position of each ``as_of`` in ``moments``.
    start
        (s, lookbacks) position of the start of each lookback.
    """

    as_of: Ints
    moments: Ints
    end: Ints
    start: Ints

    @staticmethod
    def of(snapshots: Sequence[datetime], lookback_days: tuple[int, ...]) -> Frame:
        """Lay out the snapshots."""
        as_of = np.array([microseconds(moment) for moment in snapshots], dtype=np.int64)
        starts = np.array(
            [lookback_boundaries(moment, lookback_days) for moment in snapshots], dtype=np.int64
        )
        moments = np.unique(np.concatenate([as_of, starts.ravel()]))
        return Frame(
            as_of, moments, np.searchsorted(moments, as_of), np.searchsorted(moments, starts)
        )

    def total(self, before: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        """Value of everything before each ``as_of``: (users, m, …) to (users, s, …)."""
        return before[:, self.end]

    def within(self, before: npt.NDArray[_Number], lookback: int) -> npt.NDArray[_Number]:
        """Value inside one lookback before each ``as_of``."""
        return before[:, self.end] - before[:, self.start[:, lookback]]


def feature_names(plan: FeaturePlan) -> tuple[str, ...]:
    """Names of the kernel's columns, in order."""
    frame = Frame.of([datetime(2000, 1, 1, tzinfo=UTC)], plan.lookback_days)
    return tuple(name for name, _ in _columns(empty_history(1, plan), frame, plan))


def features(
    history: History, snapshots: Sequence[datetime], plan: FeaturePlan
) -> npt.NDArray[np.float32]:
    """Features of every user at every snapshot.

    Parameters
    ----------
    history
        Events of whole users, ordered by user and time.
    snapshots
        Moments of prediction; several cost little more than one.
    plan
        Which features.

    Returns
    -------
    numpy.ndarray
        (snapshots, users, features) float32, NaN where a value is not defined.
    """
    frame = Frame.of(snapshots, plan.lookback_days)
    width = len(feature_names(plan))
    out = np.empty((len(snapshots), history.users, width), dtype=np.float32)
    seen = history.time < frame.as_of.max() if len(history.time) else None
    past = history if seen is None or seen.all() else _masked(history, seen)
    for first, last in _chunks(history.users, len(frame.moments) * (len(plan.events) + 1)):
        part = past.slice(first, last)
        for position, (_, values) in enumerate(_columns(part, frame, plan)):
            out[:, first:last, position] = values.T
    return out


def _chunks(users: int, cells_per_user: int) -> Iterator[tuple[int, int]]:
    size = max(1, _MAX_CELLS // cells_per_user)
    for first in range(0, users, size):
        yield first, min(first + size, users)


def _masked(history: History, keep: Bools) -> History:
    return History(
        history.users,
        history.user[keep],
        history.time[keep],
        history.event[keep],
        None if history.amount is None else history.amount[keep],
        None if history.product is None else history.product[keep],
        {name: values[keep] for name, values in history.numbers.items()},
        {name: codes[keep] for name, codes in history.texts.items()},
    )


def _columns(history: History, frame: Frame, plan: FeaturePlan) -> Iterator[Column]:
    line = Timeline.of(history.users, history.user, history.time, frame.moments)
    counts = line.count_before_by(history.event, len(plan.events) + 1)
    yield from _counts(counts, frame, plan)
    yield from _recency_by_event(line, history, frame, plan)
    wall = local_time(line.time, plan.timezone)
    new_day = _new_days(line, wall)
    yield from _rhythm("any", line, new_day, frame)
    yield from _target(line, history, wall, frame, plan)
    yield from _activity(line, wall, new_day, frame, plan)
    if history.amount is not None:
        yield from _money(line, history, history.amount, frame, plan)
    yield from _variety(line, history, frame)
    yield from _numbers(line, history, frame, plan)
    yield from _campaigns(counts, frame, plan)


def _counts(counts: Ints, frame: Frame, plan: FeaturePlan) -> Iterator[Column]:
    names = (*plan.events, OTHER_EVENTS)
    everything = frame.total(counts)
    for code, name in enumerate(names):
        yield f"count_all:{name}", everything[..., code]
    yield "count_all", everything.sum(axis=2)
    for lookback, days in enumerate(plan.lookback_days):
        window = frame.within(counts, lookback)
        for code, name in enumerate(names):
            yield f"count_{days}d:{name}", window[..., code]
        yield f"count_{days}d", window.sum(axis=2)


def _recency_by_event(
    line: Timeline, history: History, frame: Frame, plan: FeaturePlan
) -> Iterator[Column]:
    last = frame.total(line.last_before_by(history.event, len(plan.events) + 1))
    for code, name in enumerate((*plan.events, OTHER_EVENTS)):
        yield f"days_since:{name}", _days_between(taken(line.time, last[..., code]), frame)


def _rhythm(prefix: str, line: Timeline, new_day: Bools, frame: Frame) -> Iterator[Column]:
    """Recency, tenure and the gaps between days with events; the current gap against them."""
    last = frame.total(line.last_before())
    first_index = np.where(last >= 0, line.first()[:, None], -1)
    recency = _days_between(taken(line.time, last), frame)
    # What happens within a day is one visit: ten clicks are no ten purchases.
    days = line.subset(new_day)
    last = frame.total(days.last_before())
    gap = np.zeros(len(days.time))
    if len(gap):
        follows = np.diff(days.user, prepend=-1) == 0
        gap[follows] = np.diff(days.time, prepend=days.time[:1])[follows] / _DAY
    gaps = np.maximum(frame.total(days.count_before()) - 1, 0)
    mean = _ratio(frame.total(days.sum_before(gap)), gaps)
    square = _ratio(frame.total(days.sum_before(gap * gap)), gaps)
    yield f"{prefix}_days_since_first", _days_between(taken(line.time, first_index), frame)
    yield f"{prefix}_days_since_last", recency
    yield f"{prefix}_gap_mean", mean
    yield f"{prefix}_gap_spread", np.sqrt(np.maximum(square - mean * mean, 0.0))
    yield f"{prefix}_gap_last", np.where(gaps > 0, taken(gap, last), np.nan)
    yield f"{prefix}_gap_now_to_mean", recency / np.maximum(mean, 1.0 / 24)


def _target(
    line: Timeline, history: History, wall: Ints, frame: Frame, plan: FeaturePlan
) -> Iterator[Column]:
    """The rhythm of the events that the target speaks of, and how it changes."""
    if not plan.target_events:
        return
    codes = [plan.events.index(name) for name in plan.target_events]
    of_target = np.isin(history.event, codes)
    target = line.subset(of_target)
    new_day = _new_days(target, wall[of_target])
    yield from _rhythm("target", target, new_day, frame)
    everything, windows = _distinct_days(target, new_day, frame, plan)
    yield "target_days_all", everything
    for days, window in zip(plan.lookback_days, windows, strict=True):
        yield f"target_days_{days}d", window
    lengths = list(zip(plan.lookback_days, windows, strict=True))
    for (short, recent), (long, usual) in pairwise(lengths):
        # Half an event keeps the rate of a silent window finite.
        yield (
            f"target_trend_{short}d_{long}d",
            np.log((recent + 0.5) / (short + 0.5)) - np.log((usual + 0.5) / (long + 0.5)),
        )


def _activity(
    line: Timeline, wall: Ints, new_day: Bools, frame: Frame, plan: FeaturePlan
) -> Iterator[Column]:
    """Distinct active days, and the hours and weekdays of the habit."""
    everything, windows = _distinct_days(line, new_day, frame, plan)
    yield "active_days_all", everything
    for days, window in zip(plan.lookback_days, windows, strict=True):
        yield f"active_days_{days}d", window
    yield from _habits(line, wall, frame, plan)


def _new_days(line: Timeline, wall: Ints) -> Bools:
    """Whether an event is the first of its user on its day."""
    day = wall // _DAY
    new_day = np.ones(len(day), dtype=bool)
    new_day[1:] = (np.diff(day) != 0) | (np.diff(line.user) != 0)
    return new_day


def _distinct_days(
    line: Timeline, new_day: Bools, frame: Frame, plan: FeaturePlan
) -> tuple[Ints, list[Ints]]:
    """Days with an event: in all, and within each lookback."""
    before, days_before = line.count_before(), line.count_before(new_day)
    first_of_user = np.searchsorted(line.user, np.arange(line.users))[:, None]
    windows = []
    for lookback in range(len(plan.lookback_days)):
        inside = frame.within(before, lookback)
        start = first_of_user + before[:, frame.start[:, lookback]]
        # The window may begin in the middle of a day whose first event lies before it.
        cut = (inside > 0) & ~_flags_at(new_day, start)
        windows.append(frame.within(days_before, lookback) + cut)
    return frame.total(days_before), windows


def _habits(line: Timeline, wall: Ints, frame: Frame, plan: FeaturePlan) -> Iterator[Column]:
    # 1970-01-01 was a Thursday: day 2 of the epoch is the first Saturday.
    weekend = ((wall // _DAY + 5) % 7 < 2).astype(np.int64)
    if not plan.has_time_of_day:
        total = frame.total(line.count_before())
        yield "weekend_share", _ratio(frame.total(line.count_before(weekend == 1)), total)
        return
    part = (wall // _HOUR) % 24 // 6
    counts = frame.total(line.count_before_by(part * 2 + weekend, 8))
    total = counts.sum(axis=2)
    yield "weekend_share", _ratio(counts[..., 1::2].sum(axis=2), total)
    for index, name in enumerate(_DAYPARTS):
        yield f"{name}_share", _ratio(counts[..., 2 * index : 2 * index + 2].sum(axis=2), total)


def _money(
    line: Timeline, history: History, amount: Floats, frame: Frame, plan: FeaturePlan
) -> Iterator[Column]:
    paid = np.isfinite(amount)
    money, value, event = line.subset(paid), amount[paid], history.event[paid]
    sums, counts = money.sum_before(value), money.count_before()
    yield "amount_sum_all", frame.total(sums)
    yield "amount_mean_all", _ratio(frame.total(sums), frame.total(counts))
    yield "amount_max_all", frame.total(money.max_before(value))
    yield "amount_last", taken(value, frame.total(money.last_before()))
    for lookback, days in enumerate(plan.lookback_days):
        total = frame.within(sums, lookback)
        yield f"amount_sum_{days}d", total
        yield f"amount_mean_{days}d", _ratio(total, frame.within(counts, lookback))
    if len(plan.money_events) > 1:
        for name in plan.money_events:
            own = event == (plan.events.index(name) if name in plan.events else -1)
            own_sums = money.subset(own).sum_before(value[own])
            yield f"amount_sum_all:{name}", frame.total(own_sums)


def _variety(line: Timeline, history: History, frame: Frame) -> Iterator[Column]:
    """Distinct products and property values so far, and how often the next one is new."""
    coded = dict(history.texts)
    if history.product is not None:
        coded = {"product_id": history.product, **coded}
    for name, codes in coded.items():
        given = codes >= 0
        own = line.subset(given)
        first = _first_occurrence(own.user, codes[given])
        distinct = frame.total(own.count_before(first))
        yield f"distinct:{name}", distinct
        yield f"distinct_share:{name}", _ratio(distinct, frame.total(own.count_before()))


def _numbers(line: Timeline, history: History, frame: Frame, plan: FeaturePlan) -> Iterator[Column]:
    for name in plan.number_properties:
        values = history.numbers[name]
        given = np.isfinite(values)
        own, value = line.subset(given), values[given]
        sums, counts = own.sum_before(value), own.count_before()
        yield f"mean_all:{name}", _ratio(frame.total(sums), frame.total(counts))
        yield f"last:{name}", taken(value, frame.total(own.last_before()))
        for lookback, days in enumerate(plan.lookback_days):
            yield f"sum_{days}d:{name}", frame.within(sums, lookback)


def _campaigns(counts: Ints, frame: Frame, plan: FeaturePlan) -> Iterator[Column]:
    """How often messages are opened and clicked, per message sent."""
    if "campaign_sent" not in plan.events:
        return
    everything = frame.total(counts)
    sent = everything[..., plan.events.index("campaign_sent")]
    for answer in ("campaign_opened", "campaign_clicked"):
        if answer in plan.events:
            answered = everything[..., plan.events.index(answer)]
            yield f"{answer}_per_sent", _ratio(answered, sent)


def _first_occurrence(user: Ints, codes: Ints) -> Bools:
    """Whether an event is the first of its user with its code; events in order of time."""
    span = int(codes.max(initial=0)) + 1
    return ~pd.Series(user * span + codes).duplicated().to_numpy()


def _flags_at(flags: Bools, index: Ints) -> Bools:
    if not len(flags):
        return np.zeros(index.shape, dtype=bool)
    return flags[np.minimum(index, len(flags) - 1)]


def _days_between(time: Floats, frame: Frame) -> Floats:
    return (frame.as_of[None, :] - time) / _DAY


def _ratio(numerator: npt.NDArray[_Number], denominator: Ints) -> Floats:
    """Quotient, NaN where the denominator is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / np.maximum(denominator, 1), np.nan)
