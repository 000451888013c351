"""Quality, confusion matrices and simulations of a prediction that was really trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from predictive.definitions import Definition
from tests.api.conftest import CHURN, Service
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


@pytest.fixture
def regulars(trained: Service) -> Iterator[str]:
    """A segment that is there for one test."""
    segment = {"name": "regulars", "all": [{"did": "purchase", "at_least": 8}]}
    headers = trained.headers("manage")
    assert trained.client.post("/v1/segments", json=segment, headers=headers).status_code == 201
    yield "regulars"
    trained.client.delete("/v1/segments/regulars", headers=headers)


def test_a_simulation_of_a_segment_is_one_of_its_members(trained: Service, regulars: str) -> None:
    listed = trained.client.get(
        f"/v1/segments/{regulars}/members", params={"limit": 1000}, headers=trained.headers("read")
    ).json()
    members = {member["user_id"] for member in listed["members"]}
    scores = get(trained, "/scores", limit=1000)["scores"]
    inside = [score for score in scores if score["user_id"] in members]
    reached = [score for score in inside if score["score"] >= 40]
    body = simulate(trained, min_score=40, segment=regulars)
    assert 0 < len(reached) < len(inside) < len(scores)
    assert (body["reached"], body["users"]) == (len(reached), len(inside))
    assert body["segment"]["users"] == len(members)
    share = sum(each["probability"] for each in reached) / sum(
        each["probability"] for each in inside
    )
    assert body["true_positive_share"]["value"] == pytest.approx(share)
    curve = get(trained, "/threshold-curve", segment=regulars, **MONEY)
    assert curve["points"][40]["reached"] == len(reached)
    assert get(trained, "/score-distribution", segment=regulars)["users"] == len(inside)


@pytest.mark.parametrize("path", ["threshold-curve", "score-distribution"])
def test_a_segment_that_is_not_there(trained: Service, path: str) -> None:
    response = trained.client.get(
        f"{PATH}/{path}", params={"segment": "nobody"}, headers=trained.headers()
    )
    assert assert_problem(response, 404, "not_found")["field"] == "segment"


def compare(service: Service, scenarios: list[dict[str, Any]], **asked: Any) -> Any:
    return service.client.post(
        f"{PATH}/scenarios",
        json={"scenarios": scenarios} | asked,
        headers=service.headers("simulate"),
    )


def test_scenarios_side_by_side_are_what_each_is_alone(trained: Service, regulars: str) -> None:
    asked: list[dict[str, Any]] = [
        {"min_score": 75, "money": MONEY},
        {"min_score": 50},
        {"budget": 3.0, "money": MONEY},
    ]
    for segment in (None, regulars):
        labelled = [each | {"label": f"no. {number}"} for number, each in enumerate(asked)]
        told = compare(trained, labelled, segment=segment).json()
        assert [each["label"] for each in told["scenarios"]] == ["no. 0", "no. 1", "no. 2"]
        for scenario, each in zip(told["scenarios"], asked, strict=True):
            alone = simulate(trained, segment=segment, **each)
            together = {key: value for key, value in told.items() if key != "scenarios"}
            assert together | scenario == alone | {"label": scenario["label"]}


@pytest.mark.parametrize("scenarios", [[], [{}], [{"min_score": 101}], [{"min_score": 50}] * 21])
def test_scenarios_that_can_not_be_compared(
    trained: Service, scenarios: list[dict[str, Any]]
) -> None:
    assert_problem(compare(trained, scenarios), 422, "invalid_input")


def test_the_distribution_counts_everybody_once(trained: Service) -> None:
    told = get(trained, "/score-distribution")
    scores = get(trained, "/scores", limit=1000)["scores"]
    assert [bucket["min_score"] for bucket in told["buckets"]] == [5 * n for n in range(20)]
    for bucket in told["buckets"]:
        top = bucket["max_score"] + (1 if bucket["max_score"] == 100 else 0)
        inside = [each for each in scores if bucket["min_score"] <= each["score"] < top]
        assert bucket["users"] == len(inside)
        expected = sum(each["probability"] for each in inside)
        assert bucket["expected_positives"] == pytest.approx(expected)
    by_category = {each["category"]: each["users"] for each in told["categories"]}
    assert by_category == {
        category: sum(each["category"] == category for each in scores)
        for category in ("low", "medium", "high")
    }


def test_the_curves_are_those_of_the_backtest(trained: Service) -> None:
    told, expected = get(trained, "/curves"), get(trained, "/quality")["expected"]
    assert (told["users"], told["positives"]) == (expected["n"], expected["positives"])
    shares = [point["share"] for point in told["gains"]]
    assert shares == sorted(shares)
    assert (told["gains"][0], told["gains"][-1]) == (
        {"share": 0.0, "captured": 0.0},
        {"share": 1.0, "captured": 1.0},
    )
    assert told["lift"][-1] == {"share": 1.0, "lift": 1.0}
    assert sum(point["rows"] for point in told["calibration"]) == told["users"]
    # At a point of the ROC curve, the confusion matrix has the same rates.
    matrix = get(trained, "/confusion-matrix", threshold=50)
    rates = matrix["rates"]
    nearest = min(
        told["roc"],
        key=lambda point: abs(point["false_positive_rate"] - (1 - rates["specificity"])),
    )
    assert nearest["true_positive_rate"] == pytest.approx(rates["sensitivity"], abs=0.05)


def test_without_a_model_there_are_no_curves(untrained: Service) -> None:
    for path in ("curves", "score-distribution"):
        response = untrained.client.get(f"{PATH}/{path}", headers=untrained.headers())
        assert_problem(response, 409, "conflict")


@pytest.fixture
def untrained(service: Service) -> Service:
    service.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    return service
