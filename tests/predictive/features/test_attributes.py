"""Attributes as features: the value that was true at the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.features.attributes import attribute_features, attribute_names
from predictive.features.plan import FeaturePlan

ORIGIN = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
USERS = ["a", "b", "c"]
PLAN = FeaturePlan(
    lookback_days=(7,),
    events=("purchase",),
    target_events=("purchase",),
    number_attributes=("points", "vip"),
    text_attributes={"country": ("FR", "GB")},
)

# (user, name, value, time): at one moment an attribute has one value, as in the lake.
facts = st.lists(
    st.tuples(
        st.sampled_from([*USERS, "stranger"]),
        st.sampled_from(["points", "vip", "country", "unplanned"]),
        st.integers(0, 3),
        st.none() | st.integers(0, 10).map(lambda days: ORIGIN + days * DAY),
    ),
    max_size=20,
    unique_by=lambda fact: (fact[0], fact[1], fact[3]),
)
COUNTRIES = ["FR", "GB", "DE", "IT"]


def as_table(rows: list[tuple]) -> pa.Table:
    return pa.table(
        {
            "user_id": pa.array([r[0] for r in rows], pa.string()),
            "name": pa.array([r[1] for r in rows], pa.string()),
            "time": pa.array([r[3] for r in rows], pa.timestamp("us", "UTC")),
            "number": pa.array(
                [float(r[2]) if r[1] == "points" else None for r in rows], pa.float64()
            ),
            "text": pa.array(
                [COUNTRIES[r[2]] if r[1] in ("country", "unplanned") else None for r in rows],
                pa.string(),
            ),
            "flag": pa.array([r[2] > 1 if r[1] == "vip" else None for r in rows], pa.bool_()),
        }
    )


def current(rows: list[tuple], user: str, name: str, as_of: datetime) -> int | None:
    """The latest value before the moment; one without a time counts as the oldest."""
    past = [r for r in rows if r[:2] == (user, name) and (r[3] is None or r[3] < as_of)]
    oldest = datetime.min.replace(tzinfo=UTC)
    return max(past, key=lambda r: r[3] or oldest)[2] if past else None


@settings(max_examples=100, deadline=None)
@given(rows=facts, days=st.lists(st.integers(1, 11), min_size=1, max_size=3, unique=True))
def test_attributes_equal_plain_python(rows, days):
    snapshots = [ORIGIN + day * DAY for day in days]
    values = attribute_features(as_table(rows), pa.array(USERS), snapshots, PLAN)
    assert attribute_names(PLAN) == (
        "attribute:points",
        "attribute:vip",
        "attribute:country=FR",
        "attribute:country=GB",
    )
    for s, as_of in enumerate(snapshots):
        for u, user in enumerate(USERS):
            points = current(rows, user, "points", as_of)
            vip = current(rows, user, "vip", as_of)
            country = current(rows, user, "country", as_of)
            expected = [
                np.nan if points is None else points,
                np.nan if vip is None else float(vip > 1),
                np.nan if country is None else float(country == 0),
                np.nan if country is None else float(country == 1),
            ]
            np.testing.assert_array_equal(values[s, u], expected)
