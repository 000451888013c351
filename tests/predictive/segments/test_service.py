from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from predictive.deletion import delete_user
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.segments import service, snapshots
from predictive.segments.changes import changes as segment_changes
from predictive.segments.definition import SegmentDefinition
from predictive.workspace import Workspace
from tests.predictive.segments.conftest import Bring, Publish

NOW = datetime(2025, 11, 2, 9, tzinfo=UTC)
SCORES = {"anna": 90.0, "ben": 80.0, "cleo": 30.0, "dora": 75.0}


def segment(**conditions: Any) -> SegmentDefinition:
    return SegmentDefinition.from_mapping({"name": "chosen", **conditions})


AT_RISK = segment(all=[{"prediction": "churn-28d", "gte": 75}])
ACTIVE_AT_RISK = segment(
    all=[{"prediction": "churn-28d", "category": "high"}, {"did": "*", "within_days": 14}]
)


def members(workspace: Workspace, now: datetime = NOW) -> list[str]:
    told = service.page(workspace, "chosen", cursor=None, limit=100, now=now)
    return [member["user_id"] for member in told["members"]]


@pytest.mark.parametrize(
    ("conditions", "users"),
    [
        ({"all": [{"did": "review", "within_days": 1}]}, 1),
        ({"all": [{"did_not": "*", "within_days": 7}]}, 2),
        ({"all": [{"attribute": "points", "gte": 30_000}]}, 1),
        ({"all": [{"attribute": "language", "eq": "ko"}]}, 1),
        ({"any": [{"prediction": "churn-28d", "gte": 76}, {"did": "review"}]}, 3),
    ],
)
def test_people_are_counted_before_anything_is_saved(
    workspace: Workspace, publish: Publish, conditions: dict[str, Any], users: int
) -> None:
    run_id = publish(SCORES)
    told = service.count(workspace, segment(**conditions))
    assert told["users"] == users
    assert told["runs"] in ({}, {"churn-28d": run_id})
    assert service.list_all(workspace) == []


def test_a_saved_segment_is_current_when_it_is_read(
    workspace: Workspace, publish: Publish, bring: Bring
) -> None:
    publish(SCORES)
    saved = service.save(workspace, ACTIVE_AT_RISK, by="key 1", now=NOW)
    assert saved["change"] == "created"
    assert saved["users"] == 2
    assert members(workspace) == ["anna", "ben"]

    bring("user,what,when\ndora,visit,2025-10-31T13:00Z\n")
    assert members(workspace) == ["anna", "ben", "dora"]

    publish({**SCORES, "ben": 74.99})
    assert members(workspace) == ["anna", "dora"]
    assert service.show(workspace, "chosen", now=NOW)["users"] == 2


