from __future__ import annotations

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api import errors
from api.limits import MAX_BODY_BYTES
from tests.api.conftest import Service, serving
from tests.api.problems import assert_problem

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/", "/v1/predictions/", "/v2/predictions"])
def test_unknown_routes(shared: Service, path: str) -> None:
    response = shared.client.get(path, headers=shared.headers(), follow_redirects=False)
    assert_problem(response, 404, "not_found")


def test_unknown_methods_name_the_known_ones(shared: Service) -> None:
    response = shared.client.put("/v1/predictions", headers=shared.headers())
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("body", [b"{", b'{"user_ids": [', b"[" * 100_000, b"\xff\xfe", b""])
def test_bodies_that_are_no_json(shared: Service, body: bytes) -> None:
    response = shared.client.post(
        "/v1/predictions/churn-28d/scores",
        content=body,
        headers=shared.headers() | {"content-type": "application/json"},
    )
    code = "bad_request" if response.status_code == 400 else "invalid_input"
    assert_problem(response, response.status_code, code)
    assert response.status_code in {400, 422}


def test_a_body_over_the_limit_is_not_read(shared: Service) -> None:
    too_large = json.dumps({"user_ids": ["x" * MAX_BODY_BYTES]}).encode()
    for path in ("/v1/predictions/churn-28d/scores", "/v1/predictions"):
        response = shared.client.post(
            path, content=too_large, headers=shared.headers() | {"content-type": "application/json"}
        )
        assert_problem(response, 413, "too_large")


def test_an_unforeseen_error_tells_nothing_but_its_incident(
    scored: Service, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(scored.workspace.store.predictions, "list", broken)
    with serving(scored.app) as address:
        response = httpx.get(f"{address}/v1/predictions", headers=scored.headers())
        body = assert_problem(response, 500, "failure")
    assert "hunter2" not in response.text
    (told,) = [line for line in log.getvalue().splitlines() if body["incident"] in line]
    assert "RuntimeError" in told
    assert "test_errors.py" in told  # where it was raised
    assert "hunter2" not in log.getvalue()
    assert scored.keys["admin"] not in log.getvalue()


def test_a_store_out_of_reach_is_a_503(scored: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(scored.workspace.store.database, "fetch_all", gone)
    path = "/v1/predictions/churn-28d/scores/anna"
    response = scored.client.get(path, headers=scored.headers())
    assert_problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "1"


def test_every_code_is_documented() -> None:
    page = DOCS.read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| (?:\d{3}) \| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
    codes = set(re.findall(r"^\d{3} +(\w+) ", errors.__doc__ or "", re.MULTILINE))
    assert codes == set(documented)
    assert codes >= {*errors.CODES.values(), "conflict", "invalid_input", "insufficient_data"}
