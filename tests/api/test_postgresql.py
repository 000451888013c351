"""The service on PostgreSQL: look-ups wait in a thread, answers are the same."""

from __future__ import annotations

from pathlib import Path

from tests.api.conftest import SCORES, add_scores, running


def test_scores_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with running(tmp_path / "workspace", database_url=postgres_url) as service:
        add_scores(service.workspace)
        headers = service.headers("read")
        path = "/v1/predictions/churn-28d/scores"
        for user, _, score in SCORES:
            one = service.client.get(f"{path}/{user}", headers=headers).json()
            assert (one["user_id"], one["score"]) == (user, score)
        asked = {"user_ids": ["emil", "nobody", "anna"]}
        many = service.client.post(path, json=asked, headers=headers).json()
        assert [score["user_id"] for score in many["scores"]] == ["emil", "anna"]
        assert many["missing"] == ["nobody"]
        page = service.client.get(path, params={"limit": 2}, headers=headers).json()
        assert [score["user_id"] for score in page["scores"]] == ["anna", "ben"]
        assert service.client.get("/ready").status_code == 200
        strange = service.client.get(f"{path}/a%00b", headers=headers)
        assert strange.status_code == 422
