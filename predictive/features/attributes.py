"""Attributes as features: the value that was true at each snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from predictive.features.plan import FeaturePlan
from predictive.features.timeline import Ints, Timeline, taken
from predictive.windows import microseconds

#: An attribute without a time is taken to have been true always.
_ALWAYS = np.iinfo(np.int64).min


def attribute_names(plan: FeaturePlan) -> tuple[str, ...]:
    """Names of the attribute columns, in order."""
    numbers = tuple(f"attribute:{name}" for name in plan.number_attributes)
    texts = tuple(
        f"attribute:{name}={value}"
        for name, values in plan.text_attributes.items()
        for value in values
    )
    return numbers + texts


def attribute_features(
    facts: pa.Table, wanted: pa.Array, snapshots: Sequence[datetime], plan: FeaturePlan
) -> npt.NDArray[np.float32]:
    """The latest value of each attribute before each snapshot.

    Parameters
    ----------
    facts
        Timed attributes (see :mod:`predictive.tables`) of a partition, in any order.
    wanted
        (users,) distinct user ids.
    snapshots
        Moments of prediction.
    plan
        Which attributes.

    Returns
    -------
    numpy.ndarray
        (snapshots, users, columns) float32: numbers as they are, NaN where unknown; texts as
        0 or 1 for each frequent value, NaN where the attribute is unknown.
    """
    out = np.full((len(snapshots), len(wanted), len(attribute_names(plan))), np.nan, np.float32)
    user = pc.fill_null(pc.index_in(facts["user_id"], value_set=wanted), -1)
    ours = facts.append_column("user", user).filter(pc.greater_equal(user, 0))
    column = 0
    for name in plan.number_attributes:
        own = _of(ours, name)
        values = pc.coalesce(own["number"], own["flag"].cast(pa.int8()).cast(pa.float64()))
        latest = _latest(own, len(wanted), snapshots)
        out[:, :, column] = taken(values.to_numpy(), latest).T
        column += 1
    for name, categories in plan.text_attributes.items():
        own = _of(ours, name)
        latest = _latest(own, len(wanted), snapshots)
        codes = pc.fill_null(pc.index_in(own["text"], value_set=pa.array(categories)), -1)
        current = taken(codes.to_numpy().astype(np.float64), latest).T
        for code in range(len(categories)):
            out[:, :, column] = np.where(np.isnan(current), np.nan, current == code)
            column += 1
    return out


def _of(facts: pa.Table, name: str) -> pa.Table:
    """One attribute's facts in order of user and time; at one time the last value wins a tie."""
    own = facts.filter(pc.equal(facts["name"], name))
    return own.sort_by(
        [(column, "ascending") for column in ("user", "time", "number", "text", "flag")]
    )


def _latest(own: pa.Table, users: int, snapshots: Sequence[datetime]) -> Ints:
    """(users, snapshots) row of the latest fact before each snapshot, -1 where there is none."""
    stamps = own["time"].cast(pa.timestamp("us", "UTC")).combine_chunks().view(pa.int64())
    time = pc.fill_null(stamps, _ALWAYS).to_numpy().astype(np.int64)
    user = own["user"].to_numpy().astype(np.int64)
    as_of = np.array([microseconds(moment) for moment in snapshots], dtype=np.int64)
    moments = np.unique(as_of)
    order = np.lexsort((time, user))
    past = order[time[order] < moments[-1]]
    last = Timeline.of(users, user[past], time[past], moments).last_before()
    rows = np.where(last < 0, -1, past[np.maximum(last, 0)] if len(past) else -1)
    return rows[:, np.searchsorted(moments, as_of)]
