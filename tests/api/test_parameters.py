"""A query parameter that a route does not know is refused by every route."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

IN_PATH = {"name": "churn-28d", "user_id": "anna"}
#: Of probes and monitors.
LENIENT = {"/health", "/ready", "/metrics"}


@pytest.fixture(scope="module")
def operations(shared: Service) -> list[tuple[str, str, set[str]]]:
    """Method, path with its parameters filled in, and the documented query parameters."""
    paths: dict[str, Any] = shared.client.get("/v1/openapi.json").json()["paths"]
    return [
        (
            method.upper(),
            re.sub(r"\{(\w+)\}", lambda found: IN_PATH.get(found[1], "1"), path),
            {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"},
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


def ask(service: Service, method: str, path: str, **query: str) -> httpx.Response:
    return service.client.request(method, path, params=query, headers=service.headers())


def test_every_route_refuses_what_it_does_not_know_and_names_what_it_knows(
    shared: Service, operations: list[tuple[str, str, set[str]]]
) -> None:
    for method, path, documented in operations:
        response = ask(shared, method, path, limits="1")
        if path in LENIENT:
            assert response.status_code == 200
            continue
        problem = assert_problem(response, 422, "invalid_input")
        assert (problem["field"], problem["value"]) == ("limits", "'1'"), (method, path)
        if documented:
            told = problem["allowed"].removeprefix("one of the query parameters ").split(", ")
            assert set(told) == documented, (method, path)
        else:
            assert "no query parameters" in problem["allowed"], (method, path)
        assert ("Did you mean 'limit'?" in problem["detail"]) == ("limit" in documented)


def test_nothing_is_done_with_a_parameter_that_is_not_known(scored: Service) -> None:
    before = [key.id for key in scored.workspace.store.keys.list()]
    asked: list[tuple[str, str, dict[str, str] | None]] = [
        ("DELETE", "/v1/predictions/churn-28d", None),
        ("POST", "/v1/keys", {"name": "x"}),
    ]
    for method, path, body in asked:
        response = scored.client.request(
            method, path, params={"dry_run": "true"}, headers=scored.headers(), json=body
        )
        assert_problem(response, 422, "invalid_input")
    assert [key.id for key in scored.workspace.store.keys.list()] == before
    assert ask(scored, "GET", "/v1/predictions/churn-28d").status_code == 200


def test_who_has_no_key_hears_of_the_key_first(shared: Service) -> None:
    path = "/v1/predictions/churn-28d/scores"
    assert_problem(shared.client.get(path, params={"x": "1"}), 401, "unauthorized")
    response = shared.client.get(path, params={"x": "1"}, headers=shared.headers("simulate"))
    assert_problem(response, 403, "forbidden")


def test_the_look_up_of_one_score_refuses_them_too(shared: Service) -> None:
    path = "/v1/predictions/churn-28d/scores/anna"
    assert ask(shared, "GET", path).status_code == 200
    assert_problem(ask(shared, "GET", path, reasons="true"), 422, "invalid_input")


@pytest.mark.parametrize("query", ["limit=1&limit=2&x", "=1", "LIMIT=1", "limit[]=1", "%00=%ff"])
def test_odd_queries(shared: Service, query: str) -> None:
    response = shared.client.get(f"/v1/predictions?{query}", headers=shared.headers())
    assert "limit, cursor" in assert_problem(response, 422, "invalid_input")["allowed"]


def test_what_a_route_knows_is_taken(shared: Service) -> None:
    path = "/v1/predictions/churn-28d/scores"
    response = ask(shared, "GET", path, min_score="50", max_score="80", limit="10")
    assert [row["user_id"] for row in response.json()["scores"]] == ["ben", "cleo/2 ü", "dora"]
