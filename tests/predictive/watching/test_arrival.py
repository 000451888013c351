from __future__ import annotations

import numpy as np

from tests.predictive.watching.feed import DAY, START, Feed, quiet_counts


def deliver_daily(feed: Feed, counts, first: int, end: int) -> None:
    for day in range(first, end):
        feed.send(counts, day, day + 1)


def late(feed: Feed) -> set[str]:
    return {subject for kind, subject in feed.told() if kind == "late_data"}


def test_daily_deliveries_are_quiet_and_silence_is_told(feed: Feed) -> None:
    counts = quiet_counts(50)
    feed.send(counts, 0, 36)
    deliver_daily(feed, counts, 36, 42)
    feed.check(42)
    assert late(feed) == set()
    feed.check(43)
    assert late(feed) == set(), "a delivery may be a day late"
    feed.check(45)
    assert late(feed) == {"silence"}
    (alert,) = feed.open()
    assert alert.severity == "critical"
    assert "No event has come in since 2024-02-12 01:00 UTC, for 3.1 days" in alert.message
    feed.send(counts, 42, 46)
    feed.check(46)
    assert late(feed) == set()


def test_a_workspace_filled_once_is_never_silent(feed: Feed) -> None:
    feed.send(quiet_counts(60), 0, 60)
    feed.check(59)
    feed.check(400)
    assert late(feed) == set()


def test_weekends_without_deliveries_are_a_habit(feed: Feed) -> None:
    counts = quiet_counts(80)
    feed.send(counts, 0, 58)
    for monday in range(58, 72, 7):
        deliver_daily(feed, counts, monday, monday + 5)
    # Friday's delivery was the last; until Tuesday nobody wonders.
    for day in (72, 73, 74):
        feed.check(day)
        assert late(feed) == set()


def test_events_that_come_after_later_ones_are_told(feed: Feed) -> None:
    counts = quiet_counts(60)
    feed.send(counts, 0, 38)
    deliver_daily(feed, counts, 38, 45)
    feed.check(45)
    assert late(feed) == set()
    held_back = {"visit": np.full(60, 40.0)}
    feed.send(held_back, 40, 43, received_at=START + 46 * DAY)
    feed.send(counts, 45, 46)
    feed.check(46)
    assert late(feed) == {"order"}
    (alert,) = feed.open()
    assert alert.details["late"] == 120
    feed.send(counts, 46, 47)
    feed.check(47)
    assert late(feed) == set()


def test_history_added_afterwards_is_not_late(feed: Feed) -> None:
    counts = quiet_counts(120)
    feed.send(counts, 70, 108)
    deliver_daily(feed, counts, 108, 115)
    feed.send(counts, 0, 70, received_at=START + 116 * DAY)
    feed.check(116)
    assert late(feed) == set()
