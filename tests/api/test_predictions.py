from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import CHURN, Service, add_events, running
from tests.api.problems import assert_problem

DEFINITION: dict[str, Any] = {
    "name": "big-basket-7d",
    "kind": "purchase",
    "target": {
        "within_days": 7,
        "any": [
            {"did": "purchase", "where": [{"property": "amount", "gte": 50}]},
            {"aggregate": "sum", "event": "purchase", "of": "amount", "gte": 100},
        ],
    },
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over events, without predictions but those that a test applies."""
    with running(tmp_path_factory.mktemp("history") / "workspace") as built:
        add_events(built.workspace)
        yield built


def send(service: Service, body: str | bytes, media_type: str) -> Any:
    return service.client.post(
        "/v1/predictions",
        content=body,
        headers=service.headers("manage") | {"content-type": media_type},
    )


def test_created_updated_unchanged(history: Service) -> None:
    first = send(history, json.dumps(DEFINITION), "application/json")
    assert first.status_code == 201
    assert first.headers["location"] == "/v1/predictions/big-basket-7d"
    assert first.json() == {
        "name": "big-basket-7d",
        "kind": "purchase",
        "definition_version": 1,
        "change": "created",
    }
    # Indented with tabs, which no YAML reader takes.
    again = send(history, json.dumps(DEFINITION, indent="\t"), "application/json; charset=utf-8")
    assert (again.status_code, again.json()["change"]) == (200, "unchanged")
    changed = DEFINITION | {"target": DEFINITION["target"] | {"within_days": 14}}
    updated = send(history, json.dumps(changed), "application/json")
    assert (updated.status_code, updated.json()["change"]) == (200, "updated")
    assert updated.json()["definition_version"] == 2
    shown = history.client.get(first.headers["location"], headers=history.headers("read")).json()
    assert (shown["window_days"], shown["definition_version"]) == (14, 2)
    assert (shown["model_version"], shown["scores"], shown["models"]) == (None, None, [])


@pytest.mark.parametrize("media_type", ["application/yaml", "text/yaml", "application/x-yaml"])
def test_yaml_is_taken_too(history: Service, media_type: str) -> None:
    response = send(history, CHURN, media_type)
    assert response.status_code in {200, 201}
    assert response.json()["name"] == "churn-28d"


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "x" * 1000])
def test_other_media_types(history: Service, media_type: str) -> None:
    body = assert_problem(send(history, CHURN, media_type), 415, "unsupported_media_type")
    assert "application/yaml" in body["detail"]


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"knid": "churn"}, "knid", "'kind'"),
        ({"target": {"within_days": 366, "all": [{"did": "purchase"}]}}, "target.within_days", ""),
        ({"target": {"within_days": 0, "all": [{"did": "purchase"}]}}, "target.within_days", ""),
        ({"target": {"within_days": 7, "all": [{"did": "purchse"}]}}, "target", "'purchase'"),
        ({"audience": {"all": [{"attribute": "country", "eq": "GB"}]}}, "audience", ""),
        ({"name": "Big Basket"}, "name", ""),
    ],
)
def test_wrong_definitions(history: Service, change: dict[str, Any], field: str, hint: str) -> None:
    before = history.workspace.store.predictions.list()
    response = send(
        history, json.dumps(DEFINITION | {"name": "wrong"} | change), "application/json"
    )
    body = assert_problem(response, 422, "invalid_input")
    assert body["field"].startswith(field)
    assert body["allowed"]
    assert hint in (body["hint"] or "")
    assert history.workspace.store.predictions.list() == before


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe\x00", b"name: [", b"7", b"[" * 2_000]
)
def test_bodies_that_are_no_definition(history: Service, body: bytes) -> None:
    for media_type in ("application/json", "application/yaml"):
        assert_problem(send(history, body, media_type), 422, "invalid_input")


def ask(service: Service, path: str, body: str, **query: Any) -> Any:
    headers = service.headers("manage") | {"content-type": "application/yaml"}
    return service.client.post(
        f"/v1/predictions/{path}", content=body, params=query, headers=headers
    )


def test_validating_tells_what_applying_would_do_and_does_nothing(history: Service) -> None:
    store = history.workspace.store
    fresh = CHURN.replace("churn-28d", "tried")
    told = ask(history, "validate", fresh).json()
    assert (told["change"], told["definition_version"]) == ("created", 1)
    assert "did_not: purchase" in told["definition"]
    assert "tried" not in {each.name for each in store.predictions.list()}
    send(history, fresh, "application/yaml")
    assert ask(history, "validate", fresh).json()["change"] == "unchanged"
    changed = ask(history, "validate", fresh.replace("28", "21")).json()
    assert (changed["change"], changed["definition_version"]) == ("updated", 2)
    assert store.predictions.get("tried").definition_version == 1


@pytest.mark.parametrize(
    "change", [{"knid": "churn"}, {"name": "Big"}, {"target": {"all": [{"did": "purchse"}]}}]
)
@pytest.mark.parametrize("path", ["validate", "estimate"])
def test_a_wrong_definition_has_the_same_errors_before_it_is_saved(
    history: Service, path: str, change: dict[str, Any]
) -> None:
    text = json.dumps(DEFINITION | change)
    saved = assert_problem(send(history, text, "application/json"), 422, "invalid_input")
    tried = assert_problem(ask(history, path, text), 422, "invalid_input")
    assert tried | {"instance": None} == saved | {"instance": None}


def test_an_unsaved_definition_is_estimated_as_a_saved_one(history: Service) -> None:
    unsaved = CHURN.replace("churn-28d", "unsaved")
    moment = "2025-10-04T00:00:00Z"
    told = ask(history, "estimate", unsaved, as_of=moment).json()
    assert "unsaved" not in {each.name for each in history.workspace.store.predictions.list()}
    send(history, unsaved, "application/yaml")
    saved = history.client.post(
        "/v1/predictions/unsaved/estimate",
        json={"as_of": moment},
        headers=history.headers("manage"),
    )
    assert told == saved.json()
    assert_problem(ask(history, "estimate", unsaved, as_of="soon"), 422, "invalid_input")


def test_estimate(history: Service) -> None:
    send(history, CHURN, "application/yaml")
    path = "/v1/predictions/churn-28d/estimate"
    body = history.client.post(path, headers=history.headers("manage")).json()
    assert body["enough"] is True
    assert body["audience"] > 100
    for snapshot in body["snapshots"]:
        assert snapshot["n"] == snapshot["positives"] + snapshot["negatives"]
    earlier = history.client.post(
        path, json={"as_of": "2025-10-04"}, headers=history.headers("manage")
    ).json()
    assert earlier["as_of"] == "2025-10-04T00:00:00+00:00"
    assert earlier["tests"][-1]["as_of"] < body["tests"][-1]["as_of"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"as_of": "2020-01-01"}, "invalid_input"),
        ({"as_of": "2099-01-01T00:00:00Z"}, "invalid_input"),
        ({"as_of": "2025-05-01T00:00:00Z"}, "insufficient_data"),
        ({"as_of": "yesterday"}, "invalid_input"),
        ({"asof": "2025-10-04"}, "invalid_input"),
    ],
)
def test_wrong_moments(history: Service, asked: dict[str, str], code: str) -> None:
    send(history, CHURN, "application/yaml")
    response = history.client.post(
        "/v1/predictions/churn-28d/estimate", json=asked, headers=history.headers("manage")
    )
    assert_problem(response, 422, code)


def test_unknown_predictions(history: Service) -> None:
    send(history, CHURN, "application/yaml")
    headers = history.headers()
    for method, path in (
        ("GET", ""),
        ("POST", "/estimate"),
        ("POST", "/builds"),
        ("GET", "/builds"),
    ):
        response = history.client.request(
            method, f"/v1/predictions/churn-29d{path}", headers=headers
        )
        assert "'churn-28d'" in assert_problem(response, 404, "not_found")["hint"]
