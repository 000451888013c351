from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evaluation.intervals import interval_of_rate


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_rate_has_the_interval_that_scipy_gives_it(trials: int, share: float) -> None:
    hits = round(share * trials)
    found = interval_of_rate(hits, trials)
    reference = binomtest(hits, trials).proportion_ci(method="wilson")
    assert found is not None
    assert found.value == hits / trials
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=1e-9)


def test_of_nothing_there_is_no_rate() -> None:
    assert interval_of_rate(0, 0) is None
