from __future__ import annotations

from datetime import UTC, datetime

import pytest

from predictive.cli.moments import parse_complete_through, parse_moment
from predictive.errors import InvalidInput

MARCH = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01", MARCH),
        ("2024-03-01T00:00:00", MARCH),
        ("2024-03-01T00:00:00Z", MARCH),
        (" 2024-03-01T02:00+02:00 ", MARCH),
        ("2024-02-29T19:00:00-05:00", MARCH),
        ("2024-03-01T00:00:00.000001Z", MARCH.replace(microsecond=1)),
    ],
)
def test_moments_are_utc(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-02-30", "1709251200", "0001-01-01T00:00+09"]
)
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_complete_through(text)
    assert caught.value.field == "--complete-through"
    assert repr(text) in str(caught.value)
