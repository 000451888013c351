"""Idempotency keys: a write that is asked for twice is done once, whichever process is asked."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from predictive.store.database import Unavailable
from predictive.store.idempotency import LEASE, LIFETIME
from predictive.store.keys import CreatedKey
from predictive.workspace import Workspace
from tests.api.conftest import CHURN, Service, add_purchase, running, serving
from tests.api.problems import assert_problem

YAML = "application/yaml"


@pytest.fixture
def service(service: Service) -> Service:
    """One that knows what a purchase is."""
    add_purchase(service.workspace)
    return service


def define(
    service: Service, key: str | None, text: str = CHURN, scope: str = "manage", **more: str
) -> httpx.Response:
    headers = service.headers(scope) | {"Content-Type": YAML} | more
    if key is not None:
        headers["Idempotency-Key"] = key
    return service.client.post("/v1/predictions", content=text, headers=headers)


def changes(workspace: Workspace) -> int:
    """How many versions of the definition there have been."""
    return len(workspace.store.history.list("churn-28d"))


def test_the_same_request_is_answered_again_and_done_once(service: Service) -> None:
    first = define(service, "a")
    assert first.status_code == 201
    # Without the key, the second one would be told "unchanged", by a 200.
    again = define(service, "a")
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert again.headers["x-content-type-options"] == "nosniff"
    assert len(again.headers.get_list("ratelimit-limit")) == 1
    assert define(service, "b").status_code == 200
    assert define(service, None).status_code == 200
    # As the draft writes it.
    assert define(service, '"a"').status_code == 201


def test_the_answer_stays_when_things_have_changed_since(scored: Service) -> None:
    headers = scored.headers("manage") | {"Idempotency-Key": "delete"}
    path = "/v1/predictions/churn-28d"
    first = scored.client.delete(path, headers=headers)
    assert first.status_code == 200
    assert scored.client.delete(path, headers=headers).content == first.content
    assert scored.client.delete(path, headers=scored.headers("manage")).status_code == 404


def test_a_key_is_for_one_request(service: Service) -> None:
    assert define(service, "a").status_code == 201
    for other in (
        define(service, "a", CHURN.replace("28,", "14,")),
        define(service, "a", CHURN, **{"Content-Type": "application/json"}),
        service.client.post(
            "/v1/segments",
            content=CHURN,
            headers=service.headers("manage") | {"Content-Type": YAML, "Idempotency-Key": "a"},
        ),
        service.client.post(
            "/v1/predictions?x=1",
            content=CHURN,
            headers=service.headers("manage") | {"Content-Type": YAML, "Idempotency-Key": "a"},
        ),
    ):
        body = assert_problem(other, 422, "idempotency_key_reused")
        assert body["field"] == "Idempotency-Key"
    assert changes(service.workspace) == 1


def test_keys_of_other_clients_are_other_keys(service: Service) -> None:
    assert define(service, "a").status_code == 201
    assert define(service, "a", scope="admin").status_code == 200


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel".encode(), "a\tb"])
def test_a_key_that_is_none_is_refused_before_anything_is_done(
    service: Service, key: str | bytes
) -> None:
    body = assert_problem(define(service, key), 422, "invalid_input")  # type: ignore[arg-type]
    assert body["field"] == "Idempotency-Key"
    assert "255" in body["allowed"]
    assert service.workspace.store.predictions.list() == []


def test_refusals_for_who_asks_are_not_kept(service: Service) -> None:
    assert define(service, "a", scope="read").status_code == 403
    assert define(service, "a", Authorization="Bearer nonsense").status_code == 401
    assert define(service, "a", Authorization="").status_code == 401
    assert define(service, "a").status_code == 201


def test_errors_of_the_request_are_kept(service: Service) -> None:
    wrong = CHURN.replace("28,", "999,")
    first = assert_problem(define(service, "a", wrong), 422, "invalid_input")
    again = define(service, "a", wrong)
    assert again.headers["idempotent-replayed"] == "true"
    assert assert_problem(again, 422, "invalid_input") == first


def test_a_failure_of_ours_is_not_kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("made up")

        broken.setattr(service.workspace.store.predictions, "create_or_update", fail)
        assert define(service, "a").status_code == 500
    answer = define(service, "a")
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers


def test_a_body_over_the_limit_is_refused_and_the_key_is_free(service: Service) -> None:
    assert_problem(define(service, "a", "x" * (2 * 1024 * 1024 + 1)), 413, "too_large")

    def pieces() -> Iterator[bytes]:
        for _ in range(300):
            yield b"x" * 8192

    assert_problem(define(service, "a", pieces()), 413, "too_large")  # type: ignore[arg-type]
    assert define(service, "a").status_code == 201


def test_a_secret_is_not_told_twice(service: Service) -> None:
    headers = service.headers() | {"Idempotency-Key": "a"}
    asked = {"name": "engine", "scopes": ["read"]}
    made = service.client.post("/v1/keys", json=asked, headers=headers)
    assert made.status_code == 201
    again = service.client.post("/v1/keys", json=asked, headers=headers)
    assert_problem(again, 409, "not_repeatable")
    names = [key.name for key in service.workspace.store.keys.list()]
    assert Counter(names)["engine"] == 1
    database = service.workspace.path / "meta.db"
    stored = b"".join(each.read_bytes() for each in database.parent.glob("meta.db*"))
    assert made.json()["secret"].encode() not in stored


def test_reads_take_no_key(scored: Service) -> None:
    headers = scored.headers("read") | {"Idempotency-Key": "a"}
    path = "/v1/predictions/churn-28d/scores"
    for user in ("anna", "ben"):
        found = scored.client.post(path, json={"user_ids": [user]}, headers=headers)
        assert found.json()["scores"][0]["user_id"] == user
        assert "idempotent-replayed" not in found.headers


def test_replays_count_against_the_limit(tmp_path: Path) -> None:
    with running(tmp_path / "workspace", rate_limit_manage=2) as service:
        add_purchase(service.workspace)
        assert [define(service, "a").status_code for _ in range(3)] == [201, 201, 429]


class Halted:
    """Lets a service begin to make a key, and waits until it is told to go on."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self._create = workspace.store.keys.create
        monkeypatch.setattr(workspace.store.keys, "create", self)

    def __call__(self, *arguments: Any) -> CreatedKey:
        self.begun.set()
        assert self.go_on.wait(60)
        return self._create(*arguments)


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    """Two services over one workspace."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with running(tmp_path / "workspace", database_url=url) as one:
        add_purchase(one.workspace)
        other = create_app(one.workspace.settings)
        with serving(other) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield one, Service(client, other.state.workspace, other, one.keys)


def test_another_service_knows_that_it_was_done(two: tuple[Service, Service]) -> None:
    answers = [define(service, "a") for service in two]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"


def test_who_asks_while_it_is_being_done_is_told_to_wait(
    two: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    asked = {"name": "engine", "scopes": ["read"]}
    headers = one.headers() | {"Idempotency-Key": "a"}
    halted = Halted(one.workspace, monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one.client.post, "/v1/keys", json=asked, headers=headers)
        assert halted.begun.wait(60)
        for service in two:
            with httpx.Client(base_url=service.client.base_url, timeout=60) as client:
                early = client.post("/v1/keys", json=asked, headers=headers)
                assert_problem(early, 409, "in_progress")
                assert early.headers["retry-after"] == "1"
                different = client.post("/v1/keys", json=asked | {"name": "x"}, headers=headers)
                assert_problem(different, 422, "idempotency_key_reused")
        halted.go_on.set()
        assert first.result().status_code == 201
    assert [key.name for key in other.workspace.store.keys.list()].count("engine") == 1


def test_of_many_at_once_one_does_it(two: tuple[Service, Service]) -> None:
    asked = {"name": "crowd", "scopes": ["read"]}
    headers = two[0].headers() | {"Idempotency-Key": "crowd"}

    def ask(number: int) -> int:
        with httpx.Client(base_url=two[number % 2].client.base_url, timeout=60) as client:
            return client.post("/v1/keys", json=asked, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(ask, range(16)))
    # Either still being done, or done and secret.
    assert statuses == {201: 1, 409: 15}
    assert [key.name for key in two[0].workspace.store.keys.list()].count("crowd") == 1


def test_a_request_whose_process_died_is_done_by_the_next(service: Service) -> None:
    (manage,) = (key for key in service.workspace.store.keys.list() if key.name == "manage")
    kept = service.workspace.store.idempotency
    # As a process that was killed leaves it; any other body would do.
    at = datetime.now(UTC)
    assert kept.begin(manage.id, "a", "sha256 of something", at=at - LEASE) is None
    assert define(service, "a").status_code == 201
    # And one that is over is begun anew.
    assert kept.forget(at=datetime.now(UTC) + LIFETIME + timedelta(seconds=1)) == 1
    assert define(service, "a").status_code == 200


def test_half_a_request_is_none(service: Service) -> None:
    """A client that breaks off in the middle of a body has asked for nothing."""
    address = service.client.base_url
    head = (
        f"POST /v1/predictions HTTP/1.1\r\nHost: {address.host}\r\n"
        f"Authorization: {service.headers('manage')['Authorization']}\r\n"
        f"Content-Type: {YAML}\r\nIdempotency-Key: a\r\nContent-Length: 5000\r\n\r\n"
    )
    with socket.create_connection((address.host, address.port or 80), timeout=60) as connection:
        connection.sendall(head.encode() + CHURN.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65536) == b""
    assert service.workspace.store.predictions.list() == []
    assert define(service, "a").status_code == 201


def test_the_answer_goes_out_even_if_it_can_not_be_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable(None)

    with monkeypatch.context() as broken:
        broken.setattr(service.workspace.store.idempotency, "finish", fail)
        assert define(service, "a").status_code == 201
    # Nobody knows how it ended until the claim is over.
    assert define(service, "a").status_code == 409
