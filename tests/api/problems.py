"""What every error must look like."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import httpx

from api.schemas.problems import Problem


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a problem document with this status and code, checked for its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) <= set(Problem.model_fields)
    Problem.model_validate(body)
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"].endswith(f":{code}")
    assert unquote(body["instance"]) == response.request.url.path
    assert quote(unquote(body["instance"]), safe="/:@!$&'()*+,;=-._~") == body["instance"]
    return body
