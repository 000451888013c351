"""Why over HTTP: of a prediction that was really trained and scored."""

from __future__ import annotations

import math
from typing import Any

import pytest

from predictive.definitions import Definition
from tests.api.conftest import CHURN, Service
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d"


def get(service: Service, path: str) -> dict[str, Any]:
    response = service.client.get(PATH + path, headers=service.headers("read"))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_associations_are_ratios_against_the_average(trained: Service) -> None:
    body = get(trained, "/associations")
    assert body["model_version"] == 1
    listed = body["more_likely"] + body["less_likely"]
    assert any("purchase" in each["words"] for each in listed)
    for each in listed:
        assert each["low"] <= each["ratio"] <= each["high"]
        assert each["ratio"] == pytest.approx(each["rate"] / each["average"])
        assert each["customers"] >= body["minimum_customers"]
    assert min(each["ratio"] for each in body["more_likely"]) > 1
    assert "leakage" not in body


def test_importance(trained: Service) -> None:
    body = get(trained, "/importance")
    assert body["topics"][0]["share"] >= body["topics"][-1]["share"]
    assert {each["topic"] for each in body["features"]} & {each["words"] for each in body["topics"]}


def test_reasons_add_up_to_the_score(trained: Service) -> None:
    best = get(trained, "/scores?limit=1")["scores"][0]
    body = get(trained, f"/scores/{best['user_id']}/reasons")
    assert (body["score"], body["category"]) == (best["score"], best["category"])
    total = body["base_log_odds"] + sum(each["log_odds"] for each in body["reasons"])
    assert total == pytest.approx(math.log(best["probability"] / (1 - best["probability"])))
    assert body["reasons"][0]["words"]


def test_ids_with_slashes_have_scores_and_reasons(shared: Service) -> None:
    headers = shared.headers("read")
    assert shared.client.get(f"{PATH}/scores/cleo/2 ü", headers=headers).status_code == 200
    for user_id in ("nobody", "no/body", "cleo"):
        response = shared.client.get(f"{PATH}/scores/{user_id}/reasons", headers=headers)
        assert_problem(response, 404, "not_found")


def test_without_a_model_there_is_a_conflict(service: Service) -> None:
    service.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    for path in ("/associations", "/importance"):
        response = service.client.get(PATH + path, headers=service.headers())
        assert_problem(response, 409, "conflict")
        unknown = service.client.get(f"/v1/predictions/churn-29d{path}", headers=service.headers())
        assert "'churn-28d'" in assert_problem(unknown, 404, "not_found")["hint"]
