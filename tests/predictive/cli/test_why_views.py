"""What people read of associations, leaks and reasons."""

from __future__ import annotations

from typing import Any

from predictive.cli.views.reasons import view_reasons
from predictive.cli.views.training import view_training
from predictive.cli.views.why import view_why
from tests.predictive.cli.test_views import AS_OF, seen, training_report

LEAK = {
    "kind": "attribute_tells",
    "severity": "warning",
    "names": ["reason"],
    "words": "Of 90 customers with “reason known”, 100.0 % had the outcome; of all, 9.9 %.",
    "advice": "If reason is filled in because of the outcome, put it under exclude_features.",
    "figures": {},
}
NOTE = LEAK | {"kind": "attributes_without_time", "severity": "note", "words": "Without a time."}


def row(**changes: Any) -> dict[str, Any]:
    return {
        "words": "no purchase in the last 14 days",
        "among": None,
        "customers": 1008,
        "rate": 0.249,
        "average": 0.099,
        "ratio": 2.514,
        "low": 2.31,
        "high": 2.72,
    } | changes


def report(**changes: Any) -> dict[str, Any]:
    found = {
        "average": 0.099,
        "customers": 2374,
        "snapshots": 5,
        "more_likely": [row()],
        "less_likely": [row(words="age is 65+", among="age known", average=0.205)],
    }
    return {
        "prediction": "churn-28d",
        "kind": "churn",
        "window_days": 28,
        "model_version": 3,
        "as_of": AS_OF,
        "associations": found | changes,
        "importance": {"topics": [{"words": "how often: purchase", "share": 0.31}]},
        "leakage": [LEAK, NOTE],
    }


def reasons(**changes: Any) -> dict[str, Any]:
    return {
        "prediction": "churn-28d",
        "user_id": "[bold]anna",
        "model_version": 3,
        "as_of": AS_OF,
        "score": 78.21,
        "category": "high",
        "probability": 0.412,
        "data_changed": False,
        "reasons": [
            {"words": "last purchase 41 days ago", "typical": "12 days", "log_odds": 0.8}
            | {"odds_factor": 2.23},
            {"words": "age is 65+", "typical": None, "log_odds": -0.1, "odds_factor": 0.9},
        ],
    } | changes


def test_why_tells_ratio_interval_and_rate() -> None:
    text = seen(view_why, report())
    assert "On average 9.9 % churned within 28 days (2,374 customers, 5 past periods)." in text
    assert "no purchase in the last 14 days 2.51 2.31 to 2.72 24.9 % 1,008" in text
    assert "age is 65+ (where age known: 20.5 %)" in text
    assert "need not be the cause" in text
    assert "how often: purchase 31 %" in text


def test_why_warns_of_leaks_and_says_what_to_do() -> None:
    text = seen(view_why, report())
    assert f"May know the outcome: {LEAK['words']}" in text
    assert str(LEAK["advice"]) in text
    assert "Note: Without a time." in text


def test_lists_may_be_empty() -> None:
    text = seen(view_why, report(more_likely=[], less_likely=[], snapshots=1))
    assert "More of them churned: no group that is surely so." in text
    assert "need not be the cause" not in text
    assert "1 past period)" in text


def test_training_shows_warnings_and_keeps_notes_for_why() -> None:
    text = seen(view_training, training_report(leakage=[LEAK, NOTE]))
    assert "May know the outcome" in text
    assert "Without a time." not in text
    assert "predictive why churn-28d" in text


def test_reasons_of_one_customer() -> None:
    text = seen(view_reasons, reasons())
    assert "churn-28d, customer [bold]anna" in text
    assert "Score 78.21 (high), likelihood 41.2 %. 50 is the average customer." in text
    assert "last purchase 41 days ago raised × 2.23 12 days" in text
    assert "age is 65+ lowered × 0.90 –" in text
    assert "weaker" not in text
    assert "imported or deleted since" not in text


def test_weaker_reasons_and_changed_data_are_said() -> None:
    many = reasons()["reasons"] * 5
    text = seen(view_reasons, reasons(reasons=many, data_changed=True))
    assert "2 weaker reasons" in text
    assert "imported or deleted since" in text
