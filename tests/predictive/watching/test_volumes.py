from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from predictive.sources import open_source
from predictive.watching import recent_data_broken
from tests.predictive.watching.feed import DAY, START, Feed, quiet_counts


def broken(feed: Feed, day: int, *events: str):
    source = open_source(feed.workspace)
    return recent_data_broken(feed.workspace, source, START + day * DAY, events)


def test_an_event_that_stops_is_told_once_and_resolved_when_it_is_back(feed: Feed) -> None:
    counts = quiet_counts(140)
    counts["cart"][101:108] = 0
    feed.send(counts, 0, 100)
    assert feed.check(100)["found"] == []
    opened, resolved, before = [], [], 100
    for day in (101, 102, 103, 106, 108, 112, 115, 118):
        feed.send(counts, before, day)
        before = day
        report = feed.check(day)
        opened += [day] * len(report["opened"])
        resolved += [day] * len(report["resolved"])
        assert feed.told() <= {("event_stopped", "cart")}
    assert opened == [103]
    assert resolved in ([112], [115], [118])
    (alert,) = feed.workspace.store.alerts.list()
    assert alert.prediction is None
    assert alert.severity == "critical"
    assert alert.opened_at == START + 103 * DAY + timedelta(hours=3)
    assert alert.times_seen >= 3
    assert "has stopped since 2024-04-11" in alert.message
    assert alert.details["against_others"] is True


@pytest.mark.parametrize("lost", [("cart",), ("cart", "purchase", "visit")])
def test_an_event_that_stays_away_stays_an_alert_until_it_comes_again(feed: Feed, lost) -> None:
    counts = quiet_counts(200)
    for name in lost:
        counts[name][70:170] = 0
    subject = "cart" if len(lost) == 1 else "all events"
    opened, before = [], 0
    for day in (70, 77, 84, 105, 119, 133, 147, 168):
        feed.send(counts, before, day)
        before = day
        opened += feed.check(day)["opened"]
        assert feed.told() >= ({("event_stopped", subject)} if day >= 77 else set())
    assert len(opened) == 1
    # Told over and over, it began when it began.
    (alert,) = (one for one in feed.open() if one.subject == subject)
    assert "stopped since 2024-03-11" in alert.message
    assert alert.details["since"] == "2024-03-11"
    feed.send(counts, before, 173)
    assert feed.check(173)["resolved"] == opened


def test_an_event_that_is_gone_for_good_is_forgotten(feed: Feed) -> None:
    counts = quiet_counts(230)
    counts["cart"][70:] = 0
    feed.send(counts, 0, 77)
    assert feed.check(77)["found"]
    feed.send(counts, 77, 225)
    assert feed.check(225)["found"] == []
    assert feed.open() == []


def test_a_fall_is_a_warning(feed: Feed) -> None:
    counts = quiet_counts(120)
    counts["purchase"][110:] = np.floor(counts["purchase"][110:] * 0.4)
    feed.send(counts, 0, 116)
    (found,) = feed.check(116)["found"]
    assert (found["kind"], found["subject"]) == ("event_fell", "purchase")
    assert found["severity"] == "warning"
    assert "while the other events kept their level" in found["message"]
    assert found["details"]["observed"] < 0.5 * found["details"]["expected"]


def test_what_fell_first_and_then_stopped_is_one_alert_at_a_time(feed: Feed) -> None:
    counts = quiet_counts(140)
    counts["purchase"][110:116] = np.floor(counts["purchase"][110:116] * 0.3)
    counts["purchase"][116:] = 0
    feed.send(counts, 0, 114)
    feed.check(114)
    assert feed.told() == {("event_fell", "purchase")}
    feed.send(counts, 114, 120)
    feed.check(120)
    assert feed.told() == {("event_stopped", "purchase")}


def test_when_everything_stops_it_is_said_once(feed: Feed) -> None:
    counts = quiet_counts(120)
    for row in counts.values():
        row[110:] = 0
    counts["visit"][115] = 1
    feed.send(counts, 0, 117)
    report = feed.check(117)
    assert [(one["kind"], one["subject"]) for one in report["found"]] == [
        ("event_stopped", "all events")
    ]
    assert sorted(report["found"][0]["details"]["events"]) == ["cart", "purchase", "visit"]
    feed.check(117)
    assert len(feed.open()) == 1


def test_training_is_told_of_a_gap_in_what_the_outcome_is_made_of(feed: Feed) -> None:
    counts = quiet_counts(150)
    counts["purchase"][105:110] = 0
    feed.send(counts, 0, 120)
    (finding,) = broken(feed, 120, "purchase")
    assert finding.kind == "event_stopped"
    assert finding.subject == "purchase"
    # All five days of it are told, not those of the first look that noticed.
    assert finding.details["expected"] == pytest.approx(
        5 * counts["purchase"][:100].mean(), rel=0.1
    )
    # A gap that is over is still in the windows that a model would learn from.
    assert [one.subject for one in broken(feed, 120, "*")] == ["purchase"]
    assert broken(feed, 120, "visit", "cart") == []
    assert broken(feed, 104, "purchase") == []
    feed.send(counts, 120, 145)
    assert broken(feed, 145, "purchase") == []


def test_a_change_of_behaviour_is_no_broken_data(feed: Feed) -> None:
    counts = quiet_counts(120)
    counts["purchase"][100:] = np.floor(counts["purchase"][100:] * 0.5)
    feed.send(counts, 0, 115)
    assert ("event_fell", "purchase") in {
        (one["kind"], one["subject"]) for one in feed.check(115)["found"]
    }
    assert broken(feed, 115, "purchase") == []


def test_young_data_is_not_judged(feed: Feed) -> None:
    counts = quiet_counts(40)
    counts["purchase"][30:] = 0
    feed.send(counts, 0, 40)
    report = feed.check(40)
    assert report["found"] == []
    assert report["data"]["volumes"]["days"] < report["data"]["volumes"]["days_needed"]
    assert broken(feed, 40, "purchase") == []
