from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evaluation.jumps import LEAST_GROUPS, share_beyond, share_jumped

RULE = {"alpha": 1e-4, "practical": 0.02}


def groups(rng, count: int, rows: int, share: float, correlation: float = 0.0) -> list[int]:
    """Hits in groups whose true shares vary."""
    if share and correlation:
        strength = 1 / correlation - 1
        shares = rng.beta(share * strength, (1 - share) * strength, count)
    else:
        shares = np.full(count, share)
    return [int(hits) for hits in rng.binomial(rows, shares)]


@pytest.mark.parametrize("rows", [30, 1000, 100_000])
@pytest.mark.parametrize(("share", "correlation"), [(0.0, 0), (0.01, 0.01), (0.3, 0.05)])
def test_imports_as_usual_raise_nothing(rng, rows, share, correlation) -> None:
    """A year of daily imports, each held against those before."""
    hits = groups(rng, 400, rows, share, correlation)
    jumped = [
        share_jumped(hits[max(0, day - 60) : day + 1], [rows] * min(day + 1, 61), **RULE)
        for day in range(400)
    ]
    assert sum(jumped) == 0


@pytest.mark.parametrize(("usual", "now"), [(0.0, 0.1), (0.01, 0.15), (0.3, 0.9)])
def test_a_jump_is_found_at_once(rng, usual, now) -> None:
    hits = [*groups(rng, 20, 2000, usual, 0.005), int(2000 * now)]
    assert share_jumped(hits, [2000] * 21, **RULE)


def test_a_few_bad_rows_of_a_few_are_no_jump() -> None:
    assert not share_jumped([0] * 20 + [2], [1000] * 20 + [25], **RULE)


def test_what_always_varied_may_vary(rng) -> None:
    hits = [100, 800, 300, 50, 900, 400, 20, 700, 950]
    assert not share_jumped(hits, [1000] * 9, **RULE)


@given(st.integers(0, LEAST_GROUPS))
def test_a_habit_needs_some_groups(before) -> None:
    hits, rows = [0] * before + [1000], [1000] * (before + 1)
    assert share_jumped(hits, rows, **RULE) == (before >= LEAST_GROUPS)


def test_empty_groups_say_nothing() -> None:
    assert not share_jumped([0] * 20, [0] * 20, **RULE)
    assert not share_jumped([0] * 5 + [10], [0] * 5 + [10], **RULE)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="hits and rows"):
        share_jumped([2], [1], **RULE)
    with pytest.raises(ValueError, match="hits and rows"):
        share_jumped([1], [1, 2], **RULE)
    with pytest.raises(ValueError, match="alpha is 1"):
        share_jumped([1], [1], alpha=1, practical=0)


@given(st.integers(1, 400), st.data())
def test_a_share_beyond_another_is_so_by_the_exact_test(rows, data) -> None:
    hits = data.draw(st.integers(0, rows))
    told = share_beyond(hits, rows, practical=0.05, alpha=1e-3)
    assert told == (binomtest(hits, rows, 0.05, alternative="greater").pvalue < 1e-3)


@pytest.mark.parametrize(
    ("hits", "rows", "practical", "alpha"),
    [(3, 2, 0.1, 0.1), (-1, 2, 0.1, 0.1), (1, 2, 1.0, 0.1), (1, 2, 0.1, 0.0)],
)
def test_what_is_no_share_is_refused(hits, rows, practical, alpha) -> None:
    with pytest.raises(ValueError, match="Allowed"):
        share_beyond(hits, rows, practical=practical, alpha=alpha)
