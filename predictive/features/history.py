"""Arrow batches of whole users as the arrays that the feature kernel reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from predictive.features.plan import FeaturePlan
from predictive.features.timeline import Bools, Floats, Ints

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True)
class History:
    """Events of whole users, ordered by user and time.

    Parameters
    ----------
    users
        Number of users.
    user, time, event
        (n,) int64: user of each event from 0, microseconds since the epoch, and the position
        of its name in ``plan.events`` (their number: any other name).
    amount
        (n,) float64, NaN where absent; None when the plan reads none.
    product
        (n,) int64 codes, -1 where absent; None when the plan reads none.
    numbers, texts
        Property name to (n,) float64 with NaN, or to (n,) int64 codes with -1.
    """

    users: int
    user: Ints
    time: Ints
    event: Ints
    amount: Floats | None = None
    product: Ints | None = None
    numbers: dict[str, Floats] = field(default_factory=dict)
    texts: dict[str, Ints] = field(default_factory=dict)

    def slice(self, first_user: int, last_user: int) -> History:
        """The events of users ``first_user`` up to, not including, ``last_user``."""
        start, stop = np.searchsorted(self.user, [first_user, last_user])
        part = slice(start, stop)
        return History(
            last_user - first_user,
            self.user[part] - first_user,
            self.time[part],
            self.event[part],
            None if self.amount is None else self.amount[part],
            None if self.product is None else self.product[part],
            {name: values[part] for name, values in self.numbers.items()},
            {name: codes[part] for name, codes in self.texts.items()},
        )


def empty_history(users: int, plan: FeaturePlan) -> History:
    """Users of whom no event is known."""
    ints, floats = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
    return History(
        users,
        ints,
        ints,
        ints,
        floats if plan.money_events else None,
        ints if plan.has_products else None,
        dict.fromkeys(plan.number_properties, floats),
        dict.fromkeys(plan.text_properties, ints),
    )


def read_history(
    batch: pa.RecordBatch, wanted: pa.Array, plan: FeaturePlan
) -> tuple[npt.NDArray[np.int64], History]:
    """The histories of the wanted users in a batch.

    Parameters
    ----------
    batch
        Whole users in order of user and time; ``user_id`` and ``name`` dictionary-encoded.
    wanted
        Distinct user ids; events of other users are left out.
    plan
        Which columns to read.

    Returns
    -------
    rows, history
        Position in ``wanted`` of each user of the history, (users,) int64.
    """
    codes = _codes(batch.column("user_id"))
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    ids = _dictionary(batch.column("user_id")).take(pa.array(codes[starts]))
    position = pc.fill_null(pc.index_in(ids, value_set=wanted), -1).to_numpy().astype(np.int64)
    lengths = np.diff(np.append(starts, len(codes)))
    event, kept_name = _event_codes(batch.column("name"), plan)
    keep = np.repeat(position >= 0, lengths) & kept_name
    present = np.flatnonzero(position >= 0)
    renumbered = np.cumsum(position >= 0) - 1
    user = np.repeat(renumbered, lengths)
    whole = bool(keep.all())
    history = History(
        len(present),
        user if whole else user[keep],
        _kept(_microseconds(batch.column("time")), keep, whole),
        event if whole else event[keep],
        _kept(_floats(batch.column("amount")), keep, whole) if plan.money_events else None,
        _kept(_codes(batch.column("product_id")), keep, whole) if plan.has_products else None,
        {
            name: _kept(_floats(batch.column(column)), keep, whole)
            for name, column in plan.number_properties.items()
        },
        {
            name: _kept(_codes(batch.column(column)), keep, whole)
            for name, column in plan.text_properties.items()
        },
    )
    return position[present], history


def local_time(time: Ints, timezone: str) -> Ints:
    """Microseconds of the wall clock in a zone; the same array for UTC."""
    if timezone == "UTC":
        return time
    moments = pd.DatetimeIndex(time.view("datetime64[us]")).tz_localize("UTC")
    wall = moments.tz_convert(timezone).tz_localize(None)
    return wall.to_numpy().astype("datetime64[us]").astype(np.int64)


def _event_codes(column: pa.Array, plan: FeaturePlan) -> tuple[Ints, Bools]:
    """Position of each name in the plan, and whether the name may be seen at all."""
    names = _dictionary(column)
    place = {name: code for code, name in enumerate(plan.events)}
    excluded = frozenset(plan.excluded_events)
    known = names.to_pylist()
    code_of = np.array([place.get(name, len(plan.events)) for name in known], dtype=np.int64)
    allowed = np.array([name not in excluded for name in known], dtype=bool)
    codes = _codes(column)
    return code_of[codes], allowed[codes]


def _dictionary(column: pa.Array) -> pa.Array:
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    return encoded.dictionary


def _codes(column: pa.Array) -> Ints:
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    indices = encoded.indices
    filled = pc.fill_null(indices, -1) if indices.null_count else indices
    codes: Ints = filled.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _floats(column: pa.Array) -> Floats:
    values = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
    floats: Floats = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return floats


def _microseconds(column: pa.Array) -> Ints:
    # The zone is only a label on microseconds since the epoch.
    stamps: Ints = column.cast(pa.timestamp("us", column.type.tz)).view(pa.int64()).to_numpy()
    return stamps


def _kept(values: npt.NDArray[_Number], keep: Bools, whole: bool) -> npt.NDArray[_Number]:
    return values if whole else values[keep]
