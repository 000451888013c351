"""Checks over HTTP: asked for, and what they found."""

from __future__ import annotations

from datetime import UTC, datetime

from predictive.definitions import Definition
from predictive.watching import check
from tests.api.conftest import CHURN, Service, add_events
from tests.api.problems import assert_problem

NOW = datetime(2025, 11, 2, 3, tzinfo=UTC)


def test_a_check_is_queued(scored: Service) -> None:
    headers = scored.headers("manage")
    whole = scored.client.post("/v1/checks", headers=headers)
    assert whole.status_code == 202
    job = scored.client.get(whole.headers["location"], headers=scored.headers("read")).json()
    assert (job["kind"], job["prediction"], job["state"]) == ("check", None, "queued")
    one = scored.client.post("/v1/checks", json={"prediction": "churn-28d"}, headers=headers)
    assert one.json()["prediction"] == "churn-28d"
    unknown = scored.client.post("/v1/checks", json={"prediction": "x"}, headers=headers)
    assert_problem(unknown, 404, "not_found")


def test_reports_of_checks_are_listed_newest_first(service: Service) -> None:
    service.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))

    def listed(**query: object) -> list[dict[str, object]]:
        answer = service.client.get("/v1/checks", params=query, headers=service.headers("read"))
        found: list[dict[str, object]] = answer.json()["checks"]
        return found

    assert listed() == []
    add_events(service.workspace)
    for day in (2, 3):
        check(service.workspace, now=NOW.replace(day=day))
    assert [each["at"] for each in listed()] == [
        "2025-11-03T03:00:00+00:00",
        "2025-11-02T03:00:00+00:00",
    ]
    assert len(listed(limit=1)) == 1
    assert listed()[0]["prediction"] is None
    assert listed(prediction="churn-28d") == []
    unknown = service.client.get(
        "/v1/checks", params={"prediction": "x"}, headers=service.headers("read")
    )
    assert_problem(unknown, 404, "not_found")
