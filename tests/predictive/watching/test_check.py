from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from predictive.errors import NotFound
from predictive.watching import ALERT_KINDS
from predictive.watching.findings import FALSE_ALERTS_A_YEAR
from tests.predictive.watching.feed import DAY, NAME, START, Feed, quiet_counts
from tests.predictive.watching.runs import add_model, publish


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Feed]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = Feed.of(tmp_path, url)
    yield made
    made.workspace.close()


def drifted(feed: Feed, day: int = 250) -> None:
    """A prediction whose newest run has a feature that moved."""
    random = np.random.default_rng(3)
    add_model(feed, random)
    for earlier in (21, 14, 7):
        publish(feed, random, START + (day - earlier) * DAY)
    publish(feed, random, START + day * DAY, tilts=(1.2, 0.0, 0.0))


def test_the_yearly_budgets_leave_room_within_one_false_alert() -> None:
    assert sum(FALSE_ALERTS_A_YEAR.values()) <= 0.5


def test_a_workspace_without_events_has_nothing_to_check(feed: Feed) -> None:
    report = feed.check(1)
    assert report["as_of"] is None
    assert report["found"] == []
    assert feed.workspace.store.checks.list() == []


def test_data_and_predictions_are_checked_and_remembered(anywhere: Feed) -> None:
    counts = quiet_counts(120)
    counts["cart"][110:] = 0
    anywhere.send(counts, 0, 116)
    drifted(anywhere)
    report = anywhere.check(116)
    assert anywhere.told() == {("event_stopped", "cart"), ("feature_drift", "features")}
    assert [alert.prediction for alert in anywhere.open()] == [NAME, None]
    assert sorted(report["opened"]) == sorted(alert.id for alert in anywhere.open())
    assert report["resolved"] == []
    (kept,) = anywhere.workspace.store.checks.list()
    assert kept.as_of == START + 116 * DAY
    assert kept.report == report
    again = anywhere.check(116)
    assert again["opened"] == []
    assert {one["alert"] for one in again["found"]} == {alert.id for alert in anywhere.open()}
    assert all(alert.times_seen == 2 for alert in anywhere.open())


def test_one_prediction_can_be_checked_alone(feed: Feed) -> None:
    counts = quiet_counts(120)
    counts["cart"][110:] = 0
    feed.send(counts, 0, 116)
    drifted(feed)
    report = feed.check(116, NAME)
    assert feed.told() == {("feature_drift", "features")}
    assert report["data"] == {}
    assert feed.workspace.store.checks.list() == []
    assert len(feed.workspace.store.checks.list(NAME)) == 1
    with pytest.raises(NotFound):
        feed.check(116, "nobody")


@pytest.mark.parametrize("state", ["archived", "draft"])
def test_what_is_no_longer_updated_is_no_longer_watched(feed: Feed, state) -> None:
    feed.send(quiet_counts(30), 0, 30)
    drifted(feed)
    feed.check(30)
    assert feed.told() == {("feature_drift", "features")}
    for step in dict.fromkeys(("archived", state)):
        feed.workspace.store.predictions.set_state(NAME, step, "test", START + 31 * DAY)
    report = feed.check(31)
    assert feed.told() == set()
    assert len(report["resolved"]) == 1
    assert report["predictions"] == {}


def test_broken_data_is_right_again_once_the_gap_is_old(feed: Feed) -> None:
    counts = quiet_counts(150)
    counts["purchase"][105:109] = 0
    feed.send(counts, 0, 115)
    store = feed.workspace.store
    for subject in ("training", "other"):
        store.alerts.open(
            NAME,
            "data_broken",
            subject,
            severity="critical",
            message="kept the champion",
            details={"version": 1},
            at=START + 115 * DAY,
        )
    feed.check(115, NAME)
    assert feed.told() == {("data_broken", "training"), ("data_broken", "other")}
    feed.send(counts, 115, 145)
    feed.check(145, NAME)
    assert feed.told() == set()


def test_alerts_of_other_makers_are_left_alone(feed: Feed) -> None:
    feed.send(quiet_counts(30), 0, 30)
    feed.workspace.store.alerts.open(
        NAME, "job_failed", "train", severity="critical", message="no", details={}, at=START
    )
    feed.check(30)
    assert feed.told() == {("job_failed", "train")}


def test_every_kind_has_its_words_and_its_place_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")
    for kind in ALERT_KINDS:
        assert f"| `{kind}` |" in page, kind
    for family, allowed in FALSE_ALERTS_A_YEAR.items():
        assert f"{allowed:.2f}" in page, family
