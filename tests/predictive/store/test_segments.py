from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from predictive.errors import NotFound
from predictive.store import Store
from predictive.store.segments import SegmentSnapshot

NOW = datetime(2024, 5, 1, 12, 30, 0, 123456, tzinfo=UTC)
AT_RISK = {"name": "at-risk", "all": [{"prediction": "churn-28d", "gte": 75}]}


def snapshot(segment_id: str, number: int) -> SegmentSnapshot:
    return SegmentSnapshot(
        f"s{number}", segment_id, 1, f"key {number}", NOW, NOW, {"churn-28d": "run"}, 10
    )


def test_a_segment_is_created_changed_and_left_as_it_is(store: Store) -> None:
    created = store.segments.save(AT_RISK, by="key 1", at=NOW)
    again = store.segments.save(AT_RISK, by="key 2", at=NOW + timedelta(days=1))
    wider = {"name": "at-risk", "all": [{"prediction": "churn-28d", "gte": 50}]}
    updated = store.segments.save(wider, by="key 2", at=NOW + timedelta(days=2))

    assert [one.change for one in (created, again, updated)] == ["created", "unchanged", "updated"]
    assert store.segments.get("at-risk") == updated.segment
    assert updated.segment.version == 2
    assert updated.segment.created_at == NOW
    assert updated.segment.updated_at == NOW + timedelta(days=2)
    assert updated.segment.created_by == "key 1"
    assert updated.segment.document == wider


def test_an_unknown_name_suggests_the_nearest(store: Store) -> None:
    store.segments.save(AT_RISK, by="", at=NOW)
    with pytest.raises(NotFound, match="at-risk"):
        store.segments.get("at-rsk")


def test_segments_are_listed_by_name_after_a_name(store: Store) -> None:
    for name in ("b", "a", "c"):
        store.segments.save({**AT_RISK, "name": name}, by="", at=NOW)
    assert [one.name for one in store.segments.list()] == ["a", "b", "c"]
    assert [one.name for one in store.segments.list(after="a", limit=1)] == ["b"]


def test_snapshots_come_newest_first_and_go_with_their_segment(store: Store) -> None:
    segment = store.segments.save(AT_RISK, by="", at=NOW).segment
    for number in range(3):
        store.segments.add_snapshot(snapshot(segment.id, number))
    store.segments.delete_snapshots(["s1"])
    store.segments.member_left("s2")
    kept = store.segments.snapshots(segment.id)
    assert [(one.snapshot_id, one.users) for one in kept] == [("s2", 9), ("s0", 10)]
    assert kept[1] == snapshot(segment.id, 0)

    assert store.segments.delete("at-risk") == kept
    assert store.segments.snapshots(segment.id) == []
    with pytest.raises(NotFound):
        store.segments.add_snapshot(snapshot(segment.id, 3))


def test_a_name_used_again_is_another_segment(store: Store) -> None:
    first = store.segments.save(AT_RISK, by="", at=NOW).segment
    store.segments.delete("at-risk")
    second = store.segments.save(AT_RISK, by="", at=NOW).segment
    assert second.id != first.id
    assert second.version == 1
