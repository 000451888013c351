"""Builds as the service tells of them; that a worker runs them is tested with the worker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d/builds"


def start(service: Service, asked: dict[str, Any] | None = None) -> Any:
    return service.client.post(PATH, json=asked, headers=service.headers("manage"))


def test_a_build_waits_under_the_address_that_it_was_given(scored: Service) -> None:
    response = start(scored, {"as_of": "2025-10-04T02:00:00+02:00", "seed": 7})
    assert response.status_code == 202
    build = response.json()
    assert (build["state"], build["prediction"]) == ("queued", "churn-28d")
    assert build["params"] == {"as_of": "2025-10-04T00:00:00+00:00", "seed": 7}
    headers = scored.headers("read")
    assert scored.client.get(response.headers["location"], headers=headers).json() == build
    listed = scored.client.get(PATH, headers=headers).json()["builds"]
    assert [each["id"] for each in listed] == [build["id"]]
    assert start(scored).json()["params"] == {"as_of": None, "seed": 0}


def test_progress_result_and_error_are_shown(scored: Service) -> None:
    builds, headers = scored.workspace.store.jobs, scored.headers("read")
    first, second = (start(scored).json()["id"] for _ in range(2))
    builds.progress(first, "Backtesting", 0.25, 90.0)
    running = scored.client.get(f"/v1/builds/{first}", headers=headers).json()
    assert (running["state"], running["stage"]) == ("running", "Backtesting")
    assert (running["share"], running["seconds_left"]) == (0.25, 90.0)
    builds.finish(first, {"train": {"auc": 0.7}})
    done = scored.client.get(f"/v1/builds/{first}", headers=headers).json()
    assert (done["state"], done["result"]) == ("succeeded", {"train": {"auc": 0.7}})
    builds.fail(second, {"code": "insufficient_data", "message": "Too little."})
    failed = scored.client.get(f"/v1/builds/{second}", headers=headers).json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "insufficient_data")
    listed = scored.client.get(PATH, params={"limit": 1}, headers=headers).json()["builds"]
    assert [each["id"] for each in listed] == [second]
    assert "result" not in listed[0]


def test_a_build_can_be_cancelled_once(scored: Service) -> None:
    path = f"/v1/builds/{start(scored).json()['id']}/cancel"
    response = scored.client.post(path, headers=scored.headers("manage"))
    assert (response.status_code, response.json()["state"]) == (202, "cancelled")
    assert_problem(scored.client.post(path, headers=scored.headers("manage")), 409, "conflict")


@pytest.mark.parametrize(
    "asked",
    [
        {"seed": -1},
        {"seed": 1.5},
        {"as_of": "soon"},
        {"as_of": "0001-01-01T00:00:00+14:00"},
        {"sede": 1},
        [],
    ],
)
def test_wrong_builds(shared: Service, asked: Any) -> None:
    assert_problem(start(shared, asked), 422, "invalid_input")
    assert shared.workspace.store.jobs.list("churn-28d") == []


def test_unknown_builds(shared: Service) -> None:
    headers = shared.headers()
    assert_problem(shared.client.get("/v1/builds/b1", headers=headers), 404, "not_found")
    assert_problem(shared.client.post("/v1/builds/b1/cancel", headers=headers), 404, "not_found")
    assert_problem(shared.client.get("/v1/builds/a%20b", headers=headers), 422, "invalid_input")
