"""Checks and alerts on the command line."""

from __future__ import annotations

import numpy as np
import pytest

from predictive.cli.json_output import json_text
from predictive.cursors import number_of
from tests.predictive.cli.runner import CommandLine
from tests.predictive.watching.feed import DAY, NAME, START, Feed, quiet_counts


@pytest.fixture
def feed(tmp_path, predictive: CommandLine) -> Feed:
    made = Feed.of(tmp_path)
    assert made.workspace.path == predictive.workspace
    counts = quiet_counts(120)
    counts["purchase"][110:] = np.floor(counts["purchase"][110:] * 0.3)
    counts["cart"][110:] = 0
    made.send(counts, 0, 116)
    return made


def test_what_is_wrong_is_told_listed_and_shown(predictive: CommandLine, feed: Feed) -> None:
    told = predictive("check").ok().out
    assert "event_stopped  cart  (data)" in told
    assert "event_fell  purchase  (data)" in told
    assert "3 names over 115 days" in told
    listed = predictive("alerts", "list").ok().out
    assert "while the other events kept their level" in listed
    document = predictive("alerts", "list", "--json").ok().document
    assert {(one["kind"], one["subject"]) for one in document["alerts"]} == {
        ("event_stopped", "cart"),
        ("event_fell", "purchase"),
    }
    assert document["next_cursor"] is None
    number = document["alerts"][0]["id"]
    shown = predictive("alerts", "show", number).ok().out
    assert "2024-04-20" in shown
    assert "template" not in shown
    assert "expected" in shown
    assert predictive("alerts", "show", number, "--json").ok().document == document["alerts"][0]


def test_long_lists_have_a_next_page(predictive: CommandLine, feed: Feed) -> None:
    predictive("check").ok()
    document = predictive("alerts", "list", "--limit", "1", "--json").ok().document
    assert len(document["alerts"]) == 1
    assert number_of(document["next_cursor"]) == document["alerts"][0]["id"]
    assert "There are older ones" in predictive("alerts", "list", "--limit", "1").ok().out


def test_resolved_alerts_are_shown_when_asked_for(predictive: CommandLine, feed: Feed) -> None:
    store = feed.workspace.store
    store.alerts.open(
        NAME, "job_failed", "train", severity="critical", message="It broke.", details={}, at=START
    )
    store.alerts.resolve(NAME, "job_failed", "train", START + DAY)
    assert "No alerts" in predictive("alerts", "list").ok().out
    assert f"No alerts of {NAME}" in predictive("alerts", "list", NAME).ok().out
    told = predictive("alerts", "list", NAME, "--resolved").ok().out
    assert f"job_failed  train  ({NAME})  resolved 2024-01-02" in told


def test_a_check_as_json_is_the_report(predictive: CommandLine, feed: Feed) -> None:
    report = predictive("check", "--json").ok().document
    assert {one["subject"] for one in report["found"]} == {"cart", "purchase"}
    assert set(report["predictions"]) == {NAME}
    (kept,) = feed.workspace.store.checks.list()
    assert json_text(dict(kept.report)) == json_text(report)
    alone = predictive("check", NAME, "--json").ok().document
    assert alone["data"] == {}


def test_a_workspace_without_events_says_so(predictive: CommandLine, tmp_path) -> None:
    Feed.of(tmp_path).workspace.close()
    assert "There are no events yet." in predictive("check").ok().out


@pytest.mark.parametrize(
    "arguments", [("alerts", "show", "99"), ("alerts", "list", "nobody"), ("check", "nobody")]
)
def test_what_does_not_exist_is_an_error(predictive: CommandLine, feed: Feed, arguments) -> None:
    assert predictive(*arguments).code == 2
