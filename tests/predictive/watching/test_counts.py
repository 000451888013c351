from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from predictive.sources import open_source
from predictive.watching.counts import MAX_NAMES, daily_counts
from tests.predictive.watching.feed import DAY, START, Feed, quiet_counts


def test_days_and_names_are_counted(feed: Feed) -> None:
    counts = quiet_counts(70)
    feed.send(counts, 0, 70)
    found = daily_counts(open_source(feed.workspace), START + 70 * DAY, "UTC")
    assert found.names == ("visit", "cart", "purchase")
    assert (found.first, found.end) == (date(2024, 1, 2), date(2024, 3, 11))
    for name, row in zip(found.names, found.counts, strict=True):
        np.testing.assert_array_equal(row, counts[name][1:])
    assert found.year_ago is None


def test_a_day_counts_once_it_is_nearly_over(feed: Feed) -> None:
    feed.send(quiet_counts(70), 0, 70)
    source = open_source(feed.workspace)
    end = START + 60 * DAY
    assert daily_counts(source, end - timedelta(minutes=30), "UTC").end == end.date()
    assert daily_counts(source, end - timedelta(hours=3), "UTC").end == (end - DAY).date()


def test_nothing_after_the_moment_is_counted(feed: Feed) -> None:
    counts = quiet_counts(70)
    feed.send(counts, 0, 70)
    found = daily_counts(open_source(feed.workspace), START + 50 * DAY, "UTC")
    assert found.counts.shape == (3, 49)
    np.testing.assert_array_equal(found.counts[0], counts["visit"][1:50])


def test_the_same_season_a_year_ago_comes_along(feed: Feed) -> None:
    counts = {"purchase": np.arange(600.0) % 90}
    feed.send(counts, 0, 600)
    found = daily_counts(open_source(feed.workspace), START + 600 * DAY, "UTC")
    np.testing.assert_array_equal(found.counts[0], counts["purchase"][460:600])
    # Its last day is a week after the day 52 weeks ago.
    np.testing.assert_array_equal(found.year_ago[0], counts["purchase"][173:243])


def test_days_are_those_of_the_time_zone(feed: Feed) -> None:
    """At noon in UTC it is the next day in Auckland already."""
    feed.send({"purchase": np.ones(30)}, 0, 30)
    source = open_source(feed.workspace)
    found = daily_counts(source, START + 30 * DAY, "Pacific/Auckland")
    assert found.end == date(2024, 1, 31)
    assert found.counts.sum() == found.counts.shape[1] == 28
    assert found.first == date(2024, 1, 3)


def test_the_change_of_clocks_loses_no_event(feed: Feed) -> None:
    feed.send({"purchase": np.full(120, 3.0)}, 0, 120)
    found = daily_counts(open_source(feed.workspace), START + 120 * DAY, "Europe/Berlin")
    assert set(found.counts[0]) == {3.0}


def test_the_most_frequent_names_are_watched(feed: Feed) -> None:
    feed.send({f"e{number:02d}": np.full(20, 1.0 + number % 60) for number in range(60)}, 0, 20)
    found = daily_counts(open_source(feed.workspace), START + 20 * DAY, "UTC")
    assert len(found.names) == MAX_NAMES
    assert found.names[0] == "e59"
    assert "e00" not in found.names


def test_a_warehouse_is_counted_alike(feed: Feed, tmp_path) -> None:
    import duckdb

    from predictive.configuration import EventsMapping, SourceConfig
    from predictive.sources import WarehouseSource

    counts = quiet_counts(70)
    feed.send(counts, 0, 70)
    lake = open_source(feed.workspace)
    table = lake.tables(None).events.select("user_id", "name", "time").to_pyarrow()
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.register("given", table)
        connection.execute("CREATE TABLE orders AS SELECT * FROM given")
    mapping = EventsMapping(table="orders", user="user_id", time="time", event="name")
    config = SourceConfig(url=f"duckdb://{tmp_path / 'shop.duckdb'}", events=mapping)
    ours = daily_counts(lake, START + 70 * DAY, "Asia/Kolkata")
    theirs = daily_counts(WarehouseSource(config), START + 70 * DAY, "Asia/Kolkata")
    assert ours.names == theirs.names
    assert (ours.first, ours.end) == (theirs.first, theirs.end)
    np.testing.assert_array_equal(ours.counts, theirs.counts)


@pytest.mark.parametrize("days", [1, 2])
def test_hardly_any_history_is_no_table(feed: Feed, days: int) -> None:
    feed.send({"purchase": np.ones(days)}, 0, days)
    found = daily_counts(
        open_source(feed.workspace), datetime(2024, 1, 1 + days, tzinfo=UTC), "UTC"
    )
    assert found.counts.shape[1] <= 1
