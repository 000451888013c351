"""The kernel against the plain reference, and the rule that nothing sees the future."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.features import kernel
from predictive.features.history import empty_history, read_history
from predictive.features.kernel import feature_names, features
from predictive.features.plan import FeaturePlan
from tests.reference.features import Event, reference_features, utc

ORIGIN = utc(2024, 3, 1)
PLAN = FeaturePlan(
    lookback_days=(2, 7, 21),
    events=("campaign_clicked", "campaign_opened", "campaign_sent", "purchase", "refund"),
    target_events=("purchase",),
    money_events=("purchase", "refund"),
    number_properties={"weight": "property_weight"},
    text_properties={"colour": "property_colour"},
    excluded_events=("secret",),
    has_products=True,
    timezone="Europe/Berlin",
)
NAMES = (*PLAN.events, "visit", "review", "secret")

# Whole days and hours collide with cut-offs and window edges; the odd microsecond nearly does.
moments = st.builds(
    lambda days, hours, micros: ORIGIN + timedelta(days=days, hours=hours, microseconds=micros),
    st.integers(0, 45),
    st.sampled_from([0, 0, 1, 23]),
    st.sampled_from([0, 0, -1, 1]),
)
event_lists = st.lists(
    st.builds(
        Event,
        user=st.sampled_from(["a", "b", "c", "d"]),
        name=st.sampled_from(NAMES),
        time=moments,
        amount=st.one_of(st.none(), st.integers(-50, 500).map(lambda cents: cents / 4)),
        product=st.one_of(st.none(), st.sampled_from(["x", "y", "z"])),
        number=st.one_of(st.none(), st.integers(-8, 8).map(float)),
        text=st.one_of(st.none(), st.sampled_from(["red", "blue"])),
    ),
    max_size=40,
)
snapshot_lists = st.lists(
    st.integers(1, 45).map(lambda days: ORIGIN + timedelta(days=days)),
    min_size=1,
    max_size=4,
    unique=True,
)


def in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.user, event.time))


def as_batch(events: list[Event]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "user_id": pa.array([e.user for e in events], pa.string()).dictionary_encode(),
            "name": pa.array([e.name for e in events], pa.string()).dictionary_encode(),
            "time": pa.array([e.time for e in events], pa.timestamp("us", "UTC")),
            "amount": pa.array([e.amount for e in events], pa.float64()),
            "product_id": pa.array([e.product for e in events], pa.string()),
            "property_weight": pa.array([e.number for e in events], pa.float64()),
            "property_colour": pa.array([e.text for e in events], pa.string()),
        }
    )


def computed(
    events: list[Event], snapshots: list[datetime], users: list[str], plan: FeaturePlan = PLAN
) -> np.ndarray:
    """(snapshots, users, features), silent users included."""
    out = np.full((len(snapshots), len(users), len(feature_names(plan))), -1e9, np.float32)
    rows, history = read_history(as_batch(in_order(events)), pa.array(users, pa.string()), plan)
    out[:, rows] = features(history, snapshots, plan)
    silent = np.setdiff1d(np.arange(len(users)), rows)
    out[:, silent] = features(empty_history(len(silent), plan), snapshots, plan)
    return out


@settings(max_examples=150, deadline=None)
@given(events=event_lists, snapshots=snapshot_lists)
def test_kernel_equals_the_plain_reference(events, snapshots):
    users = ["a", "b", "d"]
    values = computed(events, snapshots, users)
    names = feature_names(PLAN)
    for s, as_of in enumerate(snapshots):
        for u, user in enumerate(users):
            expected = reference_features(in_order(events), user, as_of, PLAN)
            assert set(expected) == set(names)
            np.testing.assert_allclose(
                values[s, u],
                [expected[name] for name in names],
                rtol=1e-5,
                atol=1e-4,
                err_msg=f"{user} at {as_of}: {names}",
            )


@settings(max_examples=60, deadline=None)
@given(events=event_lists, future=event_lists, snapshots=snapshot_lists)
def test_planted_future_changes_nothing(events, future, snapshots):
    as_of = max(snapshots)
    past = [event for event in events if event.time < as_of]
    planted = past + [event for event in future if event.time >= as_of]
    users = ["a", "b", "c", "d"]
    np.testing.assert_array_equal(computed(planted, [as_of], users), computed(past, [as_of], users))


@settings(max_examples=40, deadline=None)
@given(events=event_lists, snapshots=snapshot_lists)
def test_many_snapshots_at_once_equal_one_by_one(events, snapshots):
    users = ["a", "b", "c", "d"]
    together = computed(events, snapshots, users)
    for index, as_of in enumerate(snapshots):
        np.testing.assert_array_equal(together[index], computed(events, [as_of], users)[0])


def test_chunks_of_users_do_not_show(monkeypatch: pytest.MonkeyPatch):
    events = [
        Event(f"u{i % 7}", NAMES[i % len(NAMES)], ORIGIN + timedelta(hours=5 * i), float(i), "x")
        for i in range(120)
    ]
    users = [f"u{i}" for i in range(7)]
    whole = computed(events, [ORIGIN + 20 * timedelta(days=1)], users)
    monkeypatch.setattr(kernel, "_MAX_CELLS", 1)
    np.testing.assert_array_equal(computed(events, [ORIGIN + 20 * timedelta(days=1)], users), whole)


def test_an_event_at_the_cut_off_is_future_and_one_at_the_window_start_counts():
    as_of = ORIGIN + timedelta(days=10)
    events = [
        Event("a", "purchase", as_of - timedelta(days=7)),
        Event("a", "purchase", as_of - timedelta(days=7, microseconds=1)),
        Event("a", "purchase", as_of),
    ]
    column = feature_names(PLAN).index("count_7d:purchase")
    total = feature_names(PLAN).index("count_all:purchase")
    values = computed(events, [as_of], ["a"])[0, 0]
    assert values[column] == 1
    assert values[total] == 2
