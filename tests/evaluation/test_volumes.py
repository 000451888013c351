from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from evaluation.volumes import HISTORY_DAYS, LEAST_DAYS, VolumeFinding, volume_findings

#: Name, events a day, and how much days differ beyond chance.
EVENTS = (("session", 2000, 0.08), ("cart", 500, 0.1), ("purchase", 200, 0.1), ("refund", 4, 0.2))
SESSION, CART, PURCHASE, REFUND = range(4)
ALPHA = 0.06 / 365
WEEK = np.array([1, 1, 1, 1.1, 1.3, 1.2, 0.6])


def shop(rng: np.random.Generator, days: int, *, yearly: float = 0.3, events=EVENTS):
    """Counts of a quiet shop: weeks, seasons, busy days, holidays on which everything is shut."""
    t = np.arange(days)
    common = np.exp(yearly * np.sin(2 * np.pi * (t - 60) / 365.25) + 0.05 * rng.normal(size=days))
    common = common * WEEK[t % 7]
    for holiday in (0, 90, 121, 359, 360, 365, 455):
        common[holiday : holiday + 1] *= 0.05
    common[325:335] *= 1.8
    means = [level * common * np.exp(own * rng.normal(size=days)) for _, level, own in events]
    return rng.poisson(means).astype(float)


def watched(counts, *, alpha: float = ALPHA, start: int = LEAST_DAYS, end: int | None = None):
    """Alarms of daily checks as (day, finding): what is found that was not found the day before."""
    known: set[int] = set()
    alarms: list[tuple[int, VolumeFinding]] = []
    for day in range(start, (end or counts.shape[1]) + 1):
        year_ago = counts[:, max(0, day - 427) : day - 357] if day > 427 else None
        found = volume_findings(counts[:, :day], alpha=alpha, year_ago=year_ago, known=known)
        alarms.extend((day, one) for one in found if one.series not in known)
        known = {one.series for one in found}
    return alarms


@pytest.mark.slow
@pytest.mark.parametrize("yearly", [0.0, 0.5])
def test_quiet_years_keep_the_budget(yearly: float) -> None:
    """Six years at an allowance of 0.06 a year: a single false alarm would be much."""
    rng = np.random.default_rng(11)
    alarms = [
        alarm for _ in range(4) for alarm in watched(shop(rng, 500, yearly=yearly), start=140)
    ]
    assert alarms == []


def test_a_loose_level_does_raise_false_alarms() -> None:
    """The budget is what keeps them away, not a rule that never speaks."""
    rng = np.random.default_rng(12)
    noisy = rng.poisson(3 * rng.gamma(2.0, 0.5, size=(6, 260))).astype(float)
    assert watched(noisy, alpha=0.9, start=100)


@pytest.mark.parametrize("row", [SESSION, CART, PURCHASE])
def test_an_event_that_stops_is_found_in_two_days(row: int) -> None:
    rng = np.random.default_rng(20 + row)
    counts = shop(rng, 260)
    counts[row, 250:] = 0
    (day, found), *more = watched(counts, start=240)
    assert not more
    assert (day - 250, found.series, found.kind, found.since) == (2, row, "stopped", 250)
    assert found.observed == 0
    assert found.against_others


def test_since_is_the_first_low_day_counted_from_the_first_column() -> None:
    rng = np.random.default_rng(3)
    counts = shop(rng, 300)
    counts[PURCHASE, 280:] = 0
    (found,) = volume_findings(counts[:, :285], alpha=ALPHA)
    assert found.since == 280
    assert found.expected == pytest.approx(counts[PURCHASE, 259:264].sum(), rel=0.5)


def test_a_few_events_a_day_need_longer() -> None:
    counts = shop(np.random.default_rng(31), 300)
    counts[REFUND, 250:] = 0
    alarms = watched(counts, start=240, end=275)
    assert [(one.series, one.kind) for _, one in alarms] == [(REFUND, "stopped")]
    assert 4 <= alarms[0][0] - 250 <= 14


@pytest.mark.parametrize("share", [0.3, 0.5])
@pytest.mark.parametrize("row", [SESSION, PURCHASE])
def test_a_lasting_fall_is_found_within_a_week(row: int, share: float) -> None:
    rng = np.random.default_rng(40 + row)
    counts = shop(rng, 270)
    counts[row, 250:] = rng.binomial(counts[row, 250:].astype(int), share)
    alarms = watched(counts, start=240, end=262)
    assert [(one.series, one.kind) for _, one in alarms] == [(row, "fell")]
    assert 2 <= alarms[0][0] - 250 <= 7
    assert abs(alarms[0][1].since - 250) <= 2


def test_small_and_short_falls_are_left_alone() -> None:
    rng = np.random.default_rng(50)
    counts = shop(rng, 270)
    counts[PURCHASE, 250:] = rng.binomial(counts[PURCHASE, 250:].astype(int), 0.8)
    counts[SESSION, 245] = 0
    assert watched(counts, start=240) == []


def test_a_holiday_that_shuts_everything_is_no_alarm_and_a_dead_feed_is() -> None:
    counts = shop(np.random.default_rng(60), 300)
    shut = counts.copy()
    shut[:, 260:263] = np.round(shut[:, 260:263] * 0.02)
    assert watched(shut, start=250) == []
    dead = counts.copy()
    dead[:, 260:] = 0
    alarms = watched(dead, start=250, end=270)
    assert {one.series for _, one in alarms} >= {SESSION, CART, PURCHASE}
    assert {day - 260 for day, one in alarms if one.series != REFUND} == {5}
    assert not any(one.against_others for _, one in alarms)


