"""Quality, confusion matrices and simulations of a prediction that was really trained."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d"
MONEY = {"conversion_value": 40.0, "share_caused": 0.2, "message_cost": 0.1}


def get(service: Service, path: str, **query: Any) -> dict[str, Any]:
    response = service.client.get(PATH + path, params=query, headers=service.headers())
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def simulate(service: Service, **asked: Any) -> dict[str, Any]:
    response = service.client.post(
        f"{PATH}/simulations", json=asked, headers=service.headers("simulate")
    )
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_quality_tells_what_training_told(trained: Service) -> None:
    report = trained.workspace.store.models.champion("churn-28d").report  # type: ignore[union-attr]
    body = get(trained, "/quality")
    assert body["model_version"] == 1
    assert body["actual"] is None
    assert body["expected"]["quality"]["value"] == pytest.approx(report["quality"]["value"])
    assert body["expected"]["calibration"] == report["calibration"]
    assert set(report) <= set(body["expected"])


def test_show_and_list(trained: Service) -> None:
    shown = get(trained, "")
    assert "did_not: purchase" in shown["definition"]
    assert [model["version"] for model in shown["models"]] == [1]
    response = trained.client.get("/v1/predictions", headers=trained.headers("read"))
    listed = next(each for each in response.json()["predictions"] if each["name"] == "churn-28d")
    assert listed.items() <= shown.items()
    assert listed["scores"]["users"] == simulate(trained, min_score=0)["reached"]


def test_confusion_matrix(trained: Service) -> None:
    n = get(trained, "/quality")["expected"]["n"]
    for threshold in (0, 50, 75, 100):
        body = get(trained, "/confusion-matrix", threshold=threshold)
        counts = [
            body[f"{truth}_{side}"]
            for truth in ("true", "false")
            for side in ("positives", "negatives")
        ]
        assert sum(counts) == n
    assert get(trained, "/confusion-matrix", threshold=0)["true_negatives"] == 0
    assert get(trained, "/confusion-matrix")["threshold"] == 50


@pytest.mark.parametrize("threshold", ["-0.1", "100.1", "nan", "inf", "high", ""])
def test_wrong_thresholds(trained: Service, threshold: str) -> None:
    response = trained.client.get(
        f"{PATH}/confusion-matrix", params={"threshold": threshold}, headers=trained.headers()
    )
    assert assert_problem(response, 422, "invalid_input")["field"] == "threshold"


def test_a_misspelt_parameter_is_an_error(trained: Service) -> None:
    response = trained.client.get(
        f"{PATH}/confusion-matrix", params={"treshold": 75}, headers=trained.headers()
    )
    assert assert_problem(response, 422, "invalid_input")["field"] == "treshold"


def test_a_simulation_reaches_the_users_of_the_page(trained: Service) -> None:
    body = simulate(trained, min_score=60, max_score=90)
    page = get(trained, "/scores", min_score=60, max_score=90, limit=1000)
    assert body["reached"] == len(page["scores"]) > 0
    expected = sum(score["probability"] for score in page["scores"])
    assert body["expected_true_positives"]["value"] == pytest.approx(expected)
    assert body["run_id"] == page["run_id"]
    assert (body["money"], body["best"]) == (None, None)


def test_selections(trained: Service) -> None:
    users = simulate(trained, min_score=0)["reached"]
    assert simulate(trained, top_share=0.1)["reached"] == pytest.approx(users / 10, abs=1)
    assert simulate(trained, messages=17)["reached"] == 17
    assert simulate(trained, budget=3.0, money=MONEY)["reached"] == 30
    assert simulate(trained, budget=3.0, min_score=99.99, money=MONEY)["reached"] < 30


def test_the_curve_holds_every_simulation(trained: Service) -> None:
    body = get(trained, "/threshold-curve", **MONEY)
    by_threshold = {point["min_score"]: point for point in body["points"]}
    alone = simulate(trained, min_score=75, money=MONEY)
    assert {name: alone[name] for name in by_threshold[75]} == by_threshold[75]
    # Sums in another order may differ in their last digit.
    assert body["best"]["profit"] * (1 + 1e-9) >= max(
        point["money"]["profit"]["value"] for point in body["points"]
    )
    assert get(trained, "/threshold-curve")["best"] is None


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({}, "min_score"),
        ({"top_share": 0.1, "messages": 5}, "top_share and messages"),
        ({"top_share": 0.1, "min_score": 5}, "top_share"),
        ({"top_share": 0}, "top_share"),
        ({"min_score": 80, "max_score": 20}, "max_score"),
        ({"min_score": 101}, "min_score"),
        ({"messages": -1}, "messages"),
        ({"messages": 1.5}, "messages"),
        ({"budget": 5}, "money"),
        ({"min_score": 5, "money": {}}, "conversion_value"),
        ({"min_score": 5, "money": {"conversion_value": "much"}}, "conversion_value"),
        ({"min_score": 5, "money": {**MONEY, "share_caused": 1.1}}, "share_caused"),
        ({"min_score": 5, "money": {**MONEY, "message_cost": -1}}, "message_cost"),
        ({"minscore": 5}, "minscore"),
    ],
)
def test_wrong_simulations(trained: Service, asked: dict[str, Any], named: str) -> None:
    response = trained.client.post(f"{PATH}/simulations", json=asked, headers=trained.headers())
    assert named in assert_problem(response, 422, "invalid_input")["detail"]


def test_numbers_that_are_none_are_refused(trained: Service) -> None:
    response = trained.client.post(
        f"{PATH}/simulations",
        content=b'{"min_score": NaN}',
        headers=trained.headers() | {"content-type": "application/json"},
    )
    assert_problem(response, 422, "invalid_input")


def test_prices_without_a_worth(trained: Service) -> None:
    response = trained.client.get(
        f"{PATH}/threshold-curve", params={"message_cost": 1}, headers=trained.headers()
    )
    assert "conversion_value" in assert_problem(response, 422, "invalid_input")["detail"]


def test_without_a_model_there_is_a_conflict(service: Service) -> None:
    from predictive.definitions import Definition
    from tests.api.conftest import CHURN

    service.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    for path in ("/quality", "/confusion-matrix", "/threshold-curve"):
        response = service.client.get(PATH + path, headers=service.headers())
        assert_problem(response, 409, "conflict")
        unknown = service.client.get(f"/v1/predictions/churn-29d{path}", headers=service.headers())
        assert "'churn-28d'" in assert_problem(unknown, 404, "not_found")["hint"]
