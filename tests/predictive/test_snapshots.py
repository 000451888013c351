"""Eligibility and labels against plain Python, snapshot by snapshot and user by user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.definitions import Definition
from predictive.snapshots import SnapshotUsers, snapshot_users
from predictive.tables import EventTables

ORIGIN = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
USERS = ("anna", "bert", "cleo", "dora")
CHURN = Definition.from_text(
    "{name: c, kind: churn, target: {within_days: 7, all: [{did_not: purchase}]},"
    " audience: {all: [{did: visit, within_days: 10}]}}"
)
CANCEL = Definition.from_text(
    "{name: x, kind: churn, target: {within_days: 7, all: [{did: cancel}]}}"
)
PURCHASE = Definition.from_text(
    "{name: p, kind: purchase, target: {within_days: 5,"
    " any: [{did: purchase, where: [{property: amount, gte: 10}]}]}}"
)


@dataclass(frozen=True)
class Happening:
    user: str
    name: str
    time: datetime
    amount: float | None


happenings = st.lists(
    st.builds(
        Happening,
        user=st.sampled_from(USERS[:3]),
        name=st.sampled_from(["purchase", "visit", "cancel"]),
        time=st.builds(
            lambda days, micros: ORIGIN + days * DAY + timedelta(microseconds=micros),
            st.integers(0, 40),
            st.sampled_from([0, 0, -1, 1]),
        ),
        amount=st.sampled_from([None, 5.0, 10.0, 20.0]),
    ),
    max_size=25,
)
moments = st.lists(
    st.integers(1, 40).map(lambda days: ORIGIN + days * DAY), min_size=1, max_size=3, unique=True
)


class OneTable:
    """Events in memory as a source with one partition."""

    partitions = (0,)

    def __init__(self, events: list[Happening], dora_since: datetime | None = None) -> None:
        text, number = pa.string(), pa.float64()
        self._events = pa.table(
            {
                "event_id": pa.array([f"e{i}" for i in range(len(events))], text),
                "user_id": pa.array([e.user for e in events], text),
                "name": pa.array([e.name for e in events], text),
                "time": pa.array([e.time for e in events], pa.timestamp("us", "UTC")),
                "amount": pa.array([e.amount for e in events], number),
            }
        )
        known = [dora_since] if dora_since else []
        self._attributes = pa.table(
            {
                "user_id": pa.array(["dora"] * len(known), text),
                "name": pa.array(["tier"] * len(known), text),
                "time": pa.array(known, pa.timestamp("us", "UTC")),
                "number": pa.nulls(len(known), number),
                "text": pa.array(["gold"] * len(known), text),
                "flag": pa.nulls(len(known), pa.bool_()),
            }
        )

    def ask(self, question: Callable[[EventTables], ibis.Table]) -> Iterator[tuple[int, pa.Table]]:
        backend = ibis.duckdb.connect(threads=1)
        backend.con.register("events", self._events)
        backend.con.register("attributes", self._attributes)
        tables = EventTables(backend.table("events"), backend.table("attributes"))
        yield 0, question(tables).to_pyarrow()
        backend.disconnect()


def asked(
    definition: Definition, source: OneTable, snapshots: list[datetime]
) -> dict[tuple[int, str], bool]:
    """Label of every eligible user at every snapshot."""
    (users,) = snapshot_users(source, definition, snapshots, outcomes=True)
    return {
        (s, user): bool(users.positive[s, u])
        for s in range(len(snapshots))
        for u, user in enumerate(users.user_ids.to_pylist())
        if users.eligible[s, u]
    }


def matches(definition: Definition, events: list[Happening], start: datetime) -> bool:
    """Whether the target is true over the window from ``start``."""
    inside = [e for e in events if start <= e.time < start + definition.window]
    if definition is CHURN:
        return not any(e.name == "purchase" for e in inside)
    if definition is CANCEL:
        return any(e.name == "cancel" for e in inside)
    return any(e.name == "purchase" and (e.amount or 0) >= 10 for e in inside)


@settings(max_examples=60, deadline=None)
@given(
    definition=st.sampled_from([CHURN, CANCEL, PURCHASE]),
    events=happenings,
    snapshots=moments,
    dora_since=st.none() | st.integers(0, 40).map(lambda days: ORIGIN + days * DAY),
)
def test_eligibility_and_labels_equal_plain_python(definition, events, snapshots, dora_since):
    expected = {}
    for s, as_of in enumerate(snapshots):
        for user in USERS:
            own = [e for e in events if e.user == user]
            known = any(e.time < as_of for e in own)
            known |= user == "dora" and dora_since is not None and dora_since < as_of
            if not known:
                continue
            if definition.kind == "churn" and matches(definition, own, as_of - definition.window):
                continue
            if definition is CHURN and not any(
                e.name == "visit" and as_of - 10 * DAY <= e.time < as_of for e in own
            ):
                continue
            expected[s, user] = matches(definition, own, as_of)
    assert asked(definition, OneTable(events, dora_since), snapshots) == expected


@pytest.mark.parametrize(("late_us", "known"), [(-1, True), (0, False)])
def test_nobody_is_known_by_what_happens_at_the_moment_itself(late_us: int, known: bool) -> None:
    as_of = ORIGIN + 20 * DAY
    first = as_of + timedelta(microseconds=late_us)
    event = Happening("anna", "purchase", first, 20.0)
    # A later moment beside it: who is unknown at the first is known at that one.
    found = asked(PURCHASE, OneTable([event], dora_since=first), [as_of, as_of + DAY])
    assert {(0, user) in found for user in ("anna", "dora")} == {known}
    assert {(1, user) in found for user in ("anna", "dora")} == {True}


@settings(max_examples=20, deadline=None)
@given(definition=st.sampled_from([CHURN, CANCEL, PURCHASE]), events=happenings, later=happenings)
def test_what_comes_after_the_window_changes_no_label(definition, events, later):
    as_of = ORIGIN + 20 * DAY
    end = as_of + definition.window
    past = [e for e in events if e.time < end]
    planted = past + [e for e in later if e.time >= end]
    assert asked(definition, OneTable(planted), [as_of]) == asked(
        definition, OneTable(past), [as_of]
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_sample_of_users_does_not_depend_on_who_else_is_there(share):
    def users(ids: list[str]) -> SnapshotUsers:
        flags = np.ones((2, len(ids)), dtype=bool)
        return SnapshotUsers(0, pa.array(ids), flags, flags)

    ids = [f"user-{i}" for i in range(2000)]
    drawn = set(users(ids).sampled(share, seed=3).user_ids.to_pylist())
    among_fewer = set(users(ids[::2]).sampled(share, seed=3).user_ids.to_pylist())
    assert among_fewer == drawn & set(ids[::2])
    assert len(drawn) == pytest.approx(share * len(ids), abs=100)
