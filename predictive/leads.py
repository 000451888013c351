"""How soon the target follows an event: a leak with a lead too short for the lookbacks to show.

A record that is stamped a day before the purchase it belongs to tells the outcome of whoever has
it and not yet the purchase. A lookback of a week mixes these with everybody whose purchase came
before the moment of prediction. So here each occurrence is looked at from its own moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from evaluation.association import Group
from predictive.features.plan import FeaturePlan
from predictive.features.words import readable
from predictive.leak_signs import COMPANION_ODDS, COMPANION_RATE, Finding, surely
from predictive.sources import EventSource
from predictive.windows import microseconds
from predictive.wording.sentence import Sentence, joined

#: Events looked at; those of whole partitions, and so of customers drawn by chance.
MAX_EVENTS = 2_000_000
#: Within so many hours the target may follow; longer ones up to the shortest lookback.
_HOURS = (6, 12, 24, 48, 96, 168, 336, 672)
_HOUR = 3_600_000_000
#: What comes nearer to the target is a step of the same visit: hardly anybody is between the two
#: at the moment of prediction.
_SAME_VISIT = _HOUR
_NEVER = np.iinfo(np.int64).max
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Leads:
    """Events, each with the time until the target's next one.

    Parameters
    ----------
    plan
        Names, and which of them the target speaks of.
    end
        Where the data ends, in microseconds since the epoch.
    customers, events, times, leads
        (n,) int64: code of the customer; place in ``plan.events``, -1 for other names; moment,
        and how much later the same customer's next event of the target is, in microseconds.
    """

    plan: FeaturePlan
    end: int
    customers: _Ints
    events: _Ints
    times: _Ints
    leads: _Ints

    def announcing(self) -> Iterator[Finding]:
        """Events that the target follows nearly always, and soon, but not within the hour."""
        for code, name in enumerate(self.plan.events):
            if name not in self.plan.target_events:
                yield from self._announcing(name, self.events == code)

    def _announcing(self, name: str, mine: _Bools) -> Iterator[Finding]:
        telling = [hours for hours in self._hours() if self._nearly_always(mine, hours * _HOUR)]
        if not telling:
            return
        # Who is busy does the target soon after anything: the same customers' other events say.
        customers = np.bincount(self.customers[mine], minlength=int(self.customers[-1]) + 1) > 0
        theirs = customers[self.customers] & ~mine
        for hours in telling:
            group = self._group(mine, theirs, hours * _HOUR)
            if surely(group, COMPANION_RATE, COMPANION_ODDS):
                lead = float(np.median(self._followed(mine, hours * _HOUR)))
                if lead > _SAME_VISIT:
                    yield self._finding(name, group, hours, lead / _HOUR)
                return

    def _hours(self) -> list[int]:
        longest = 24 * min(self.plan.lookback_days)
        return [*(hours for hours in _HOURS if hours < longest), longest]

    def _group(self, mine: _Bools, theirs: _Bools, within: int) -> Group:
        """Occurrences as rows, but no surer than one a customer would be."""
        rows = self._whole(mine, within)
        others = self._whole(theirs, within)
        users = len(np.unique(self.customers[rows]))
        return Group(
            rows=np.array([np.count_nonzero(rows)]),
            positives=np.array([np.count_nonzero(self.leads[rows] <= within)]),
            all_rows=np.array([np.count_nonzero(others)]),
            # None at all would be as good as no average.
            all_positives=np.array([max(1, np.count_nonzero(self.leads[others] <= within))]),
            users=users,
            other_users=len(np.unique(self.customers[others])),
            design=max(1.0, np.count_nonzero(rows) / max(users, 1)),
        )

    def _nearly_always(self, mine: _Bools, within: int) -> bool:
        """Whether it looks so; how sure that is, costs more to know."""
        leads = self.leads[self._whole(mine, within)]
        return bool(np.count_nonzero(leads <= within) >= max(1.0, COMPANION_RATE * len(leads)))

    def _whole(self, chosen: _Bools, within: int) -> _Bools:
        """Those after which the data goes on for long enough."""
        return chosen & (self.times <= self.end - within)

    def _followed(self, mine: _Bools, within: int) -> _Ints:
        leads = self.leads[self._whole(mine, within)]
        return leads[leads <= within]

    def _finding(self, name: str, group: Group, hours: int, lead: float) -> Finding:
        target = joined([readable(event) for event in self.plan.target_events], " or ")
        events = int(group.rows.sum())
        rate, average = group.positives.sum() / events, group.expected / events
        return Finding(
            "announces_target",
            "warning",
            (name,),
            Sentence(
                "{name} announces {target}: {percent:.1f} % of {events:,} occurrences were "
                "followed by {target} within {hours} hours, typically after {lead:.0f}; of the "
                "same customers' other events, {average:.1f} %.",
                name=readable(name),
                target=target,
                percent=float(100 * rate),
                events=events,
                hours=hours,
                lead=lead,
                average=100 * average,
            ),
            Sentence(
                "If {name} is recorded because of the outcome, or dated back, put it under "
                "exclude_features. If it truly happens before, all is well.",
                name=readable(name),
            ),
            {
                "customers": group.users,
                "rate": float(rate),
                "average": average,
                "hours": hours,
                "typical_hours": lead,
            },
        )


def read_leads(source: EventSource, plan: FeaturePlan, before: datetime) -> Leads | None:
    """Read how soon the target follows each event.

    Parameters
    ----------
    source
        Where the events stand.
    plan
        Which events have features, and which of them the target speaks of.
    before
        Nothing at or after this moment is looked at.

    Returns
    -------
    Leads or None
        None where the plan has no event of the target, or no other.
    """
    if not plan.target_events or set(plan.events) == set(plan.target_events):
        return None
    blocks: list[tuple[_Ints, ...]] = []
    customers = events = 0
    for partition in source.partitions:
        for batch in source.batches(partition, ("user_id", "name", "time"), before):
            block = _block(batch, plan)
            blocks.append((block[0] + customers, *block[1:]))
            customers += int(block[0][-1]) + 1 if len(block[0]) else 0
            events += len(block[0])
        if events >= MAX_EVENTS:
            break
    columns = [np.concatenate(column) for column in zip(*blocks, strict=True)]
    return Leads(plan, microseconds(before), *columns) if columns else None


def _block(batch: pa.RecordBatch, plan: FeaturePlan) -> tuple[_Ints, _Ints, _Ints, _Ints]:
    """Customers from 0, events, times and leads of a batch of whole users in order of time."""
    customers = _numbered(_codes(batch.column("user_id")))
    names = batch.column("name").dictionary.to_pylist()
    place = {name: code for code, name in enumerate(plan.events)}
    events = np.array([place.get(name, -1) for name in names], np.int64)
    targets = np.array([name in plan.target_events for name in names], np.bool_)
    codes = _codes(batch.column("name"))
    stamps = batch.column("time")
    times: _Ints = stamps.cast(pa.timestamp("us", stamps.type.tz)).view(pa.int64()).to_numpy()
    return customers, events[codes], times, _leads(customers, times, targets[codes])


def _leads(customers: _Ints, times: _Ints, targets: _Bools) -> _Ints:
    """How much later each customer's next event of the target is; at the same moment is no lead."""
    places = np.flatnonzero(targets)
    leads = np.full(len(times), _NEVER)
    if not len(places):
        return leads
    moved = (np.diff(times) != 0) | (np.diff(customers) != 0)
    last_of_moment = np.append(np.flatnonzero(moved), len(times) - 1)
    last = last_of_moment[np.searchsorted(last_of_moment, np.arange(len(times)))]
    following = np.searchsorted(places, last, side="right")
    there = following < len(places)
    nearest = places[np.minimum(following, len(places) - 1)]
    there &= customers[nearest] == customers
    leads[there] = times[nearest[there]] - times[there]
    return leads


def _numbered(codes: _Ints) -> _Ints:
    return np.cumsum(np.diff(codes, prepend=codes[:1]) != 0)


def _codes(column: pa.Array) -> _Ints:
    codes: _Ints = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes
