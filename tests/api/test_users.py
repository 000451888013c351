"""Removing a user over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import pytest

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
