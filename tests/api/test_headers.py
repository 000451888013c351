"""Security headers stand on every answer, whoever gives it."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.api.conftest import Service

FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
PATHS = [
    "/health",
    "/ready",
    "/v1/openapi.json",
    "/v1/predictions",
    "/v1/predictions/churn-28d/scores/anna",
    "/v1/predictions/churn-28d/score-stream",
    "/v1/nothing",
    "/docs",
    "/docs/assets/swagger-ui.css",
    "/docs/assets/nothing",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scope", ["read", None])
def test_every_answer_has_them_once(shared: Service, path: str, scope: str | None) -> None:
    headers = shared.headers(scope) if scope else {}
    answer = shared.client.get(path, headers=headers)
    for name, value in FIXED.items():
        assert answer.headers.get_list(name) == [value], name
    (policy,) = answer.headers.get_list("content-security-policy")
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "strict-transport-security" not in answer.headers


def test_an_error_nobody_foresaw_has_them_too(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("made up")

    monkeypatch.setattr(service.workspace.store.predictions, "list", fail)
    answer = service.client.get("/v1/predictions", headers=service.headers())
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_https_is_asked_for_where_it_is_spoken(shared: Service) -> None:
    # The server believes a proxy on its own machine.
    answer = shared.client.get("/health", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_the_docs_page_runs_its_own_scripts_alone(shared: Service) -> None:
    answer = shared.client.get("/docs")
    policy = answer.headers["content-security-policy"]
    rule = policy.partition("script-src ")[2].partition(";")[0]
    assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/=]{44}'", rule)
    assert "http" not in policy


def test_no_browser_is_told_that_other_sites_may_read(shared: Service) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    with httpx.Client(base_url=shared.client.base_url, timeout=60) as client:
        for method in ("GET", "OPTIONS"):
            answer = client.request(method, "/v1/predictions", headers=asked)
            assert not [name for name in answer.headers if name.startswith("access-control")]
