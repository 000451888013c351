"""Snapshots, tests and what has matured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from predictive.errors import InsufficientData, InvalidInput
from predictive.windows import (
    CYCLE_DAYS,
    MAX_SNAPSHOTS,
    MAX_SNAPSHOTS_FOR_FEW,
    MAX_TEST_SNAPSHOTS,
    MIN_LOOKBACK_DAYS,
    checked_as_of,
    from_datetime64,
    matured,
    microseconds,
    snapshot_plan,
    snapshot_step_days,
    to_datetime64,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@given(window=st.integers(1, 365), days=st.integers(1, 2000), mirrored=st.booleans())
def test_every_plan_can_be_trained(window, days, mirrored):
    end = START + days * DAY
    try:
        plan = snapshot_plan(START, end, window, mirrored=mirrored)
    except InsufficientData:
        assert days < 3 * window + 7
        return
    assert all(matured(moment, plan.window, end) for moment in plan.snapshots)
    assert list(plan.snapshots) == sorted(set(plan.snapshots))
    assert set(plan.tests) <= set(plan.snapshots)
    assert 1 <= len(plan.tests) <= MAX_TEST_SNAPSHOTS
    assert len(plan.snapshots) <= MAX_SNAPSHOTS + MAX_TEST_SNAPSHOTS
    assert plan.tests[-1] == end - plan.window
    if mirrored:
        assert plan.snapshots[0] >= START + plan.window
    for test in plan.tests:
        before = [moment for moment in plan.snapshots if moment + plan.window <= test]
        assert before, "a test has something to learn from"
        if plan.selection == "out-of-time":
            newest = before[-1]
            assert any(moment + plan.window <= newest for moment in before)


@given(window=st.integers(1, 365), days=st.integers(200, 4000), mirrored=st.booleans())
def test_more_snapshots_are_older_ones_and_the_tests_stay(window, days, mirrored):
    assume(days >= 3 * window + MIN_LOOKBACK_DAYS)
    usual, longer = (
        snapshot_plan(START, START + days * DAY, window, mirrored=mirrored, most=most)
        for most in (MAX_SNAPSHOTS, MAX_SNAPSHOTS_FOR_FEW)
    )
    assert usual.tests == longer.tests
    assert usual.selection == longer.selection
    assert set(usual.snapshots) <= set(longer.snapshots)
    added = set(longer.snapshots) - set(usual.snapshots)
    assert not added or len(usual.snapshots) >= MAX_SNAPSHOTS
    # Tests keep a pace of their own, so that the oldest may lie among those that were added.
    grid = set(usual.snapshots) - set(usual.tests)
    assert not added or not grid or max(added) < min(grid)


@pytest.mark.parametrize(
    ("windows", "mirrored", "selection"),
    [(4, True, "out-of-time"), (3, True, "cross-validation")],
)
def test_churn_needs_four_windows_for_a_choice_out_of_time(windows, mirrored, selection):
    plan = snapshot_plan(START, START + windows * 28 * DAY, 28, mirrored=mirrored)
    assert plan.selection == selection
    assert len(plan.tests) == 1


def test_one_day_less_than_needed_is_refused_with_figures():
    with pytest.raises(InsufficientData, match=r"84 days are needed .* 112\), there are 83\.0"):
        snapshot_plan(START, START + 83 * DAY, 28, mirrored=True)


@given(window=st.integers(1, 365))
def test_the_step_is_a_whole_fraction_of_the_window(window):
    step = snapshot_step_days(window)
    assert window % step == 0
    assert step == window or step >= 14


@pytest.mark.parametrize("window", [7, 14, 28, 30, 60])
def test_snapshots_fall_on_every_day_of_a_fortnight_in_turn(window):
    plan = snapshot_plan(START, START + 3 * 365 * DAY, window, mirrored=False)
    days = [(moment - START).days % CYCLE_DAYS for moment in plan.snapshots[-CYCLE_DAYS:]]
    assert len(set(days)) == min(CYCLE_DAYS, len(plan.snapshots))
    apart = {later - earlier for earlier, later in pairwise(plan.tests)}
    assert len(plan.tests) == MAX_TEST_SNAPSHOTS
    assert all(plan.window <= between < plan.window + 4 * DAY for between in apart)


def test_a_history_too_short_to_turn_keeps_the_window_as_its_step():
    enough = snapshot_plan(START, START + (3 * 14 + 7) * DAY, 14, mirrored=False)
    assert enough.selection == "out-of-time"
    assert [(moment - START).days for moment in enough.snapshots] == [7, 21, 35]
    longer = snapshot_plan(START, START + (3 * 14 + 9) * DAY, 14, mirrored=False)
    assert [(moment - START).days for moment in longer.snapshots] == [7, 22, 37]


def test_as_of_defaults_to_the_end_of_the_data_and_never_to_the_clock():
    end = START + 100 * DAY
    assert checked_as_of(None, START, end) == end
    assert checked_as_of(datetime(2024, 2, 1), START, end) == datetime(2024, 2, 1, tzinfo=UTC)  # noqa: DTZ001
    assert checked_as_of(end + DAY, START, end) == end + DAY
    for wrong in (START, START - DAY, end + DAY + timedelta(microseconds=1)):
        with pytest.raises(InvalidInput, match="as_of"):
            checked_as_of(wrong, START, end)


def test_a_refused_as_of_is_told_what_is_covered_to_the_minute():
    first, end = START + timedelta(microseconds=7), START + 9 * DAY + timedelta(microseconds=1)
    with pytest.raises(InvalidInput) as refused:
        checked_as_of(START - DAY, first, end)
    covered = f"({first:%Y-%m-%d %H:%M} UTC) and at most a day after the end of the data"
    assert covered in str(refused.value)
    assert "000001" not in str(refused.value)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_moments_survive_numpy(moment):
    stamp = to_datetime64([moment])[0]
    assert from_datetime64(stamp) == moment
    assert stamp.astype("int64") == microseconds(moment)
