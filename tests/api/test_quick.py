"""A quick route answers as its usual route does, in every case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api import quick
from api.schemas.simulations import Simulation
from evaluation.histogram import ScoreHistogram
from predictive.definitions import Definition
from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, CHURN, SCORES, Service, running

SCORES_PATH = "/v1/predictions/churn-28d/scores"
SIMULATIONS = "/v1/predictions/churn-28d/simulations"
USERS = [user for user, _, _ in SCORES] + [
    "nobody",
    "nobody/reasons",
    "reasons",
    "/",
    "a\x00b",
    "x" * 257,
    "'; DROP TABLE scores; --",
    "\u202eevil",
    "line\nbreak",
]
#: What a simulation may be asked, and what it may not.
BODIES = [
    b'{"min_score": 50}',
    b'{"min_score": 0, "max_score": 100}',
    b'{"top_share": 0.5}',
    b'{"min_score": 50, "messages": 1, "money": {"conversion_value": 40, "message_cost": 1}}',
    b'{"budget": 3, "money": {"conversion_value": 40, "message_cost": 1}}',
    b'{"min_score": 50, "segment": "none-such"}',
    b'{"min_score": 101}',
    b'{"budget": 3}',
    b'{"minscore": 50}',
    b"{}",
    b"[]",
    b"",
    b"{",
    b"\xff",
]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("quick") / "workspace") as built:
        store = built.workspace.store
        store.predictions.create_or_update(Definition.from_text(CHURN))
        store.models.add_version(
            "churn-28d",
            definition_version=1,
            as_of=AS_OF,
            seed=0,
            data_version="1",
            code_version="test",
            base_rate=0.3,
            report={"shift": {"tau2": 0.04, "degrees": 3}},
            folder="none",
        )
        store.models.set_champion("churn-28d", 1)
        store.predictions.set_state("churn-28d", "active")
        publish_whole(built.workspace, SCORES)
        # The server starts in a thread of its own; from here on it is done with starting.
        built.client.get("/health").raise_for_status()
        yield built


def publish_whole(workspace: Workspace, rows: list[tuple[str, float, float]]) -> None:
    """Publish a run with the histogram of its scores."""
    runs = workspace.store.runs
    users, probabilities, scores = zip(*rows, strict=True)
    run_id = runs.begin("churn-28d", 1, AS_OF)
    workspace.store.scores.write_batch(run_id, users, probabilities, scores)
    histogram = ScoreHistogram.from_scores(scores, probabilities)
    runs.finish(run_id, histogram=histogram.to_bytes(), users=len(rows))
    runs.publish(run_id)


def both(service: Service, method: str, path: str, headers: dict[str, str], **more: Any) -> None:
    """Ask for the same with the quick routes and without them; the answers must be the same."""

    async def usual(scope: Scope, receive: Receive, send: Send) -> None:
        with patch.object(quick.Quick, "_route", return_value=None):
            await service.app(scope, receive, send)

    async def ask(app: ASGIApp) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers, **more)

    answers = [told(asyncio.run(ask(app))) for app in (service.app, usual)]
    assert answers[0] == answers[1]


def told(answer: httpx.Response) -> tuple[int, object, str | None, set[str]]:
    return (
        answer.status_code,
        answer.json(),
        answer.headers.get("content-type"),
        {*answer.headers},
    )


@pytest.mark.parametrize("user", USERS)
def test_one_score(scored: Service, user: str) -> None:
    for headers in (scored.headers("read"), scored.headers("simulate"), {}):
        both(scored, "GET", f"{SCORES_PATH}/{quote(user)}", headers)


@pytest.mark.parametrize("name", ["chrun-28d", "x" * 64, "a b", "%00"])
def test_another_prediction(scored: Service, name: str) -> None:
    headers = scored.headers("admin")
    both(scored, "GET", f"/v1/predictions/{name}/scores/anna", headers)
    both(scored, "POST", f"/v1/predictions/{name}/simulations", headers, json={"min_score": 50})


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "x/y", ""])
def test_a_simulation(scored: Service, body: bytes, kind: str) -> None:
    for scope in ("simulate", "read"):
        headers = scored.headers(scope) | ({"content-type": kind} if kind else {})
        both(scored, "POST", SIMULATIONS, headers, content=body)


def test_what_is_wrong_is_left_to_the_usual_route(
    scored: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    once_more = quick._once_more

    def counted(*given: Any) -> Receive:
        left.append(given)
        return once_more(*given)

    monkeypatch.setattr(quick, "_once_more", counted)
    headers = scored.headers("admin")
    scored.client.get(f"{SCORES_PATH}/anna", headers=headers).raise_for_status()
    for body, known in (({"min_score": 50}, 0), ({}, 1)):
        answer = scored.client.post(SIMULATIONS, json=body, headers=headers)
        assert (answer.status_code, len(left)) == (422 if known else 200, known)


def test_a_simulation_answers_for_the_run_published_last(scored: Service) -> None:
    headers = scored.headers("simulate")
    for rows in (SCORES, [("zoe", 0.9, 99.0)]):
        publish_whole(scored.workspace, rows)
        answer = scored.client.post(SIMULATIONS, json={"min_score": 50}, headers=headers).json()
        Simulation.model_validate(answer)
        assert answer["users"] == len(rows)
        assert answer["run_id"] == scored.workspace.store.runs.current("churn-28d").run_id
