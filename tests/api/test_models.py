"""Model versions over HTTP."""

from __future__ import annotations

from typing import Any

from predictive.recipes import STANDARD_VERSION
from predictive.store.models import ModelVersion
from tests.api.conftest import AS_OF, Service
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d"


def get(service: Service, path: str) -> dict[str, Any]:
    response = service.client.get(PATH + path, headers=service.headers("read"))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def post(service: Service, path: str, scope: str = "manage") -> Any:
    return service.client.post(PATH + path, headers=service.headers(scope))


def add_version(service: Service) -> ModelVersion:
    models = service.workspace.store.models
    version = models.add_version(
        "churn-28d",
        definition_version=1,
        as_of=AS_OF,
        seed=0,
        data_version="1",
        code_version="test",
        base_rate=0.3,
        report={},
        folder="none",
    )
    return models.get("churn-28d", version)


def test_the_versions_and_the_report_of_one(trained: Service) -> None:
    listed = get(trained, "/models")
    (model,) = listed["models"]
    assert (listed["champion_version"], listed["challenger_version"]) == (1, None)
    assert (model["version"], model["role"]) == (1, "champion")
    assert model["recipe"] == {"name": "standard", "version": STANDARD_VERSION}
    assert model["promotion_reason"] == "It is the first model."
    shown = get(trained, "/models/1")
    assert {name: shown[name] for name in model} == model
    assert shown["report"]["quality"] == model["quality"]


def test_the_card_holds_what_a_card_holds(trained: Service) -> None:
    card = get(trained, "/models/1/card")
    report = get(trained, "/models/1")["report"]
    assert card["definition"].startswith("name: churn-28d")
    assert card["data"]["version"] == report["data_version"]
    assert card["data"]["from"] < card["data"]["snapshots"][0] < card["data"]["until"]
    assert card["features"]["count"] == len(card["features"]["names"]) == report["features"]
    assert card["measures"]["auc"] == report["auc"]
    assert card["calibration"] == report["calibration"]
    assert card["curves"].keys() == {fold["as_of"] for fold in card["folds"]}
    for curves in card["curves"].values():
        assert curves["gains"][0] == [0.0, 0.0]
        assert curves["gains"][-1] == [1.0, 1.0]
        assert set(curves) == {"gains", "lift", "roc", "precision_recall", "calibration"}
    assert "within 28 days" in card["limits"][0]
    assert card["text"].startswith("# churn-28d: model version 1, as of ")
    for title in ("What it predicts", "Data", "Features", "Quality", "Calibration", "Limits"):
        assert f"## {title}" in card["text"]


def test_promoted_by_a_key_and_rolled_back(scored: Service) -> None:
    add_version(scored)
    assert post(scored, "/models/2/promote", "read").status_code == 403
    assert post(scored, "/models/2/promote").json() == {
        "prediction": "churn-28d",
        "champion_version": 2,
        "challenger_version": 1,
        "before": 1,
        "changed": True,
    }
    assert post(scored, "/models/2/promote").json()["changed"] is False
    assert post(scored, "/rollback").json()["champion_version"] == 1
    assert_problem(post(scored, "/rollback"), 409, "conflict")
    changes = scored.client.get(f"{PATH}/history", headers=scored.headers()).json()["changes"]
    by_keys = [change for change in changes if change["by"].startswith("key ")]
    assert [change["after"] for change in by_keys] == [
        {"champion_version": 1},
        {"champion_version": 2},
    ]


def test_versions_that_are_not_there(scored: Service) -> None:
    headers = scored.headers()
    for path in ("/models/9", "/models/9/card"):
        assert_problem(scored.client.get(PATH + path, headers=headers), 404, "not_found")
    assert_problem(post(scored, "/models/9/promote"), 404, "not_found")
    # Made before there were cards.
    assert_problem(scored.client.get(f"{PATH}/models/1/card", headers=headers), 404, "not_found")
    assert_problem(scored.client.get(f"{PATH}/models/0", headers=headers), 422, "invalid_input")


def test_a_job_may_name_a_recipe(scored: Service) -> None:
    asked = {"kind": "train", "recipe": "forest"}
    response = scored.client.post(f"{PATH}/jobs", json=asked, headers=scored.headers())
    assert response.status_code == 202
    assert response.json()["params"]["recipe"] == "forest"
    refused = scored.client.post(
        f"{PATH}/jobs", json={"kind": "score", "recipe": "forest"}, headers=scored.headers()
    )
    assert refused.status_code == 422
