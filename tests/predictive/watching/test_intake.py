from __future__ import annotations

from datetime import timedelta

import pytest

from predictive.imports.report import ImportReport
from predictive.watching.intake import intake
from tests.predictive.watching.feed import DAY, START, Feed


def told(feed: Feed) -> set[tuple[str, str]]:
    return {(one.kind, one.subject) for one in intake(feed.workspace).findings}


def bring(feed: Feed, day: int, *, kind="events", rows=1000, duplicates=0, rejected=0) -> None:
    reasons = {"time": rejected} if rejected else {}
    report = ImportReport(
        f"import-{kind}-{day}", ["orders.csv"], rows, rows - duplicates - rejected, duplicates,
        reasons,
    )  # fmt: skip
    feed.workspace.store.imports.add(report.import_id, kind, report.to_dict(), START + day * DAY)


def test_a_jump_is_told_and_gone_with_the_next_good_import(feed: Feed) -> None:
    for day in range(12):
        bring(feed, day, duplicates=day % 3, rejected=day % 2)
    assert told(feed) == set()
    bring(feed, 12, rejected=300)
    (finding,) = intake(feed.workspace).findings
    assert (finding.kind, finding.subject) == ("rejects_jumped", "events")
    assert "30.0% of the rows of import import-events-12 (events) were refused" in finding.message
    assert finding.details["rejected"] == {"time": 300}
    bring(feed, 13, duplicates=400)
    assert told(feed) == {("duplicates_jumped", "events")}
    bring(feed, 14)
    assert told(feed) == set()


def test_overlapping_exports_are_what_they_always_were(feed: Feed) -> None:
    """Each file holds the last three days."""
    for day in range(20):
        bring(feed, day, duplicates=650 + 3 * day)
    assert told(feed) == set()


def test_a_repeated_import_and_a_tiny_one_tell_nothing(feed: Feed) -> None:
    for day in range(12):
        bring(feed, day)
    bring(feed, 12, duplicates=1000)
    bring(feed, 13, rows=10, duplicates=5)
    assert told(feed) == set()


def test_kinds_of_imports_are_told_apart(feed: Feed) -> None:
    for day in range(10):
        bring(feed, day)
        bring(feed, day, kind="users", duplicates=900 - 90 * (day % 9))
    bring(feed, 10, kind="users", duplicates=950)
    assert told(feed) == set(), "users mostly stay as they are"
    bring(feed, 11, kind="users", rejected=500)
    assert told(feed) == {("rejects_jumped", "users")}


@pytest.mark.parametrize("before", [0, 4])
def test_first_imports_have_nothing_to_be_held_against(feed: Feed, before: int) -> None:
    for day in range(before):
        bring(feed, day)
    bring(feed, before, rejected=900)
    assert told(feed) == set()


def test_real_imports_are_remembered(feed: Feed, tmp_path) -> None:
    from predictive.imports import EventColumns, import_events, import_users

    events = tmp_path / "events.csv"
    events.write_text("who,what,when\na,buy,2024-05-01\nb,buy,never\n")
    now = START + 200 * DAY + timedelta(hours=5)
    import_events(feed.workspace, [events], EventColumns("who", "when", "what"), now=now)
    users = tmp_path / "users.csv"
    users.write_text("who,country\na,GB\n")
    import_users(feed.workspace, users, "who", now=now)
    newest, oldest = feed.workspace.store.imports.list()
    assert (oldest.kind, newest.kind) == ("events", "users")
    assert oldest.at == newest.at == now
    assert sum(oldest.report["rejected"].values()) == 1
