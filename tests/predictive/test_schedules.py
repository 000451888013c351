"""Schedules against a slow reference: every minute of the clock, tried one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from predictive.schedules import Schedule, last_due, next_due

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
DAY = timedelta(days=1)
ANCHOR = datetime(2020, 1, 1, tzinfo=UTC)

moments = st.datetimes(
    datetime(2021, 1, 1),  # noqa: DTZ001 — the strategy adds the zone
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
) | st.builds(
    # Around the nights on which clocks are changed.
    lambda night, minutes: night + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2025, 3, 30, tzinfo=UTC),
            datetime(2025, 10, 26, tzinfo=UTC),
            datetime(2025, 3, 9, 6, tzinfo=UTC),
            datetime(2025, 11, 2, 5, tzinfo=UTC),
            datetime(2025, 4, 5, 14, tzinfo=UTC),
            datetime(2025, 10, 4, 15, tzinfo=UTC),
        ]
    ),
    st.integers(-200, 300),
)


def wall(day: date, at: time, zone: str) -> datetime:
    """That time of that day; the first of two, and the end of the gap where it is skipped."""
    moment = datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
    while True:
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if local >= datetime.combine(day, at):
            break
        moment += timedelta(minutes=1)
    earlier = moment - timedelta(minutes=1)
    while earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= datetime.combine(day, at):
        moment, earlier = earlier, earlier - timedelta(minutes=1)
    return moment


def expected(now: datetime, zone: str, at: time, on: list[date]) -> datetime:
    return max(moment for moment in (wall(day, at, zone) for day in on) if moment <= now)


def days_before(now: datetime, number: int) -> Iterator[date]:
    return ((now + 2 * DAY - back * DAY).date() for back in range(number))


@given(
    moments, st.sampled_from(ZONES), st.times().map(lambda t: t.replace(second=0, microsecond=0))
)
@example(datetime(2025, 10, 26, 1, 10, tzinfo=UTC), "Europe/Berlin", time(2, 30))
@example(datetime(2025, 3, 30, 1, 0, tzinfo=UTC), "Europe/Berlin", time(2, 30))
@example(datetime(2025, 3, 30, 0, 59, tzinfo=UTC), "Europe/Berlin", time(2, 30))
def test_daily(now: datetime, zone: str, at: time) -> None:
    schedule = Schedule.parse(f"daily {at:%H:%M}")
    assert last_due(schedule, now, zone, ANCHOR) == expected(
        now, zone, at, list(days_before(now, 5))
    )


@given(moments, st.sampled_from(ZONES), st.integers(0, 6))
def test_weekly(now: datetime, zone: str, weekday: int) -> None:
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[weekday]
    days = [day for day in days_before(now, 12) if day.weekday() == weekday]
    due = last_due(Schedule.parse(f"weekly {name} 02:15"), now, zone, ANCHOR)
    assert due == expected(now, zone, time(2, 15), days)


@given(moments, st.sampled_from(ZONES), st.integers(1, 28))
def test_monthly(now: datetime, zone: str, day: int) -> None:
    days = [each for each in days_before(now, 40) if each.day == day]
    due = last_due(Schedule.parse(f"monthly {day} 02:15"), now, zone, ANCHOR)
    assert due == expected(now, zone, time(2, 15), days)


@given(moments, st.sampled_from(ZONES))
def test_last_of_the_month(now: datetime, zone: str) -> None:
    days = [each for each in days_before(now, 40) if (each + DAY).day == 1]
    due = last_due(Schedule.parse("monthly last 23:45"), now, zone, ANCHOR)
    assert due == expected(now, zone, time(23, 45), days)


@given(moments, st.sampled_from(ZONES), st.integers(1, 365))
def test_intervals_are_counted_from_the_anchor(now: datetime, zone: str, hours: int) -> None:
    due = last_due(Schedule.parse(f"every {hours}h"), now, zone, ANCHOR)
    assert due is not None
    assert (due - ANCHOR) % timedelta(hours=hours) == timedelta()
    assert due <= now < due + timedelta(hours=hours)


def test_an_interval_begins_with_its_anchor() -> None:
    schedule = Schedule.parse("every 3d")
    assert last_due(schedule, ANCHOR, "UTC", ANCHOR) == ANCHOR
    assert last_due(schedule, ANCHOR - timedelta(microseconds=1), "UTC", ANCHOR) is None
    assert last_due(Schedule.parse("none"), ANCHOR, "UTC", ANCHOR) is None


@given(moments, st.sampled_from(ZONES), st.sampled_from(["0 3 * * 1", "*/20 * * * *", "5 2 1 * *"]))
def test_occurrences_do_not_depend_on_when_one_asks(now: datetime, zone: str, cron: str) -> None:
    schedule = Schedule.parse(cron)
    due = last_due(schedule, now, zone, ANCHOR)
    assert due is not None
    assert last_due(schedule, due, zone, ANCHOR) == due
    before = last_due(schedule, due - timedelta(microseconds=1), zone, ANCHOR)
    assert before is not None
    assert before < due


def test_a_year_of_days_has_one_occurrence_each() -> None:
    schedule, zone = Schedule.parse("daily 02:30"), "Europe/Berlin"
    hours = [
        datetime(2025, 1, 1, 12, tzinfo=UTC) + hour * timedelta(hours=1) for hour in range(8760)
    ]
    found = {last_due(schedule, hour, zone, ANCHOR) for hour in hours}
    local = sorted(each.astimezone(ZoneInfo(zone)).date() for each in found if each)
    assert local == [date(2025, 1, 1) + day * DAY for day in range(366)]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Daily 3:00", "daily 03:00"),
        (" weekly  SUN 23:59 ", "weekly sun 23:59"),
        ("monthly 28 00:00", "monthly 28 00:00"),
        ("monthly last 3:05", "monthly last 03:05"),
        ("every 1h", "every 1h"),
        ("every 365d", "every 365d"),
        ("every 8760h", "every 8760h"),
        ("0 3 * * MON", "0 3 * * mon"),
        ("none", "none"),
    ],
)
def test_texts_read_back(text: str, canonical: str) -> None:
    schedule = Schedule.parse(text)
    assert str(schedule) == canonical
    assert Schedule.parse(str(schedule)) == schedule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "daily 24:00",
        "daily 3",
        "daily 03:00 utc",
        "weekly 03:00",
        "weekly noday 03:00",
        "monthly 0 03:00",
        "monthly 29 03:00",
        "every 0h",
        "every 366d",
        "every 8761h",
        "every 5m",
        "every h",
        "none at all",
        "0 3 * *",
        "0 3 * * * *",
        "61 3 * * *",
        "0 0 31 2 *",
        "0 0 31 4,6 *",
        "@daily",
        None,
        3,
    ],
)
def test_wrong_texts_are_told_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed is 'daily 03:00'"):
        Schedule.parse(text)


@given(
    st.sampled_from(
        ["daily 02:15", "weekly sun 02:30", "monthly last 23:45", "every 7h", "every 3d"]
    ),
    moments,
    st.sampled_from(ZONES),
)
@example("daily 02:30", datetime(2025, 3, 30, 0, 59, tzinfo=UTC), "Europe/Berlin")
def test_nothing_is_due_between_now_and_the_next_occurrence(
    text: str, now: datetime, zone: str
) -> None:
    schedule = Schedule.parse(text)
    due = next_due(schedule, now, zone, ANCHOR)
    assert due is not None
    assert due > now
    assert last_due(schedule, due, zone, ANCHOR) == due
    before = last_due(schedule, due - timedelta(microseconds=1), zone, ANCHOR)
    assert before is None or before <= now


def test_nothing_is_ever_due_without_a_schedule() -> None:
    assert next_due(Schedule.parse("none"), ANCHOR, "UTC", ANCHOR) is None
