"""Moments as people read them."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta

from predictive.wording import moments

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_two_moments_of_one_minute_are_told_apart() -> None:
    later = NOON + timedelta(microseconds=1)
    assert moments.apart(NOON, later) == (
        "2024-03-01T12:00:00+00:00",
        "2024-03-01T12:00:00.000001+00:00",
    )
    assert moments.apart(NOON, NOON + timedelta(minutes=1)) == (
        "2024-03-01 12:00 UTC",
        "2024-03-01 12:01 UTC",
    )


def test_examples_in_the_docstrings() -> None:
    assert doctest.testmod(moments).failed == 0
