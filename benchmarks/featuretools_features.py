"""The kernel's kinds of features for one snapshot by deep feature synthesis.

Runs in an environment of its own: ``featuretools_features.py EVENTS.parquet AS_OF DAYS …``, days
being the lookbacks, and prints one JSON document. Habits of the hour, active days and trends are
left out: the yardstick does less.
"""

from __future__ import annotations

import json
import sys
import time

import featuretools as ft
import numpy as np
import pandas as pd

SO_FAR = [
    "count", "sum", "mean", "max", "last", "num_unique", "std",
    "time_since_last", "time_since_first", "avg_time_between",
]  # fmt: skip
WITHIN = ["count", "sum", "mean"]
BY_EVENT_SO_FAR, BY_EVENT_WITHIN = ["count", "time_since_last"], ["count"]


def entity_set(events: pd.DataFrame) -> ft.EntitySet:
    """Users and their events."""
    entities = ft.EntitySet("log")
    entities.add_dataframe(
        events.assign(event_number=np.arange(len(events))),
        "events",
        index="event_number",
        time_index="ts",
        logical_types={"event": "Categorical", "product": "Categorical"},
    )
    entities.normalize_dataframe("events", "users", "user")
    entities.add_interesting_values(
        dataframe_name="events", values={"event": sorted(events["event"].unique())}
    )
    return entities


def main(file: str, as_of: str, *lookback_days: str) -> None:
    """Time it."""
    events = pd.read_parquet(file)
    events["ts"] = events["ts"].dt.tz_localize(None).astype("datetime64[ns]")
    # A cut-off time is included by Featuretools; what is known lies before it.
    moment = pd.Timestamp(as_of).tz_localize(None) - pd.Timedelta(microseconds=1)
    known = events[events["ts"] <= moment]
    began = time.perf_counter()
    entities = entity_set(known)
    rows = pd.DataFrame({"user": known["user"].unique(), "time": moment})
    columns = 0
    for days in (None, *lookback_days):
        matrix, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="users",
            cutoff_time=rows,
            training_window=None if days is None else f"{days} days",
            agg_primitives=SO_FAR if days is None else WITHIN,
            trans_primitives=[],
            where_primitives=BY_EVENT_SO_FAR if days is None else BY_EVENT_WITHIN,
            max_depth=1,
        )
        columns += matrix.shape[1]
    print(json.dumps({"seconds": time.perf_counter() - began, "columns": columns}))


if __name__ == "__main__":
    main(*sys.argv[1:])
