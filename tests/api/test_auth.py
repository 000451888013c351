from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

OPEN = {"/health", "/ready", "/v1/openapi.json", "/docs"}
IN_PATH = {"name": "churn-28d", "user_id": "anna"}
SCOPES = ("read", "simulate", "events", "manage", "admin")


def operations(shared: Service) -> list[tuple[str, str, list[str] | None]]:
    """Method, path with its parameters filled in, and needed scopes of every operation."""
    paths = shared.client.get("/v1/openapi.json").json()["paths"]
    return [
        (
            method.upper(),
            re.sub(r"\{(\w+)\}", lambda found: IN_PATH.get(found[1], "1"), path),
            next(
                (scopes for each in operation.get("security", []) for scopes in each.values()), None
            ),
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


def test_every_route_but_health_needs_a_key(shared: Service) -> None:
    for method, path, needed in operations(shared):
        response = shared.client.request(method, path, headers={"content-type": "application/json"})
        if path in OPEN:
            assert needed is None
            assert response.status_code == 200
        else:
            assert needed, f"{method} {path} names no scope"
            assert_problem(response, 401, "unauthorized")
            assert response.headers["www-authenticate"] == "Bearer"


def test_every_route_refuses_keys_of_other_scopes(shared: Service) -> None:
    for method, path, needed in operations(shared):
        for scope in SCOPES:
            if not needed or scope in (*needed, "admin"):
                continue
            body = assert_problem(
                shared.client.request(method, path, headers=shared.headers(scope)), 403, "forbidden"
            )
            assert needed[0] in body["detail"]


def test_every_route_lets_keys_of_its_scope_in(scored: Service) -> None:
    # What ends the prediction comes last: the others are to find it.
    found = sorted(operations(scored), key=lambda each: each[0] == "DELETE")
    for method, path, needed in found:
        for scope in [*needed, "admin"] if needed else []:
            response = scored.client.request(method, path, headers=scored.headers(scope))
            assert response.status_code not in {401, 403}, f"{method} {path}"


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer pk_0123456789ab_" + "x" * 43, "Basic YTpi", "Bearer", ""]
)
def test_wrong_keys(shared: Service, header: str) -> None:
    response = shared.client.get("/v1/predictions", headers={"Authorization": header})
    assert_problem(response, 401, "unauthorized")


def test_a_revoked_key_is_refused_at_once(scored: Service) -> None:
    key_id, secret = scored.workspace.store.keys.create("short", ["read"])
    headers = {"Authorization": f"Bearer {secret}"}
    path = "/v1/predictions/churn-28d/scores/anna"
    assert scored.client.get(path, headers=headers).status_code == 200
    scored.workspace.store.keys.revoke(key_id)
    assert_problem(scored.client.get(path, headers=headers), 401, "unauthorized")


def test_the_secret_stands_in_one_answer_only(service: Service) -> None:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    asked = {"name": "engine", "scopes": ["read"], "expires_at": soon}
    made = service.client.post("/v1/keys", json=asked, headers=service.headers())
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret = made.json()["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert service.client.get("/v1/predictions", headers=headers).status_code == 200
    listed = service.client.get("/v1/keys", headers=service.headers())
    assert secret not in listed.text
    assert {"engine", "admin"} <= {key["name"] for key in listed.json()["keys"]}


def test_revoking_over_http(service: Service) -> None:
    asked = {"name": "engine", "scopes": ["admin"]}
    made = service.client.post("/v1/keys", json=asked, headers=service.headers()).json()
    path = f"/v1/keys/{made['id']}"
    for _ in range(2):
        assert service.client.delete(path, headers=service.headers()).status_code == 204
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert_problem(service.client.get("/v1/keys", headers=headers), 401, "unauthorized")
    unknown = service.client.delete("/v1/keys/unknown", headers=service.headers())
    assert_problem(unknown, 404, "not_found")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": "x", "scopes": ["raed"]}, "scopes.0"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x", "scope": ["read"]}, "scope"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
    ],
)
def test_wrong_key_requests(shared: Service, asked: dict[str, object], field: str) -> None:
    before = len(shared.workspace.store.keys.list())
    response = shared.client.post("/v1/keys", json=asked, headers=shared.headers())
    assert assert_problem(response, 422, "invalid_input")["field"] == field
    assert len(shared.workspace.store.keys.list()) == before
