"""Many years of the synthetic shop: quiet ones stay quiet, and what goes wrong is found in time."""

from __future__ import annotations

import pytest

from predictive.replay.incidents import LOST_EVENT, NEW_CHANNEL_EVENT
from tests.quiet_years import Opened, WatchedYear

QUIET_YEARS = range(100, 104)
WRONG = 60


def named(opened: list[Opened], kind: str, subject: str) -> int:
    """Days after the incident on which an alert was opened first."""
    return min(
        (one.day - WRONG for one in opened if (one.kind, one.subject) == (kind, subject)),
        default=10**6,
    )


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_quiet_years_bring_at_most_one_false_alert_each():
    opened = {seed: WatchedYear(seed, customers=400).run() for seed in QUIET_YEARS}
    assert sum(map(len, opened.values())) <= len(QUIET_YEARS), opened


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("incident", "found"),
    [
        ("tracking", {("event_stopped", LOST_EVENT): 3}),
        (
            "base-rate",
            {
                ("event_fell", "purchase"): 14,
                ("base_rate_moved", "base_rate"): 30,
                ("calibration_off", "shift"): 30,
            },
        ),
        ("channel", {("event_appeared", NEW_CHANNEL_EVENT): 10}),
    ],
)
def test_what_goes_wrong_is_found_within_the_days_that_its_size_allows(incident, found):
    opened = WatchedYear(7, customers=800, incident=(incident, WRONG), days=WRONG + 45).run()
    assert [one for one in opened if one.day < WRONG] == []
    late = {cause: named(opened, *cause) for cause, days in found.items()}
    assert all(late[cause] <= days for cause, days in found.items()), (late, opened)