def test_nothing_is_computed_again_while_nothing_changed(
    workspace: Workspace, publish: Publish, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    taken: list[int] = []
    really = snapshots.write_members

    def counted(*arguments: Any) -> int:
        taken.append(1)
        return really(*arguments)

    monkeypatch.setattr(snapshots, "write_members", counted)
    bring("user,what,when\ndora,visit,2025-10-31T13:00Z\n")  # says nothing about scores
    for _ in range(3):
        members(workspace)
    assert taken == []
    publish(SCORES)
    members(workspace)
    assert taken == [1]


def test_pages_are_of_one_snapshot_whatever_is_published_meanwhile(
    workspace: Workspace, publish: Publish
) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    first = service.page(workspace, "chosen", cursor=None, limit=2, now=NOW)
    publish({"dora": 10.0, "cleo": 99.0})
    second = service.page(workspace, "chosen", cursor=first["next_cursor"], limit=2, now=NOW)
    assert [one["user_id"] for one in first["members"] + second["members"]] == [
        "anna",
        "ben",
        "dora",
    ]
    assert first["members"][0]["scores"] == {"churn-28d": 90.0}
    assert second["next_cursor"] is None
    assert members(workspace) == ["cleo"]


@pytest.mark.parametrize("cursor", ["", "x", "bm90IGpzb24=", "WzEsIDJd", "é"])
def test_a_cursor_that_is_none_is_refused(
    workspace: Workspace, publish: Publish, cursor: str
) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    with pytest.raises(InvalidInput) as refusal:
        service.page(workspace, "chosen", cursor=cursor, limit=1, now=NOW)
    assert refusal.value.field == "cursor"


def test_membership_of_one_user(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    assert service.contains(workspace, "chosen", "anna", now=NOW)["member"] is True
    assert service.contains(workspace, "chosen", "cleo", now=NOW)["member"] is False
    assert service.contains(workspace, "chosen", "no'body", now=NOW)["member"] is False


def test_who_entered_and_who_left(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    later = NOW + timedelta(days=2)
    publish({"anna": 90.0, "ben": 10.0, "cleo": 80.0})
    told = segment_changes(workspace, "chosen", since=NOW, limit=1, now=later)
    assert told["entered"] == {"users": 1, "user_ids": ["cleo"]}
    assert told["left"] == {"users": 2, "user_ids": ["ben"]}
    assert told["since"] == NOW.isoformat()
    with pytest.raises(InvalidInput, match="last 90 days"):
        segment_changes(workspace, "chosen", since=later + timedelta(1), limit=1, now=later)


def test_all_who_entered_and_left_are_told_page_by_page(
    workspace: Workspace, publish: Publish
) -> None:
    before = {f"gone-{number:02d}": 80.0 for number in range(7)}
    after = {f"new-{number:02d}": 80.0 for number in range(12)}
    publish(before | {"anna": 90.0})
    service.save(workspace, AT_RISK, by="", now=NOW)
    later = NOW + timedelta(days=2)
    publish(after | {"anna": 90.0})
    cursor, entered, left = None, [], []
    for page in range(3):
        told = segment_changes(workspace, "chosen", since=NOW, limit=5, now=later, cursor=cursor)
        assert (told["entered"]["users"], told["left"]["users"]) == (12, 7)
        entered += told["entered"]["user_ids"]
        left += told["left"]["user_ids"]
        cursor = told["next_cursor"]
        if page == 0:
            # What changes meanwhile changes nothing for who has begun.
            publish({"anna": 90.0})
            service.show(workspace, "chosen", now=later)
    assert cursor is None
    assert (entered, left) == (sorted(after), sorted(before))
    with pytest.raises(InvalidInput, match="cursor"):
        segment_changes(workspace, "chosen", since=NOW, limit=5, now=later, cursor="WyJhIl0=")


def test_one_snapshot_a_day_is_kept(workspace: Workspace, publish: Publish) -> None:
    for hours in (0, 1, 2, 30, 31, 24 * 95):
        publish(SCORES)
        service.save(workspace, AT_RISK, by="", now=NOW + timedelta(hours=hours))
    kept = workspace.store.segments.snapshots(workspace.store.segments.get("chosen").id)
    assert [one.taken_at - NOW for one in kept] == [timedelta(hours=24 * 95)]
    files = {file.stem for file in workspace.segments_path.iterdir()}
    assert files == {one.snapshot_id for one in kept}


def test_a_deleted_user_is_in_no_snapshot(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    later = NOW + timedelta(days=2)
    publish(SCORES | {"ben": 10.0})
    changed = segment_changes(workspace, "chosen", since=NOW, limit=9, now=later)
    assert changed["left"]["user_ids"] == ["ben"]
    assert delete_user(workspace, "ben")["segments"] == 1
    assert members(workspace) == ["anna", "dora"]
    changed = segment_changes(workspace, "chosen", since=NOW, limit=9, now=later)
    assert changed["left"] == {"users": 0, "user_ids": []}
    for file in workspace.segments_path.iterdir():
        assert b"ben" not in file.read_bytes()


def test_a_deleted_segment_leaves_no_file(workspace: Workspace, publish: Publish) -> None:
    publish(SCORES)
    service.save(workspace, AT_RISK, by="", now=NOW)
    service.delete(workspace, "chosen")
    assert list(workspace.segments_path.iterdir()) == []
    with pytest.raises(NotFound):
        service.show(workspace, "chosen", now=NOW)


def test_names_and_predictions_must_be_known(workspace: Workspace, publish: Publish) -> None:
    with pytest.raises(Conflict, match="no scores yet"):
        service.save(workspace, AT_RISK, by="", now=NOW)
    publish(SCORES)
    with pytest.raises(InvalidInput, match="visit"):
        service.count(workspace, segment(all=[{"did": "visti"}]))
    with pytest.raises(NotFound, match="churn-28d"):
        service.count(workspace, segment(all=[{"prediction": "churn-28", "gte": 1}]))
    workspace.store.predictions.set_state("churn-28d", "archived")
    with pytest.raises(Conflict, match="archived"):
        service.count(workspace, AT_RISK)
    assert service.list_all(workspace) == []
