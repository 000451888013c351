"""Alerts over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Service
from tests.api.problems import assert_problem

NAME = "churn-28d"
AT = datetime(2025, 11, 2, 3, tzinfo=UTC)


@pytest.fixture
def told(scored: Service) -> Iterator[list[int]]:
    """Numbers of an alert about the data, one about a prediction, and one that is resolved."""
    alerts = scored.workspace.store.alerts
    numbers = [
        alerts.open(
            prediction,
            kind,
            subject,
            severity="warning",
            message=f"{subject} moved",
            details={"psi": 0.5},
            at=AT + timedelta(hours=hour),
        ).id
        for hour, (prediction, kind, subject) in enumerate(
            [(None, "event_fell", "visit"), (NAME, "feature_drift", "features"),
             (NAME, "quality_fell", "quality")]
        )
    ]  # fmt: skip
    alerts.resolve(NAME, "quality_fell", "quality", AT + timedelta(days=1))
    yield numbers


def get(service: Service, path: str, status: int = 200, scope: str = "read"):
    response = service.client.get(path, headers=service.headers(scope))
    assert response.status_code == status, response.text
    return response


def test_all_alerts_are_listed_newest_first(service: Service, told: list[int]) -> None:
    listed = get(service, "/v1/alerts").json()
    assert [one["id"] for one in listed["alerts"]] == told[::-1]
    assert listed["next_cursor"] is None
    assert [one["id"] for one in get(service, "/v1/alerts?open=true").json()["alerts"]] == [
        told[1], told[0],
    ]  # fmt: skip


def test_pages_follow_each_other(service: Service, told: list[int]) -> None:
    first = get(service, "/v1/alerts?limit=2").json()
    assert [one["id"] for one in first["alerts"]] == [told[2], told[1]]
    second = get(service, f"/v1/alerts?limit=2&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in second["alerts"]] == [told[0]]
    assert second["next_cursor"] is None


def test_one_alert_is_shown_with_its_figures(service: Service, told: list[int]) -> None:
    shown = get(service, f"/v1/alerts/{told[2]}").json()
    assert shown == {
        "id": told[2],
        "prediction": NAME,
        "kind": "quality_fell",
        "subject": "quality",
        "severity": "warning",
        "message": "quality moved",
        "meaning": "The actual Prediction Quality is below what the backtest lets expect.",
        "details": {"psi": 0.5},
        "opened_at": "2025-11-02T05:00:00+00:00",
        "last_seen_at": "2025-11-02T05:00:00+00:00",
        "resolved_at": "2025-11-03T03:00:00+00:00",
        "times_seen": 1,
    }


def test_a_prediction_has_alerts_of_its_own(service: Service, told: list[int]) -> None:
    listed = get(service, f"/v1/predictions/{NAME}/alerts").json()
    assert listed["prediction"] == NAME
    assert [one["id"] for one in listed["alerts"]] == [told[2], told[1]]
    opened = get(service, f"/v1/predictions/{NAME}/alerts?open=true").json()
    assert [one["id"] for one in opened["alerts"]] == [told[1]]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/alerts/999999", 404, "not_found"),
        ("/v1/predictions/nobody/alerts", 404, "not_found"),
        ("/v1/alerts/0", 422, "invalid_input"),
        ("/v1/alerts?limit=0", 422, "invalid_input"),
        ("/v1/alerts?cursor=0", 422, "invalid_input"),
    ],
)
def test_wrong_requests_are_problems(
    service: Service, told: list[int], path: str, status: int, code: str
) -> None:
    assert_problem(get(service, path, status), status, code)
