"""What is known of a user, and removing one, over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import pyarrow as pa
import pytest

from predictive.lake.layout import property_column
from tests.api.conftest import AS_OF, Service, publish
from tests.api.problems import assert_problem

SCORES = "/v1/predictions/churn-28d/scores"


@pytest.mark.parametrize("user", ["anna", "cleo/2 ü"])
def test_a_user_is_removed_and_nobody_else(scored: Service, user: str) -> None:
    path = f"/v1/users/{quote(user, safe='')}"
    for scope in ("read", "simulate", "events", "manage"):
        assert_problem(scored.client.delete(path, headers=scored.headers(scope)), 403, "forbidden")
    removed = scored.client.delete(path, headers=scored.headers())
    assert removed.status_code == 200
    told = removed.json()
    assert (told["user_id"], told["scores"], told["events"]) == (user, 1, 0)
    look_up = f"{SCORES}/{quote(user, safe='')}"
    assert_problem(scored.client.get(look_up, headers=scored.headers()), 404, "not_found")
    assert scored.client.get(f"{SCORES}/ben", headers=scored.headers()).status_code == 200
    again = scored.client.delete(path, headers=scored.headers())
    assert_problem(again, 404, "not_found")


def test_a_run_that_is_being_written_does_not_bring_them_back(scored: Service) -> None:
    runs, scores = scored.workspace.store.runs, scored.workspace.store.scores
    run_id = runs.begin("churn-28d", 1, AS_OF)
    scores.write_batch(run_id, ["anna", "ben"], [0.5, 0.5], [50.0, 50.0])
    scored.client.delete("/v1/users/anna", headers=scored.headers())
    runs.finish(run_id, histogram=b"", users=2)
    runs.publish(run_id)
    gone = scored.client.get(f"{SCORES}/anna", headers=scored.headers())
    assert_problem(gone, 404, "not_found")
    publish(scored.workspace, "churn-28d", [("anna", 0.5, 50.0)])  # who comes back is new
    assert scored.client.get(f"{SCORES}/anna", headers=scored.headers()).status_code == 200


@pytest.mark.parametrize("user", ["%00", "a%00b", "x" * 1025])
def test_what_can_be_no_id_is_refused(scored: Service, user: str) -> None:
    answer = scored.client.delete(f"/v1/users/{user}", headers=scored.headers())
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_user_is_shown_as_known_now(trained: Service) -> None:
    headers = trained.headers("read")
    scores = trained.client.get(SCORES, params={"limit": 1}, headers=headers).json()
    user = scores["scores"][0]["user_id"]
    path = f"/v1/users/{user}"
    told = trained.client.get(path, headers=headers).json()
    assert told["user_id"] == user
    assert [event["name"] for event in told["events"]] == ["purchase"] * len(told["events"])
    times = [event["time"] for event in told["events"]]
    assert times == sorted(times, reverse=True)
    assert told["events"][0]["properties"]["amount"] > 0
    (score,) = told["scores"]
    assert score.pop("reasons") is None
    assert score == trained.client.get(f"{SCORES}/{user}", headers=headers).json()

    asked = {"events": 1, "reasons": True}
    whole = trained.client.get(path, params=asked, headers=headers).json()
    assert whole["events"] == told["events"][:1]
    why = trained.client.get(f"{SCORES}/{user}/reasons", headers=headers).json()
    assert whole["scores"][0]["reasons"] == why["reasons"] != []


def test_ids_and_facts_may_be_anything(service: Service) -> None:
    hostile = "'; DROP/TABLE <b>x</b> \u202egnp"
    times = pa.array([AS_OF], pa.timestamp("us", "UTC"))
    service.workspace.lake.append_events(
        pa.table(
            {
                "event_id": ["1"],
                "user_id": [hostile],
                "name": [hostile],
                "time": times,
                "amount": [float("inf")],
                property_column(hostile): [hostile * 500],
            }
        )
    )
    path = f"/v1/users/{quote(hostile, safe='')}"
    told = service.client.get(path, headers=service.headers("read")).json()
    assert (told["user_id"], told["scores"], told["attributes"]) == (hostile, [], [])
    (event,) = told["events"]
    assert event["name"] == hostile
    assert event["properties"] == {"amount": None, hostile: hostile * 500}


def test_who_is_not_known_is_not_there(scored: Service) -> None:
    headers = scored.headers("read")
    assert_problem(scored.client.get("/v1/users/nobody", headers=headers), 404, "not_found")
    wrong = scored.client.get("/v1/users/anna", params={"events": 1001}, headers=headers)
    assert assert_problem(wrong, 422, "invalid_input")["field"] == "events"
