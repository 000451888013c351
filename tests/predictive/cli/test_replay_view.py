"""A replay as people read it: what is known to be wrong is called so, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from predictive.cli.views.replay import view_replay
from tests.predictive.cli.test_views import seen


def report(meaning: str, **more: Any) -> dict[str, Any]:
    alert = {
        "kind": "event_fell",
        "subject": "purchase",
        "opened_at": "2024-05-04T04:00:00+00:00",
        "resolved_at": None,
        "meaning": meaning,
    }
    return {
        "workspace": "rehearsal",
        "from": "2024-01-01",
        "days": 365,
        "incidents": [],
        "alerts": [alert],
        "false_alerts": 0,
        "quiet_prediction_years": 0.33,
        "predictions": [],
        "jobs": {"check": {"succeeded": 366}},
        "seconds": {"check": 61.2},
    } | more


def test_in_a_synthetic_shop_it_is_known_what_is_false() -> None:
    text = seen(view_replay, report("false", false_alerts=1))
    assert "false alert" in text
    assert "1 false alert in 0.33 quiet prediction-years" in text


def test_of_real_events_nobody_knows() -> None:
    text = seen(view_replay, report("unknown", false_alerts=None))
    assert "false" not in text
    assert "Only you know what was wrong" in text


@pytest.mark.parametrize("named", [True, False])
def test_an_incident_is_told_with_what_named_it(named: bool) -> None:
    by = [{"kind": "event_fell", "subject": "purchase", "prediction": None, "days": 3}]
    incident = {
        "kind": "base-rate",
        "description": "every visit leads half as often to a purchase",
        "day": "2024-05-01",
        "named_by": by if named else [],
    }
    text = seen(view_replay, report("names" if named else "after", incidents=[incident]))
    assert "From 2024-05-01: every visit leads half as often to a purchase." in text
    assert ("names the incident" in text) is named
    assert ("No alert named it." in text) is not named
