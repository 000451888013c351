"""A day's events as they are made, and as one Arrow table."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from predictive.replay.customers import COUNTRIES, Customers

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("customer", pa.string()),
        ("event", pa.string()),
        ("time", pa.timestamp("us", "UTC")),
        ("amount", pa.float64()),
        ("product", pa.string()),
        ("channel", pa.string()),
        ("country", pa.string()),
    ]
)
CHANNELS = ("web", "app")

_LAST_SECOND = 86_399.0
_DAY_US = 86_400 * 1_000_000


class EventRows:
    """Collects the events of one day.

    Parameters
    ----------
    day
        The day, in UTC.
    customers
        Whose events they are.
    """

    def __init__(self, day: date, customers: Customers) -> None:
        self._day, self._customers = day, customers
        self._parts: list[pa.Table] = []

    def add(
        self,
        event: str,
        who: Indices,
        seconds: Floats,
        *,
        amount: Floats | None = None,
        product: Indices | None = None,
        app: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Add events of one name.

        Parameters
        ----------
        event
            Its name.
        who
            (n,) customers.
        seconds
            (n,) seconds since midnight; what would fall on the next day is still of this one.
        amount, product
            (n,) money and product numbers; None for none.
        app
            (n,) whether it happened in the app; None where a channel makes no sense.
        """
        n = len(who)
        midnight = np.datetime64(self._day, "us").astype(np.int64)
        times = midnight + (np.clip(seconds, 0, _LAST_SECOND) * 1e6).astype(np.int64)
        channel = None if app is None else pa.array(CHANNELS).take(pa.array(app.astype(np.int64)))
        country = pa.array(COUNTRIES).take(pa.array(self._customers.country[who]))
        columns = [
            pc.binary_join_element_wise("c", pa.array(who).cast(pa.string()), ""),
            pa.repeat(event, n),
            pa.array(times).cast(SCHEMA.field("time").type),
            pa.nulls(n, pa.float64()) if amount is None else pa.array(np.round(amount, 2)),
            pa.nulls(n, pa.string())
            if product is None
            else pc.binary_join_element_wise("p", pa.array(product).cast(pa.string()), ""),
            pa.nulls(n, pa.string()) if channel is None else channel,
            country if event == "registered" else pa.nulls(n, pa.string()),
        ]
        self._parts.append(pa.table(columns, schema=SCHEMA))

    def table(self, lost_event: str | None) -> pa.Table:
        """All of them in order of time, without those of an event that is not recorded."""
        table = pa.concat_tables(self._parts)
        if lost_event is not None:
            table = table.filter(pc.not_equal(table["event"], lost_event))
        return table.sort_by([("time", "ascending"), ("customer", "ascending")])
