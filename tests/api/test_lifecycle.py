"""State, history and deletion over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import CHURN, Service, add_events
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d"


def by(scored: Service, scope: str) -> str:
    """How the history names the key of a scope."""
    key_id = scored.keys[scope].split("_")[1]
    return f"key {key_id}"


def test_the_state_decides_whether_scores_are_offered(scored: Service) -> None:
    manage, read = scored.headers("manage"), scored.headers("read")
    looks = [
        ("GET", f"{PATH}/scores/anna", None),
        ("GET", f"{PATH}/scores?limit=2", None),
        ("POST", f"{PATH}/scores", {"user_ids": ["anna"]}),
    ]
    for state, status in (("preview", 409), ("archived", 409), ("active", 200)):
        changed = scored.client.post(f"{PATH}/state", json={"state": state}, headers=manage)
        assert changed.status_code == 200
        assert changed.json()["state"] == state
        for method, path, body in looks:
            answer = scored.client.request(method, path, json=body, headers=read)
            assert answer.status_code == status, (state, path)
            if status == 409:
                assert "predictive state churn-28d active" in answer.json()["detail"]


def test_a_wrong_change_is_refused(scored: Service) -> None:
    headers = scored.headers("manage")

    def ask(body: object, path: str = PATH) -> Any:
        return scored.client.post(f"{path}/state", json=body, headers=headers)

    assert_problem(ask({"state": "draft"}), 409, "conflict")
    assert assert_problem(ask({"state": "asleep"}), 422, "invalid_input")["field"] == "state"
    assert_problem(ask({}), 422, "invalid_input")
    assert_problem(ask({"state": "active", "by": "me"}), 422, "invalid_input")
    assert_problem(ask({"state": "active"}, "/v1/predictions/churn-29d"), 404, "not_found")
    assert scored.workspace.store.predictions.get("churn-28d").state == "active"


def test_history_says_when_and_by_which_key(scored: Service) -> None:
    add_events(scored.workspace)
    manage = scored.headers("manage")
    scored.client.post(f"{PATH}/state", json={"state": "preview"}, headers=manage)
    scored.client.post(
        "/v1/predictions",
        content=CHURN.replace("28,", "21,"),
        headers=scored.headers() | {"content-type": "application/yaml"},
    )
    changes = scored.client.get(f"{PATH}/history", headers=scored.headers("read")).json()["changes"]
    assert [change["kind"] for change in changes] == [
        *("definition", "state", "state", "model", "created"),
    ]
    assert [change["by"] for change in changes[:2]] == [by(scored, "admin"), by(scored, "manage")]
    assert changes[1]["before"] == {"state": "active"}
    assert changes[1]["after"] == {"state": "preview"}
    newest = scored.client.get(f"{PATH}/history?limit=1", headers=scored.headers("read")).json()
    assert newest["changes"] == changes[:1]


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_a_wrong_limit_is_named(shared: Service, limit: str) -> None:
    answer = shared.client.get(f"{PATH}/history?limit={limit}", headers=shared.headers("read"))
    assert assert_problem(answer, 422, "invalid_input")["field"] == "limit"


def test_a_deleted_prediction_leaves_nothing_but_its_history(scored: Service) -> None:
    manage, read = scored.headers("manage"), scored.headers("read")
    gone = scored.client.delete(PATH, headers=manage)
    assert gone.status_code == 200
    assert gone.json() == {"name": "churn-28d", "models": 1, "runs": 1, "archives": 0}
    assert_problem(scored.client.delete(PATH, headers=manage), 404, "not_found")
    assert_problem(scored.client.get(f"{PATH}/scores/anna", headers=read), 404, "not_found")
    changes = scored.client.get(f"{PATH}/history", headers=read).json()["changes"]
    assert (changes[0]["kind"], changes[0]["by"]) == ("deleted", by(scored, "manage"))
    with scored.workspace.store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM scores").scalar() == 0


def test_a_prediction_that_never_was_has_no_history(shared: Service) -> None:
    answer = shared.client.get("/v1/predictions/churn-29d/history", headers=shared.headers("read"))
    assert "'churn-28d'" in assert_problem(answer, 404, "not_found")["hint"]
