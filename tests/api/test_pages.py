"""Every list comes in pages: each thing once and in order, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from predictive.audit import note
from predictive.cursors import encode
from predictive.definitions import Definition
from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, CHURN, Service, add_model, add_scores, running
from tests.api.problems import assert_problem
from tests.postgresql import new_database

ONE = "/v1/predictions/churn-28d"
#: Path, name of the list, what tells its things apart.
LISTS = [
    ("/v1/predictions", "predictions", "name"),
    (f"{ONE}/history", "changes", "after"),
    (f"{ONE}/models", "models", "version"),
    (f"{ONE}/jobs", "jobs", "id"),
    (f"{ONE}/jobs?kind=build", "jobs", "id"),
    (f"{ONE}/builds", "builds", "id"),
    ("/v1/jobs", "jobs", "id"),
    ("/v1/jobs?unfinished=true", "jobs", "id"),
    (f"{ONE}/alerts", "alerts", "id"),
    ("/v1/alerts", "alerts", "id"),
    ("/v1/alerts?open=true", "alerts", "id"),
    (f"{ONE}/sends", "sends", "send_id"),
    (f"{ONE}/scores", "scores", "user_id"),
    ("/v1/segments", "segments", "name"),
    ("/v1/segments/other-2/exports", "exports", "id"),
    ("/v1/checks", "checks", "at"),
    ("/v1/checks?prediction=churn-28d", "checks", "at"),
    ("/v1/keys", "keys", "id"),
    ("/v1/audit", "entries", "id"),
]
#: Paged over members that are taken down in files: see the tests of segments.
ELSEWHERE = {"/v1/segments/{name}/members", "/v1/segments/{name}/changes"}
#: Nonsense, a trick, places of other lists, one beyond any time.
NO_CURSORS = [
    "x",
    "'; DROP TABLE jobs;--",
    "é",
    "[" * 3000,
    "W10",
    encode(1, 2, 3),
    encode(2**62, "a"),
]


def fill(workspace: Workspace) -> None:
    """Three of everything, some of them at the same moment."""
    store = workspace.store
    add_scores(workspace)
    run = store.runs.current("churn-28d").run_id
    add_model(workspace, "churn-28d")
    add_model(workspace, "churn-28d")
    for number in range(3):
        name, at = f"other-{number}", AS_OF + timedelta(hours=number // 2)
        store.predictions.create_or_update(
            Definition.from_text(CHURN.replace("churn-28d", name)), at=at
        )
        segment = {"name": name, "all": [{"prediction": "churn-28d", "min_score": 50}]}
        store.segments.save(segment, by="test", at=at)
        store.sends.add("churn-28d", run, at, 0.5, [f"a{number}"], [f"b{number}"])
        for about in ("churn-28d", None):
            store.alerts.open(
                about,
                "event_fell",
                f"{name} {about}",
                severity="warning",
                message="",
                details={},
                at=at,
            )
            report = {"as_of": at.isoformat(), "found": [], "opened": [], "resolved": []}
            at_number = {"at": (at + timedelta(seconds=number)).isoformat()}
            more = {"data": {}, "predictions": {}}
            store.checks.add(about, at, report | at_number | more, at)
        for kind in ("build", "score"):
            store.jobs.create(kind, "churn-28d", {}, now=at)
        of = {"segment": "other-2", "segment_id": store.segments.get("other-0").id, "format": "csv"}
        store.jobs.create("export", None, of, now=at)
        note(workspace, "command line", "predictive train", name, 0)
    for _ in range(3):
        params = {"segment_id": store.segments.get("other-2").id, "format": "csv"}
        store.jobs.create("export", None, {"segment": "other-2"} | params, now=AS_OF)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("full") / "workspace"
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = stack.enter_context(new_database(request.getfixturevalue("postgres")))
        built = stack.enter_context(running(folder, database_url=url))
        fill(built.workspace)
        yield built


def ask(service: Service, path: str, **more: Any) -> dict[str, Any]:
    answer = service.client.get(path, params=_asked(path) | more, headers=service.headers())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _asked(path: str) -> dict[str, str]:
    query = path.partition("?")[2]
    return dict([query.split("=")]) if query else {}


@pytest.mark.parametrize(("path", "key", "name"), LISTS, ids=[path for path, _, _ in LISTS])
def test_each_thing_comes_once_and_in_order(full: Service, path: str, key: str, name: str) -> None:
    whole = ask(full, path)
    assert whole["next_cursor"] is None
    assert len(whole[key]) >= 3
    for limit in (1, 2):
        pages = list(walk(full, path, key, limit))
        assert all(len(page) == limit for page in pages[:-1])
        seen = [each[name] for page in pages for each in page]
        assert seen == [each[name] for each in whole[key]]


def walk(service: Service, path: str, key: str, limit: int) -> Iterator[list[Any]]:
    more: dict[str, Any] = {}
    while True:
        page = ask(service, path, limit=limit, **more)
        yield page[key]
        if page["next_cursor"] is None:
            return
        more = {"cursor": page["next_cursor"]}


def test_every_list_of_the_document_is_tried_and_takes_the_same_parameters(full: Service) -> None:
    document = full.client.get("/v1/openapi.json").json()
    paged = set()
    for path, methods in document["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        fields = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2])
        if not fields:
            continue
        taken = {each["name"] for each in methods["get"].get("parameters", [])}
        if "next_cursor" in fields.get("properties", {}):
            assert {"limit", "cursor"} <= taken, path
            paged.add(path)
        else:
            assert not {"limit", "cursor"} & taken, path
    tried = {path.partition("?")[0].replace("churn-28d", "{name}") for path, _, _ in LISTS}
    tried = {path.replace("other-2", "{name}") for path in tried}
    assert paged == tried | ELSEWHERE


@pytest.mark.parametrize("path", [path for path, _, _ in LISTS if "?" not in path])
def test_a_cursor_that_is_none_is_refused(full: Service, path: str) -> None:
    for cursor in NO_CURSORS:
        answer = full.client.get(path, params={"cursor": cursor}, headers=full.headers())
        assert assert_problem(answer, 422, "invalid_input")["field"] == "cursor"
