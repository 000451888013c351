from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest

from tests.api.conftest import SCORES, Service, add_purchase, publish
from tests.api.problems import assert_problem

AT_RISK = {"name": "at-risk", "all": [{"prediction": "churn-28d", "gte": 50}]}
HOSTILE = ["o'hara", '"; DROP TABLE scores;--', "<b>x</b>", "\u202egnp", "../../etc", "a\nb"]


@pytest.fixture
def shop(scored: Service) -> Iterator[Service]:
    """Scores with their archive, and a purchase of anna's."""
    workspace = scored.workspace
    add_purchase(workspace)
    archive(workspace, workspace.store.runs.current("churn-28d").run_id, SCORES)
    yield scored


def archive(workspace: Any, run_id: str, scores: list[tuple[str, float, float]]) -> None:
    users, probabilities, values = zip(*scores, strict=True)
    batch = pa.RecordBatch.from_pydict(
        {"user_id": users, "probability": probabilities, "score": values}
    )
    workspace.lake.archive_scores(run_id, [batch])


def get(service: Service, path: str, **parameters: Any) -> Any:
    return service.client.get(
        f"/v1/segments{path}", params=parameters, headers=service.headers("read")
    )


def save(service: Service, segment: Any) -> Any:
    return service.client.post("/v1/segments", json=segment, headers=service.headers("manage"))


def test_a_segment_is_counted_saved_read_and_deleted(shop: Service) -> None:
    counted = shop.client.post(
        "/v1/segments/count", json=AT_RISK, headers=shop.headers("read")
    ).json()
    assert counted["users"] == 4
    assert get(shop, "").json() == {"segments": [], "next_cursor": None}

    created = save(shop, AT_RISK)
    assert created.status_code == 201
    assert created.headers["location"] == "/v1/segments/at-risk"
    assert created.json()["users"] == 4
    assert created.json()["created_by"].startswith("key ")
    assert save(shop, AT_RISK).status_code == 200
    shown = get(shop, "/at-risk").json()
    assert shown == {key: value for key, value in created.json().items() if key != "change"}

    deleted = shop.client.delete("/v1/segments/at-risk", headers=shop.headers("manage"))
    assert deleted.status_code == 204
    assert_problem(get(shop, "/at-risk"), 404, "not_found")


def test_yaml_is_taken_as_well(shop: Service) -> None:
    text = 'name: active\nall:\n  - {prediction: churn-28d, category: high}\n  - {did: "*"}\n'
    headers = shop.headers("manage") | {"content-type": "application/yaml"}
    saved = shop.client.post("/v1/segments", content=text, headers=headers)
    assert saved.json()["users"] == 1
    members = get(shop, "/active/members").json()["members"]
    assert members == [{"user_id": "anna", "scores": {"churn-28d": 92.5}}]


def test_members_are_paged(shop: Service) -> None:
    save(shop, AT_RISK)
    seen, cursor = [], None
    while True:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = get(shop, "/at-risk/members", **asked).json()
        seen += [member["user_id"] for member in page["members"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["anna", "ben", "cleo/2 ü", "dora"]


def test_membership_of_one_user_whose_id_holds_a_slash(shop: Service) -> None:
    save(shop, AT_RISK)
    assert get(shop, "/at-risk/members/cleo/2 ü").json()["member"] is True
    assert get(shop, "/at-risk/members/emil").json()["member"] is False


def test_hostile_ids_come_back_as_they_went_in(shop: Service) -> None:
    scores = [(user, 0.6, 80.0) for user in sorted(HOSTILE)]
    archive(shop.workspace, publish(shop.workspace, "churn-28d", scores), scores)
    save(shop, AT_RISK)
    page = get(shop, "/at-risk/members").json()
    assert [member["user_id"] for member in page["members"]] == sorted(HOSTILE)
    for user in HOSTILE:
        told = get(shop, f"/at-risk/members/{quote(user, safe='')}").json()
        assert (told["user_id"], told["member"]) == (user, True)


def test_changes_are_told_since_a_moment(shop: Service) -> None:
    save(shop, AT_RISK)
    now = shop.workspace.store.segments.get("at-risk").created_at
    scores = [("ben", 0.5, 60.0), ("emil", 0.9, 99.0)]
    archive(shop.workspace, publish(shop.workspace, "churn-28d", scores), scores)
    changes = get(shop, "/at-risk/changes", since=now.isoformat()).json()
    assert changes["entered"] == {"users": 1, "user_ids": ["emil"]}
    assert changes["left"]["users"] == 3
    assert_problem(get(shop, "/at-risk/changes", since="2020-01-01"), 422, "invalid_input")


def test_segments_are_listed_in_pages(shop: Service) -> None:
    for name in ("c", "a", "b"):
        save(shop, {**AT_RISK, "name": name})
    first = get(shop, "", limit=2).json()
    assert [one["name"] for one in first["segments"]] == ["a", "b"]
    second = get(shop, "", limit=2, cursor=first["next_cursor"]).json()
    assert [one["name"] for one in second["segments"]] == ["c"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("segment", "status", "code"),
    [
        ({"name": "x"}, 422, "invalid_input"),
        ({"name": "X", "all": [{"did": "purchase"}]}, 422, "invalid_input"),
        ({"name": "x", "all": [{"did": "purchse"}]}, 422, "invalid_input"),
        ({"name": "x", "all": [{"prediction": "churn", "gte": 1}]}, 404, "not_found"),
        ({"name": "x", "all": [{"prediction": "churn-28d", "in": [1]}]}, 422, "invalid_input"),
    ],
)
def test_a_wrong_segment_is_refused_and_nothing_is_saved(
    shop: Service, segment: dict[str, Any], status: int, code: str
) -> None:
    assert_problem(save(shop, segment), status, code)
    assert get(shop, "").json()["segments"] == []


def test_a_prediction_that_offers_no_scores_is_a_conflict(shop: Service) -> None:
    shop.workspace.store.predictions.set_state("churn-28d", "archived")
    assert_problem(save(shop, AT_RISK), 409, "conflict")
