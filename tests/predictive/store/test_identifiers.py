from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive.store.identifiers import new_id
from predictive.store.moments import from_microseconds, to_microseconds


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(70_000)]
    assert made == sorted(set(made))
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in made[:100])


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(5_000)))
    assert len(set(made)) == 5_000


@settings(max_examples=200)
@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back_to_the_microsecond(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment


def test_moments_of_other_zones_are_turned_and_naive_ones_refused() -> None:
    two_hours_east = timezone(timedelta(hours=2))
    assert to_microseconds(datetime(1970, 1, 1, 2, 0, 0, 1, tzinfo=two_hours_east)) == 1
    with pytest.raises(ValueError, match="no time zone"):
        to_microseconds(datetime(2024, 1, 1))  # noqa: DTZ001
