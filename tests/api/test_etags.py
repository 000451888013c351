"""ETags: a client that has the answer already hears so, and streams are left alone."""

from __future__ import annotations

import pytest

from predictive.definitions import Definition
from tests.api.conftest import CHURN, Service

POLLED = [
    "/v1/predictions",
    "/v1/predictions/churn-28d",
    "/v1/predictions/churn-28d/models",
    "/v1/predictions/churn-28d/jobs",
    "/v1/predictions/churn-28d/alerts",
    "/v1/predictions/churn-28d/history",
    "/v1/jobs",
    "/v1/alerts",
    "/v1/segments",
]


@pytest.mark.parametrize("path", POLLED)
def test_what_has_not_changed_is_a_304(shared: Service, path: str) -> None:
    headers = shared.headers("read")
    first = shared.client.get(path, headers=headers)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = shared.client.get(path, headers=headers | {"If-None-Match": known})
        assert again.status_code == 304, known
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert "content-type" not in again.headers
        assert "ratelimit-remaining" in again.headers
    other = shared.client.get(path, headers=headers | {"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_change_is_a_new_tag(scored: Service) -> None:
    headers, path = scored.headers("read"), "/v1/predictions"
    before = scored.client.get(path, headers=headers).headers["etag"]
    other = Definition.from_text(CHURN.replace("churn-28d", "another"))
    scored.workspace.store.predictions.create_or_update(other)
    answer = scored.client.get(path, headers=headers | {"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before


def test_a_tag_lets_nobody_in(shared: Service) -> None:
    tag = shared.client.get("/v1/keys", headers=shared.headers()).headers["etag"]
    known = {"If-None-Match": tag}
    assert shared.client.get("/v1/keys", headers=known).status_code == 401
    read = shared.headers("read") | known
    assert shared.client.get("/v1/keys", headers=read).status_code == 403


@pytest.mark.parametrize(
    "path", ["scores/anna", "scores?limit=2", "score-stream", "models/9", "nothing"]
)
def test_scores_streams_and_errors_carry_none(shared: Service, path: str) -> None:
    answer = shared.client.get(f"/v1/predictions/churn-28d/{path}", headers=shared.headers("read"))
    assert "etag" not in answer.headers
