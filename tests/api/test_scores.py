from __future__ import annotations

from urllib.parse import quote

import pytest

from api.schemas.scores import Score, ScorePage, ScoresFound
from tests.api.conftest import AS_OF, SCORES, Service, publish
from tests.api.problems import assert_problem

PATH = "/v1/predictions/churn-28d/scores"


@pytest.mark.parametrize(("user", "probability", "score"), SCORES)
def test_one_user(shared: Service, user: str, probability: float, score: float) -> None:
    response = shared.client.get(f"{PATH}/{quote(user)}", headers=shared.headers("read"))
    assert response.status_code == 200
    Score.model_validate(response.json(), strict=False)
    body = response.json()
    assert set(body) == set(Score.model_fields)
    assert (body["user_id"], body["probability"], body["score"]) == (user, probability, score)
    assert body["category"] == ("high" if score >= 75 else "medium" if score >= 50 else "low")
    assert body["as_of"] == AS_OF.isoformat()
    assert body["prediction"] == "churn-28d"


@pytest.mark.parametrize("user", ["nobody", "anna ", "Anna", "anna/", "anna%27%20OR%201=1--"])
def test_an_unknown_user(shared: Service, user: str) -> None:
    response = shared.client.get(f"{PATH}/{user}", headers=shared.headers("read"))
    assert_problem(response, 404, "not_found")


def test_an_unknown_prediction_names_the_nearest(shared: Service) -> None:
    for method, path in (("GET", ""), ("GET", "/anna"), ("POST", "")):
        response = shared.client.request(
            method,
            f"/v1/predictions/chrun-28d/scores{path}",
            headers=shared.headers("read"),
            json={"user_ids": ["anna"]} if method == "POST" else None,
        )
        assert "'churn-28d'" in assert_problem(response, 404, "not_found")["hint"]


def test_many_in_the_order_asked_for(shared: Service) -> None:
    asked = ["emil", "nobody", "anna", "emil"]
    response = shared.client.post(PATH, json={"user_ids": asked}, headers=shared.headers("read"))
    body = response.json()
    ScoresFound.model_validate(body)
    assert [score["user_id"] for score in body["scores"]] == ["emil", "anna"]
    assert body["missing"] == ["nobody"]


def test_none_of_many(shared: Service) -> None:
    response = shared.client.post(
        PATH, json={"user_ids": ["x", "y"]}, headers=shared.headers("read")
    )
    body = response.json()
    ScoresFound.model_validate(body)
    assert (body["scores"], body["missing"]) == ([], ["x", "y"])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"user_ids": []},
        {"user_ids": "anna"},
        {"user_ids": [""]},
        {"user_ids": [7]},
        {"user_ids": ["x" * 257]},
        {"user_ids": ["x" * 1_000_000]},
        {"user_ids": ["a\x00b"]},
        {"user_ids": ["a"] * 1001},
        {"user_ids": ["a"], "limit": 3},
        [],
        None,
    ],
)
def test_wrong_ids(shared: Service, asked: object) -> None:
    response = shared.client.post(PATH, json=asked, headers=shared.headers("read"))
    body = assert_problem(response, 422, "invalid_input")
    assert len(response.content) < 100_000
    assert body["errors"][0]["message"]


def test_pages_hold_everyone_once_highest_first(shared: Service) -> None:
    walked, cursor = [], None
    for _ in range(len(SCORES)):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        response = shared.client.get(PATH, params=query, headers=shared.headers("read"))
        body = response.json()
        ScorePage.model_validate(body)
        walked += [(score["score"], score["user_id"]) for score in body["scores"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert walked == sorted(
        ((score, user) for user, _, score in SCORES), key=lambda pair: (-pair[0], pair[1])
    )


def test_a_walk_stays_in_its_run(scored: Service) -> None:
    headers = scored.headers("read")
    first = scored.client.get(PATH, params={"limit": 2}, headers=headers).json()
    publish(scored.workspace, "churn-28d", [("zoe", 0.9, 99.0)])
    query = {"limit": 2, "cursor": first["next_cursor"]}
    second = scored.client.get(PATH, params=query, headers=headers).json()
    assert second["run_id"] == first["run_id"]
    assert "zoe" not in {score["user_id"] for score in second["scores"]}
    newest = scored.client.get(PATH, headers=headers).json()
    assert [score["user_id"] for score in newest["scores"]] == ["zoe"]


def test_bounds_are_inclusive(shared: Service) -> None:
    query = {"min_score": 50, "max_score": 75}
    body = shared.client.get(PATH, params=query, headers=shared.headers("read")).json()
    assert [score["user_id"] for score in body["scores"]] == ["ben", "cleo/2 ü", "dora"]


def test_an_empty_range_is_a_page(shared: Service) -> None:
    query = {"min_score": 99}
    body = shared.client.get(PATH, params=query, headers=shared.headers("read")).json()
    ScorePage.model_validate(body)
    assert (body["scores"], body["next_cursor"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"min_score": "-1"}, "min_score"),
        ({"min_score": "nan"}, "min_score"),
        ({"max_score": "100.5"}, "max_score"),
        ({"max_score": "high"}, "max_score"),
        ({"min_score": "60", "max_score": "40"}, "min_score"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "ü"}, "cursor"),
        ({"minscore": "60"}, "minscore"),
    ],
)
def test_wrong_pages(shared: Service, query: dict[str, str], field: str) -> None:
    response = shared.client.get(PATH, params=query, headers=shared.headers("read"))
    assert assert_problem(response, 422, "invalid_input")["field"] == field


def test_a_prediction_without_scores(service: Service) -> None:
    from predictive.definitions import Definition
    from tests.api.conftest import CHURN

    service.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    headers = service.headers("read")
    for response in (
        service.client.get(PATH, headers=headers),
        service.client.get(f"{PATH}/anna", headers=headers),
        service.client.post(PATH, json={"user_ids": ["anna"]}, headers=headers),
    ):
        assert_problem(response, 409, "conflict")
