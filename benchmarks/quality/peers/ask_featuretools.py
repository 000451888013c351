"""Deep feature synthesis over the events, and LightGBM on what it makes.

Runs in an environment of its own (featuretools.txt): ``ask_featuretools.py FOLDER``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import featuretools as ft
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier

AGGREGATIONS = [
    "count", "sum", "mean", "max", "min", "std", "trend", "num_unique", "mode",
    "percent_true", "time_since_last", "time_since_first", "avg_time_between",
]  # fmt: skip
TRANSFORMATIONS = ["day", "month", "weekday", "is_weekend"]
BOOSTING = {
    "n_estimators": 200, "learning_rate": 0.05, "num_leaves": 15, "subsample": 0.8,
    "subsample_freq": 1, "colsample_bytree": 0.8, "n_jobs": 1, "verbosity": -1,
}  # fmt: skip
#: Names of events that features are also made of one by one.
INTERESTING = 8


def entity_set(events: pd.DataFrame) -> ft.EntitySet:
    """Users and their events."""
    entities = ft.EntitySet("log")
    events = events.assign(event_number=np.arange(len(events)))
    entities.add_dataframe(
        events, "events", index="event_number", time_index="time",
        logical_types={
            name: "Categorical" for name in events
            if not pd.api.types.is_numeric_dtype(events[name].dtype) and name != "time"
        },
    )  # fmt: skip
    entities.normalize_dataframe("events", "users", "user_id")
    names = events["event"].value_counts().index[:INTERESTING].tolist()
    if len(names) > 1:
        entities.add_interesting_values(dataframe_name="events", values={"event": names})
    return entities


def main(folder: Path) -> None:
    """Read what is asked, write ``predictions.parquet``."""
    asked = json.loads((folder / "question.json").read_text())
    events = pd.read_parquet(folder / "events.parquet")
    events["time"] = events["time"].dt.tz_localize(None).astype("datetime64[ns]")
    where = ["count", "time_since_last"] if events["event"].nunique() > 1 else []
    rows = pd.read_parquet(folder / "rows.parquet")
    rows["time"] = rows["as_of"].dt.tz_localize(None).astype("datetime64[ns]")
    # A cut-off time is included by Featuretools; what is known lies before it.
    rows["time"] -= pd.Timedelta(microseconds=1)
    matrix, _ = ft.dfs(
        entityset=entity_set(events), target_dataframe_name="users",
        cutoff_time=rows[["user_id", "time"]], agg_primitives=AGGREGATIONS,
        trans_primitives=TRANSFORMATIONS, where_primitives=where,
        max_depth=2, cutoff_time_in_index=True,
    )  # fmt: skip
    matrix = matrix.reindex(pd.MultiIndex.from_frame(rows[["user_id", "time"]]))
    for name in matrix.columns:
        if not pd.api.types.is_numeric_dtype(matrix[name].dtype):
            matrix[name] = matrix[name].astype("category").cat.codes
    matrix = matrix.astype(float)
    training = rows["label"].notna().to_numpy()
    model = LGBMClassifier(**BOOSTING, random_state=asked["seed"])
    model.fit(matrix.to_numpy()[training], rows["label"].to_numpy()[training].astype(int))
    values = model.predict_proba(matrix.to_numpy()[~training])[:, 1]
    found = pd.DataFrame({"user_id": rows["user_id"][~training], "probability": values})
    found.to_parquet(folder / "predictions.parquet")
    (folder / "about.json").write_text(
        json.dumps({"features": matrix.shape[1], "featuretools": ft.__version__})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
