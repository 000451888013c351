"""Sends told over HTTP, and what they do to quality and its history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.app import create_app
from predictive.jobs.evaluate import evaluate_matured
from predictive.settings import Settings
from tests.api.conftest import Service, serving
from tests.api.problems import assert_problem
from tests.predictive.scored_shop import AS_OF, NAME, ScoredShop, scored_shop

SENDS = f"/v1/predictions/{NAME}/sends"
QUALITY = f"/v1/predictions/{NAME}/quality"
SENT = "2025-03-02T10:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ScoredShop]:
    made = scored_shop(tmp_path, users=400)
    made.publish()
    yield made
    made.workspace.close()


@pytest.fixture
def service(shop: ScoredShop) -> Iterator[Service]:
    app = create_app(Settings(workspace=shop.workspace.path))
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        keys = {
            scope: shop.workspace.store.keys.create(scope, [scope]).secret
            for scope in ("read", "manage", "admin")
        }
        yield Service(client, shop.workspace, app, keys)


def told(shop: ScoredShop, **changes: Any) -> dict[str, Any]:
    best = np.argsort(-shop.probabilities)[:100]
    users = np.array(shop.users)
    return {
        "treated": users[best[::2]].tolist(),
        "held_out": users[best[1::2]].tolist(),
        "sent_at": SENT,
    } | changes


def post(service: Service, body: dict[str, Any]) -> httpx.Response:
    return service.client.post(SENDS, json=body, headers=service.headers("manage"))


def get(service: Service, path: str) -> dict[str, Any]:
    response = service.client.get(path, headers=service.headers("read"))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_send_is_recorded_once(service: Service, shop: ScoredShop) -> None:
    first = post(service, told(shop))
    assert first.status_code == 201, first.text
    body = first.json()
    assert (body["treated"], body["held_out"], body["holdout_share"]) == (50, 50, 0.5)
    again = post(service, told(shop))
    assert (again.status_code, again.json()["send_id"]) == (200, body["send_id"])
    (listed,) = get(service, SENDS)["sends"]
    assert listed.items() <= body.items()


def test_quality_before_and_after_the_window_has_passed(service: Service, shop: ScoredShop) -> None:
    (model,) = get(service, f"{QUALITY}/history")["models"]
    assert model["runs"][0]["actual"] is None
    run_id = model["runs"][0]["run_id"]
    missing = service.client.get(f"{QUALITY}/runs/{run_id}", headers=service.headers())
    assert_problem(missing, 404, "not_found")
    post(service, told(shop))
    shop.pass_a_week()
    evaluate_matured(shop.workspace, NAME, now=AS_OF)
    report = get(service, f"{QUALITY}/runs/{run_id}")
    assert report["groups"]["reached"]["users"] == 50
    assert report["comparable"] is True
    history = get(service, f"{QUALITY}/history")
    assert (history["runs"], history["matured"], history["evaluated"]) == (1, 1, 1)
    point = history["models"][0]["runs"][0]
    assert point["actual"]["value"] == report["actual"]["quality"]["value"]
    quality = get(service, QUALITY)
    assert quality["actual"]["run_id"] == run_id
    assert quality["history"] == [point]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"treated": []}, "treated"),
        ({"treated": ["u0001", "u0001"], "held_out": []}, "treated"),
        ({"treated": ["u0001"], "held_out": ["u0001"]}, "held_out"),
        ({"treated": ["nobody"], "held_out": []}, "treated"),
        ({"treated": [""]}, "treated"),
        ({"holdout_share": 0}, "holdout_share"),
        ({"holdout_share": 1}, "holdout_share"),
        ({"sent_at": "2025-03-08T00:00:00Z"}, "sent_at"),
        ({"sent_at": None}, "sent_at"),
        ({"sent_at": "soon"}, "sent_at"),
        ({"sentat": SENT}, "sentat"),
    ],
)
def test_wrong_sends_change_nothing(
    service: Service, shop: ScoredShop, changes: dict[str, Any], field: str
) -> None:
    problem = assert_problem(post(service, told(shop, **changes)), 422, "invalid_input")
    assert field in problem["detail"]
    assert get(service, SENDS)["sends"] == []


def test_sends_before_any_score_and_to_unknown_runs(service: Service, shop: ScoredShop) -> None:
    early = told(shop, sent_at="2025-02-01T00:00:00Z")
    assert_problem(post(service, early), 409, "conflict")
    assert_problem(post(service, told(shop, run_id="none")), 404, "not_found")
    refused = service.client.post(SENDS, json=told(shop), headers=service.headers("read"))
    assert_problem(refused, 403, "forbidden")
    elsewhere = service.client.get("/v1/predictions/none/sends", headers=service.headers())
    assert_problem(elsewhere, 404, "not_found")
