"""What both clients bring of a real service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as pa
import pytest

from predictive.errors import shown
from predictive_client import (
    Client,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Unauthorized,
)
from tests.api.conftest import SCORES, Service, add_events, add_scores, publish
from tests.client.conftest import USERS, Both, url_of
from tests.client.cutting import cutting

NAME = "churn-28d"
Ask = Callable[..., Any]


@pytest.fixture
def ask(few: Service, both: Both) -> Ask:
    def asked(question: Callable[[Any], Any], scope: str = "admin") -> Any:
        return both.call(url_of(few), few.keys[scope], question)

    return asked


@pytest.mark.parametrize("user", [user for user, _, _ in SCORES])
def test_one_score(ask: Ask, user: str) -> None:
    score = ask(lambda client: client.scores.get(NAME, user), "read")
    assert (score["user_id"], score["prediction"]) == (user, NAME)


@pytest.mark.parametrize(
    "user", [".", "..", "a/../b", "?x=1#y", "%2e%2e", "\u2028", "x" * 256, "; DROP TABLE"]
)
def test_ids_arrive_as_they_are(ask: Ask, user: str) -> None:
    with pytest.raises(NotFound) as refused:
        ask(lambda client: client.scores.get(NAME, user), "read")
    assert (refused.value.field, refused.value.value) == ("user_id", shown(user))


def test_an_id_with_an_address_of_its_own_is_not_mistaken(ask: Ask) -> None:
    with pytest.raises(ValueError, match="many"):
        ask(lambda client: client.scores.get(NAME, "anna/reasons"))
    found = ask(lambda client: client.scores.many(NAME, ["anna/reasons", "anna"]))
    assert (len(found["scores"]), found["missing"]) == (1, ["anna/reasons"])


def test_more_ids_than_one_request_takes(crowd: Service, both: Both) -> None:
    with Client(url_of(crowd), crowd.keys["read"]) as client:
        users = [row["user_id"] for row in client.scores.list(NAME)]
    assert len(users) == USERS
    asked = [*users, "nobody", *users[:10]]
    found = both.call(
        url_of(crowd), crowd.keys["read"], lambda client: client.scores.many(NAME, iter(asked))
    )
    assert [score["user_id"] for score in found["scores"]] == users
    assert found["missing"] == ["nobody"]
    assert found["run_id"] == crowd.workspace.store.runs.current(NAME).run_id  # type: ignore[union-attr]


def test_scores_of_many_are_all_of_one_run(service: Service) -> None:
    add_scores(service.workspace)
    users = [f"user-{number}" for number in range(1_500)]
    publish(service.workspace, NAME, [(user, 0.5, 50.0) for user in users])
    answers = 0

    def publish_meanwhile(response: httpx.Response) -> None:
        nonlocal answers
        answers += 1
        if answers == 1:
            publish(service.workspace, NAME, [(user, 0.6, 60.0) for user in users])

    http = httpx.Client(event_hooks={"response": [publish_meanwhile]}, timeout=60)
    with http, Client(url_of(service), service.keys["read"], http=http) as client:
        found = client.scores.many(NAME, users)
    assert {score["score"] for score in found["scores"]} == {60.0}
    assert (len(found["scores"]), answers) == (1_500, 4)


def test_a_list_goes_through_all_pages_from_the_top(crowd: Service, both: Both) -> None:
    found = both.items(
        url_of(crowd), crowd.keys["read"], lambda client: client.scores.list(NAME, min_score=10)
    )
    values = [row["score"] for row in found]
    assert values == sorted(values, reverse=True)
    assert 0.8 * USERS < len(values) < USERS
    assert min(values) >= 10


def test_a_segment_from_counting_to_deleting(service: Service, both: Both) -> None:
    add_events(service.workspace)
    segment = {"name": "regulars", "all": [{"did": "purchase", "at_least": 8}]}

    def call(question: Callable[[Any], Any]) -> Any:
        return both.call(url_of(service), service.keys["admin"], question)

    def items(question: Callable[[Any], Any]) -> list[Any]:
        return both.items(url_of(service), service.keys["admin"], question)

    users = call(lambda client: client.segments.count(segment))["users"]
    assert call(lambda client: client.segments.save(segment))["users"] == users > 0
    text = 'name: everybody\nall: [{did: "*"}]\n'
    assert call(lambda client: client.segments.save(text))["change"] == "created"
    assert [each["name"] for each in items(lambda client: client.segments.list())] == [
        "everybody",
        "regulars",
    ]
    members = items(lambda client: client.segments.members("regulars"))
    assert len(members) == users
    assert items(lambda client: client.segments.stream("regulars")) == members
    with cutting(url_of(service), [300, 900]) as proxy:
        key = service.keys["read"]
        cut = both.items(proxy.url, key, lambda client: client.segments.stream("regulars"))
    assert cut == members
    one = members[0]["user_id"]
    assert call(lambda client: client.segments.contains("regulars", one))["member"] is True
    assert call(lambda client: client.segments.delete("regulars")) is None
    with pytest.raises(NotFound):
        call(lambda client: client.segments.show("regulars"))


def test_predictions_keys_and_alerts(service: Service, both: Both) -> None:
    add_events(service.workspace)

    def call(question: Callable[[Any], Any]) -> Any:
        return both.call(url_of(service), service.keys["admin"], question)

    definition = {
        "name": "buys",
        "kind": "purchase",
        "target": {"within_days": 7, "all": [{"did": "purchase"}]},
    }
    assert call(lambda client: client.predictions.validate(definition))["change"] == "created"
    unsaved = call(lambda client: client.predictions.estimate_definition(definition))
    assert call(lambda client: client.predictions.apply(definition))["definition_version"] == 1
    assert call(lambda client: client.predictions.estimate("buys")) == unsaved
    assert call(lambda client: client.predictions.set_state("buys", "preview"))["changed"]
    job = call(lambda client: client.jobs.start("buys", "train", seed=3))
    assert job["params"]["seed"] == 3
    assert call(lambda client: client.jobs.cancel(job["id"]))["state"] == "cancelled"
    wrong = {**definition, "target": {"within_days": 7, "all": [{"did": "purchse"}]}}
    with pytest.raises(InvalidInput) as refused:
        call(lambda client: client.predictions.apply(wrong))
    assert "purchase" in (refused.value.hint or "")
    made = call(lambda client: client.keys.create("engine", ["read"]))
    with pytest.raises(Forbidden):
        both.items(url_of(service), made["secret"], lambda client: client.keys.list())
    call(lambda client: client.keys.revoke(made["id"]))
    with pytest.raises(Unauthorized):
        both.items(url_of(service), made["secret"], lambda client: client.predictions.list())
    url = url_of(service)
    kinds = [
        each["kind"]
        for each in both.items(
            url, service.keys["read"], lambda client: client.predictions.history("buys")
        )
    ]
    assert kinds == ["state", "created"]
    assert both.items(url, service.keys["read"], lambda client: client.alerts.list("buys")) == []


def test_refusals_are_typed(ask: Ask) -> None:
    with pytest.raises(NotFound, match="churn-28d") as missing:
        ask(lambda client: client.predictions.show("chrun-28d"))
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    with pytest.raises(InvalidInput) as wrong:
        ask(lambda client: client.simulations.simulate(NAME, min_score=101))
    assert wrong.value.errors[0]["field"] == "min_score"
    assert ask(lambda client: client.ready())["status"] == "ready"


def test_a_key_is_never_shown(few: Service) -> None:
    secret = few.keys["read"]
    with Client(url_of(few), secret) as client:
        assert secret not in repr(client) + repr(vars(client)) + repr(vars(client.scores.run))


def test_all_who_entered_and_left_are_brought(scored_segment: Service, both: Both) -> None:
    service, key = scored_segment, scored_segment.keys["read"]
    since = service.workspace.store.segments.get("likely").created_at
    values = [(f"new-{number:04d}", 0.9, 90.0) for number in range(2_300)]
    publish_with_archive(service, values)

    def ids(question: Callable[[Any], Any]) -> list[Any]:
        return both.items(url_of(service), key, question)

    entered = ids(lambda client: client.segments.entered("likely", since))
    assert entered == [user for user, _, _ in values]
    assert ids(lambda client: client.segments.left("likely", since)) == ["old-1", "old-2"]


def publish_with_archive(service: Service, scores: list[tuple[str, float, float]]) -> None:
    run_id = publish(service.workspace, NAME, scores)
    rows = [{"user_id": user, "probability": p, "score": score} for user, p, score in scores]
    service.workspace.lake.archive_scores(run_id, [pa.RecordBatch.from_pylist(rows)])


@pytest.fixture
def scored_segment(service: Service) -> Service:
    add_events(service.workspace)
    add_scores(service.workspace)
    publish_with_archive(service, [("old-1", 0.8, 80.0), ("old-2", 0.8, 80.0)])
    segment = {"name": "likely", "all": [{"prediction": NAME, "gte": 75}]}
    with Client(url_of(service), service.keys["manage"]) as client:
        assert client.segments.save(segment)["users"] == 2
    return service


def test_a_write_whose_answer_is_cut_is_done_once(service: Service, both: Both) -> None:
    add_events(service.workspace)
    add_scores(service.workspace)
    segment = {"name": "everybody", "all": [{"did": "*"}]}
    with cutting(url_of(service), [1, 200]) as proxy:
        saved = both.call(
            proxy.url, service.keys["manage"], lambda client: client.segments.save(segment)
        )
    # Asked a second time, the service would have called it unchanged.
    assert (saved["change"], saved["version"], proxy.connections) == ("created", 1, 3)
    with cutting(url_of(service), [1]) as proxy:
        job = both.call(proxy.url, service.keys["manage"], lambda client: client.jobs.start(NAME))
    assert [each.id for each in service.workspace.store.jobs.list(NAME)] == [job["id"]]


def test_a_secret_whose_answer_is_cut_is_not_told_again(service: Service, both: Both) -> None:
    with cutting(url_of(service), [1]) as proxy, pytest.raises(Conflict) as refused:
        both.call(proxy.url, service.keys["admin"], lambda client: client.keys.create("lost"))
    assert refused.value.code == "not_repeatable"
    assert [key.name for key in service.workspace.store.keys.list()].count("lost") == 1


def test_polling_asks_for_what_has_changed(service: Service) -> None:
    add_scores(service.workspace)
    statuses: list[int] = []

    def note(response: httpx.Response) -> None:
        statuses.append(response.status_code)

    http = httpx.Client(event_hooks={"response": [note]}, timeout=60)
    with http, Client(url_of(service), service.keys["admin"], http=http) as client:
        first = client.predictions.show(NAME)
        assert client.predictions.show(NAME) == first
        client.predictions.set_state(NAME, "preview")
        assert client.predictions.show(NAME)["state"] == "preview"
    assert statuses == [200, 304, 200, 200]