def test_one_event_at_a_holiday_is_no_alarm_when_the_others_are_low_too() -> None:
    """Deliveries stop, visits halve: nobody vouches for such days."""
    counts = shop(np.random.default_rng(61), 300)
    counts[[SESSION, CART], 260:263] *= 0.5
    counts[PURCHASE, 260:263] = 0
    assert watched(counts, start=250) == []


def test_the_only_event_has_no_witness() -> None:
    rng = np.random.default_rng(62)
    counts = shop(rng, 300, events=EVENTS[2:3])
    assert watched(counts, start=140) == []
    counts[:, 280:] = 0
    ((day, found),) = watched(counts, start=270)
    assert (day - 280, found.kind, found.against_others) == (5, "stopped", False)


def test_what_fell_last_year_may_fall_again() -> None:
    """Closed for a week in August, every year."""
    counts = shop(np.random.default_rng(63), 700, events=EVENTS[:3])
    for summer in (230, 230 + 364):
        counts[:, summer : summer + 9] = 0
    assert any(230 <= day <= 245 for day, _ in watched(counts, start=228, end=246))
    assert watched(counts, start=585, end=620) == []


def test_a_newsletter_every_other_week_never_stops() -> None:
    rng = np.random.default_rng(64)
    for _ in range(2):
        counts = shop(rng, 230)
        sent = (np.arange(230) % 14 == 3) * rng.poisson(7000 * np.exp(0.3 * rng.normal(size=230)))
        assert watched(np.vstack([counts, sent]), start=140) == []


def test_an_alarm_does_not_flicker_and_ends_when_the_event_is_back() -> None:
    rng = np.random.default_rng(65)
    counts = shop(rng, 330)
    counts[PURCHASE, 250:280] = rng.binomial(counts[PURCHASE, 250:280].astype(int), 0.45)
    known: set[int] = set()
    states = []
    for day in range(245, 300):
        known = {one.series for one in volume_findings(counts[:, :day], alpha=ALPHA, known=known)}
        states.append(PURCHASE in known)
    first, last = states.index(True), len(states) - 1 - states[::-1].index(True)
    assert all(states[first : last + 1]), "one alarm, without gaps"
    assert 245 + first <= 257
    assert 272 <= 245 + last <= 290


def test_an_event_that_is_gone_for_good_becomes_the_new_rhythm() -> None:
    counts = shop(np.random.default_rng(66), 330)
    counts[CART, 250:] = 0
    known: set[int] = set()
    open_days = []
    for day in range(245, 330):
        known = {one.series for one in volume_findings(counts[:, :day], alpha=ALPHA, known=known)}
        if known:
            open_days.append(day)
    assert 252 in open_days
    assert 28 <= max(open_days) - 250 <= 60


def test_young_data_says_nothing() -> None:
    counts = np.full((2, LEAST_DAYS - 1), 100.0)
    counts[0, -5:] = 0
    assert volume_findings(counts, alpha=0.1) == []
    assert volume_findings(np.empty((0, 100)), alpha=0.1) == []
    older = np.full((2, LEAST_DAYS), 100.0)
    older[0, -5:] = 0
    assert [one.series for one in volume_findings(older, alpha=0.1)] == [0]


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(LEAST_DAYS, HISTORY_DAYS + 20),
    st.sampled_from([0.0, 0.3, 5.0, 400.0]),
)
def test_any_counts_are_answered(seed: int, rows: int, days: int, mean: float) -> None:
    counts = np.random.default_rng(seed).poisson(mean, size=(rows, days)).astype(float)
    found = volume_findings(counts, alpha=0.5, year_ago=counts[:, :70], known=[0])
    assert len({one.series for one in found}) == len(found)
    for one in found:
        assert 0 <= one.since < days
        assert one.observed == counts[one.series, one.since :].sum()
        assert 0 <= one.p < 0.5
        assert one.observed < one.expected


def test_the_tail_is_that_of_the_negative_binomial() -> None:
    from evaluation.volumes import _lower_tail

    for observed, expected, dispersion in ((0, 20.0, 0.1), (3, 9.5, 0.02), (40, 60.0, 0.3)):
        size = 1 / dispersion
        reference = nbinom.cdf(observed, size, size / (size + expected))
        ours = _lower_tail(*(np.array([x]) for x in (observed, expected, dispersion)))
        assert ours == pytest.approx(reference, rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "alpha", "message"),
    [
        (np.ones(80), 0.1, r"counts has shape \(80,\)"),
        (-np.ones((1, 80)), 0.1, "counts contains"),
        (np.full((1, 80), np.nan), 0.1, "counts contains"),
        (np.ones((1, 80)), 0.0, "alpha is 0.0"),
    ],
)
def test_wrong_input_is_refused(counts, alpha, message) -> None:
    with pytest.raises(ValueError, match=message):
        volume_findings(counts, alpha=alpha)


@pytest.mark.parametrize(("usual", "days", "least"), [(30, 7, 9), (15, 14, 7)])
def test_a_fall_by_half_is_found_within_the_days_that_its_size_allows(usual, days, least) -> None:
    def found(seed: int) -> bool:
        random = np.random.default_rng(seed)
        common = WEEK[np.arange(140 + days) % 7] * np.exp(0.05 * random.normal(size=140 + days))
        counts = np.stack([random.poisson(level * common) for level in (300, usual, 160)])
        counts[1, 140:] = random.poisson(0.5 * usual * common[140:])
        return any(
            one.series == 1
            for day in range(141, 141 + days)
            for one in volume_findings(counts[:, :day], alpha=ALPHA)
        )

    assert sum(map(found, range(10))) >= least
