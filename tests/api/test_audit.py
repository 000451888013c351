"""The audit log over HTTP: every write of a valid key, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from predictive.audit import note
from predictive.store.database import Unavailable
from tests.api.conftest import CHURN, Service, add_purchase
from tests.api.problems import assert_problem

YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def service(service: Service) -> Service:
    """One that knows what a purchase is."""
    add_purchase(service.workspace)
    return service


def told(service: Service, **asked: Any) -> list[tuple[str, str, int]]:
    """Action, target and status of the entries, newest first."""
    answer = service.client.get("/v1/audit", params=asked, headers=service.headers())
    assert answer.status_code == 200, answer.text
    return [(each["action"], each["target"], each["status"]) for each in answer.json()["entries"]]


def key_id(service: Service, name: str) -> str:
    return next(key.id for key in service.workspace.store.keys.list() if key.name == name)


def test_writes_are_written_down_with_who_and_how_it_ended(service: Service) -> None:
    manage = service.headers("manage")
    service.client.post("/v1/predictions", content=CHURN, headers=manage | YAML)
    service.client.post("/v1/predictions", content="name: [", headers=manage | YAML)
    service.client.post("/v1/predictions", content=CHURN, headers=service.headers("read") | YAML)
    service.client.post(
        "/v1/predictions/churn-28d/state", json={"state": "archived"}, headers=manage
    )
    service.client.delete("/v1/predictions/other", headers=manage)
    assert told(service) == [
        ("DELETE /v1/predictions/{name}", "/v1/predictions/other", 404),
        ("POST /v1/predictions/{name}/state", "/v1/predictions/churn-28d/state", 200),
        ("POST /v1/predictions", "/v1/predictions", 403),
        ("POST /v1/predictions", "/v1/predictions", 422),
        ("POST /v1/predictions", "/v1/predictions → /v1/predictions/churn-28d", 201),
    ]
    of_reader = told(service, key=key_id(service, "read"))
    assert of_reader == [("POST /v1/predictions", "/v1/predictions", 403)]


def test_reads_strangers_and_replays_are_not(scored: Service) -> None:
    read = scored.headers("read")
    scored.client.get("/v1/predictions", headers=read)
    scored.client.post(
        "/v1/predictions/churn-28d/scores", json={"user_ids": ["anna"]}, headers=read
    )
    scored.client.post("/v1/predictions", content=CHURN, headers=YAML)
    scored.client.post("/v1/nothing", headers=scored.headers())
    assert told(scored) == []
    once = scored.headers("manage") | YAML | {"Idempotency-Key": "a"}
    for _ in range(3):
        scored.client.post("/v1/predictions", content=CHURN, headers=once)
    assert told(scored) == [("POST /v1/predictions", "/v1/predictions", 200)]


def test_ids_of_users_and_bodies_are_left_out(scored: Service) -> None:
    for user in ("anna", "cleo/2%20%C3%BC", "%0A%E2%80%AEa"):
        scored.client.delete(f"/v1/users/{user}", headers=scored.headers())
    listed = told(scored)
    assert len(listed) == 3
    assert {target for _, target, _ in listed} == {"/v1/users/{user_id}"}


def test_hostile_targets_are_told_as_harmless_text(service: Service) -> None:
    name = "%22%3Cscript%3E%E2%80%AE%1B[31m%00'--"
    service.client.delete(f"/v1/segments/{name}", headers=service.headers("manage"))
    ((action, target, status),) = told(service)
    assert (action, status) == ("DELETE /v1/segments/{name}", 404)
    assert target.isprintable()
    service.client.delete("/v1/segments/" + "x" * 5_000, headers=service.headers("manage"))
    assert len(told(service)[0][1]) <= 300


def test_pages(service: Service) -> None:
    for number in range(7):
        note(service.workspace, "command line", "predictive train", str(number), 0)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = service.client.get(
            "/v1/audit", params={"limit": 3} | cursor, headers=service.headers()
        ).json()
        seen += [each["target"] for each in page["entries"]]
        if page["next_cursor"] is None:
            break
        # What is written meanwhile moves nothing.
        note(service.workspace, "command line", "predictive score", "new", 0)
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert told(service, key="command line", limit=1)[0][1] == "new"


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W10", "WzFd!", "WzkyMjMzNzIwMzY4NTQ3NzU4MDhd"])
def test_a_cursor_that_is_none(service: Service, cursor: str) -> None:
    answer = service.client.get("/v1/audit", params={"cursor": cursor}, headers=service.headers())
    assert assert_problem(answer, 422, "invalid_input")["field"] == "cursor"


def test_a_log_that_can_not_be_written_keeps_nobody_from_the_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable(None)

    monkeypatch.setattr(service.workspace.store.audit, "add", fail)
    answer = service.client.post(
        "/v1/predictions", content=CHURN, headers=service.headers("manage") | YAML
    )
    assert answer.status_code == 201


def test_a_failure_is_written_down(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr(service.workspace.store.segments, "delete", fail)
    service.client.delete("/v1/segments/any", headers=service.headers("manage"))
    assert told(service) == [("DELETE /v1/segments/{name}", "/v1/segments/any", 500)]
