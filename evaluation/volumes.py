"""Daily counts of events against their own weekly rhythm: what stopped, what fell.

Every event is compared with what its last weeks promise for these weekdays, and, where there are
other events, with what became of them on the same days: a holiday lowers all of them, a tracking
outage one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, chdtri

from evaluation.arrays import BoolArray, FloatArray, require_fraction

VolumeKind = Literal["stopped", "fell"]

WEEK = 7
#: Days before a stretch whose weekly sums tell its level.
LEVEL_DAYS = 4 * WEEK
#: Days before the tested stretch: a level, and three weeks to see how far it is kept.
LEAST_PAST = LEVEL_DAYS + 3 * WEEK
#: Fewest days that say anything.
LEAST_DAYS = LEAST_PAST + WEEK
#: Most days that are looked at.
HISTORY_DAYS = 20 * WEEK
#: Days that the same season a year ago may lie earlier or later.
SEASON_SHIFT_DAYS = WEEK
#: An event of which at most this share comes has stopped.
STOPPED_SHARE = 0.05
#: How long ago it was: whole weeks, so that weekdays fall together.
YEAR_DAYS = 52 * WEEK


@dataclass(frozen=True)
class VolumeFinding:
    """An event whose counts are far below what its rhythm promises.

    Parameters
    ----------
    series
        Which row of the counts.
    kind
        ``stopped``: at most a twentieth of what was expected. ``fell``: more than that.
    since
        The first of the low days, as a column of the counts.
    observed, expected
        Events in the stretch from ``since`` to the last day.
    p
        Probability of so few, had nothing changed.
    against_others
        Whether it fell while the other events kept their level.
    """

    series: int
    kind: VolumeKind
    since: int
    observed: int
    expected: float
    p: float
    against_others: bool


@dataclass(frozen=True)
class _Rule:
    """A stretch of ``days`` in which at most ``share`` of what is expected came."""

    kind: VolumeKind
    share: float
    days: tuple[int, ...]
    against_others: bool


#: One day proves nothing: feeds end at different hours, and shops have closing days. Where no
#: other event vouches for the days, a fall has to be deeper and to last.
_RULES = (
    _Rule("stopped", STOPPED_SHARE, (2, 3, 7, 14, 28), against_others=True),
    _Rule("fell", 0.6, (3, 7, 14), against_others=True),
    _Rule("stopped", STOPPED_SHARE, (5, 7, 14, 28), against_others=False),
    _Rule("fell", 0.3, (7, 14), against_others=False),
)
_TESTS = sum(len(rule.days) for rule in _RULES)
#: Others that are at most at this share of their level make the days unusual ones for all.
_USUAL_SHARE = 0.7
#: An alarm goes on while so few came and it is at least so improbable.
_RECOVERED_SHARE = 0.75
_STILL_IMPROBABLE = 0.01
#: No series keeps its rhythm better than to a twentieth.
_LEAST_DISPERSION = 0.05**2
#: Share of earlier stretches that were as low, from which being low is part of the rhythm.
_OFTEN_LOW = 0.1
#: Events behind a weekday's share of the week before it is believed.
_WEEKDAY_EVENTS = 5.0
#: Expected events from which a series can vouch for the others' days.
_WITNESS_EVENTS = 10.0


def volume_findings(
    counts: ArrayLike,
    *,
    alpha: float,
    year_ago: ArrayLike | None = None,
    known: Collection[int] = (),
) -> list[VolumeFinding]:
    """Find the events that stopped or fell sharply by the last day.

    Parameters
    ----------
    counts
        Shape (e, d), whole numbers: events of each of e names on d whole days one after the
        other, the newest last. With fewer than :data:`LEAST_DAYS` days nothing is found; more
        than :data:`HISTORY_DAYS` are not looked at.
    alpha
        Probability of finding anything at all when nothing has changed, in (0, 1).
    year_ago
        Shape (e, any), the same names; its last day lies :data:`YEAR_DAYS` −
        :data:`SEASON_SHIFT_DAYS` days before the last day of ``counts``. What fell at that time
        of the year, too, is expected to fall again.
    known
        Rows found before and not recovered since: they stay found until they are back at three
        quarters of their level, so that an alarm does not go on and off.

    Returns
    -------
    list of VolumeFinding
        At most one a row, in the order of the rows.

    Raises
    ------
    ValueError
        When the counts are negative or no table, or ``alpha`` is outside (0, 1).

    Notes
    -----
    A stretch of k days beginning at s is expected to bring E = L·Σf: L is the median of the last
    four weekly sums before s, over 7, and f the weekday's share of a week (trimmed means over all
    weeks). E is lowered by the precision-weighted median of the other events' observed/expected
    of the same days where that is below 1 (never raised), by the same ratio of a year ago where
    that is lower, and by the series' own median ratio where it lasts below 1 (a slow decline).
    The count is taken as negative binomial with that mean and the dispersion that its own earlier
    stretches of the same length showed downwards (method of moments: Johnson, Kemp and Kotz,
    Univariate Discrete Distributions, 2005, section 5.8.1; raised to the upper end of its 90 %
    interval). The level is shared out over rows and tests (Bonferroni).
    """
    require_fraction("alpha", alpha)
    table = _table("counts", counts)[:, -HISTORY_DAYS:]
    days = table.shape[1]
    if days < LEAST_DAYS or len(table) == 0:
        return []
    skipped = np.shape(counts)[1] - days
    rhythm = _Rhythm.of(table)
    seasons = None if year_ago is None else _table("year_ago", year_ago)
    level = alpha / (len(table) * _TESTS)
    lengths = sorted({length for rule in _RULES for length in rule.days})
    stretches = [
        _stretch(rhythm, seasons, length) for length in lengths if 2 * length + LEAST_PAST <= days
    ]
    open_rows = np.isin(np.arange(len(table)), list(known))
    return [
        replace(finding, since=finding.since + skipped)
        for finding in _findings(rhythm, stretches, level, open_rows)
    ]


@dataclass(frozen=True, eq=False)
class _Rhythm:
    """Counts with what each day is expected to bring.

    ``counts`` and ``shares`` are (e, d), ``levels`` (e, d + 1): events a day of an even week,
    known before each day; NaN in the first four weeks.
    """

    counts: FloatArray
    shares: FloatArray
    levels: FloatArray

    @classmethod
    def of(cls, counts: FloatArray) -> _Rhythm:
        return cls(counts, _weekday_shares(counts), _levels(counts))

    def stretches(self, length: int) -> tuple[FloatArray, FloatArray]:
        """Observed and expected events of every stretch, (e, d − length + 1) each."""
        observed = _moving_sums(self.counts, length)
        expected = _moving_sums(self.shares, length) * self.levels[:, : observed.shape[1]]
        return observed, expected


@dataclass(frozen=True, eq=False)
class _Promise:
    """What the newest stretch of one length was expected to bring, and how that was kept before.

    ``expected`` and ``dispersion`` are (e,), ``kept`` is (e, s): observed over expected of the
    earlier stretches.
    """

    expected: FloatArray
    dispersion: FloatArray
    kept: FloatArray


@dataclass(frozen=True, eq=False)
class _Stretch:
    """The newest stretch of one length.

    ``promises`` are with and without the other events' word; ``usual`` tells for which rows the
    others vouch.
    """

    length: int
    observed: FloatArray
    promises: dict[bool, _Promise]
    usual: BoolArray


def _stretch(rhythm: _Rhythm, seasons: FloatArray | None, length: int) -> _Stretch:
    observed, plain = (values[:, LEVEL_DAYS:] for values in rhythm.stretches(length))
    # The newest stretch is tested; those that ended before it began tell how counts vary.
    earlier = slice(0, observed.shape[1] - length)
    others = _others(
        (observed + 0.5) / (plain + 0.5), _precision(observed[:, earlier], plain[:, earlier])
    )
    lowered = plain * np.minimum(np.nan_to_num(others, nan=1.0), 1.0)
    season = _season(seasons, length)
    promises = {}
    for key, expected in ((True, lowered), (False, plain)):
        own = expected * _decline(observed[:, earlier], expected[:, earlier])[:, None]
        promises[key] = _Promise(
            season * own[:, -1],
            _dispersion(observed[:, earlier], own[:, earlier], length),
            (observed[:, earlier] + 0.5) / (own[:, earlier] + 0.5),
        )
    usual = np.nan_to_num(others[:, -1], nan=0.0) >= _USUAL_SHARE
    return _Stretch(length, observed[:, -1], promises, usual)


def _improbable(rule: _Rule, stretch: _Stretch, level: float, known: BoolArray) -> FloatArray:
    """(e,) p where the stretch breaks the rule, else 1."""
    promise = stretch.promises[rule.against_others]
    lasting = known & (rule.kind == "fell")
    share = np.where(lasting, _RECOVERED_SHARE, rule.share)
    limit = np.where(lasting, _STILL_IMPROBABLE, level)
    p = _lower_tail(stretch.observed, promise.expected, promise.dispersion)
    broken = (stretch.observed <= share * promise.expected) & (p < limit)
    # What comes and goes, like a newsletter, is no news when it is away.
    regular = np.mean(promise.kept <= rule.share, axis=1) <= _OFTEN_LOW
    if rule.against_others:
        broken &= stretch.usual
    return np.where(broken & (regular | lasting), p, 1.0)


def _findings(
    rhythm: _Rhythm, stretches: Sequence[_Stretch], level: float, known: BoolArray
) -> Iterator[VolumeFinding]:
    """Of each row that broke a rule, the least probable."""
    tests = [
        (rule, stretch) for rule in _RULES for stretch in stretches if stretch.length in rule.days
    ]
    p = np.stack([_improbable(rule, stretch, level, known) for rule, stretch in tests])
    stops = np.array([rule.kind == "stopped" for rule, _ in tests])
    for row in map(int, np.flatnonzero(p.min(axis=0) < 1)):
        # That it stopped says more than how far it fell over a longer time.
        chosen = stops if p[stops, row].min(initial=1) < 1 else ~stops
        test = int(np.argmin(np.where(chosen, p[:, row], 2)))
        rule, stretch = tests[test]
        expected = float(stretch.promises[rule.against_others].expected[row])
        observed = float(stretch.observed[row])
        first, came, promised = _low_days(rhythm, row, stretch.length, observed, expected)
        stopped = rule.kind == "stopped" or came <= STOPPED_SHARE * promised
        yield VolumeFinding(
            row,
            "stopped" if stopped else "fell",
            first,
            came,
            promised,
            float(p[test, row]),
            rule.against_others,
        )


def _others(ratios: FloatArray, weights: FloatArray) -> FloatArray:
    """(e, s) of each row and stretch the weighted median of the other rows' ratios; NaN if none."""
    others = np.full(ratios.shape, np.nan)
    order = np.argsort(ratios, axis=0, kind="stable")
    ordered = np.take_along_axis(ratios, order, axis=0)
    for row in range(len(ratios)):
        own = np.where(order == row, 0.0, weights[order])
        total = own.sum(axis=0)
        if total[0] > 0:
            middle = np.argmax(np.cumsum(own, axis=0) >= total / 2, axis=0)
            others[row] = ordered[middle, np.arange(ratios.shape[1])]
    return others


def _precision(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """(e,) how much each row's ratios tell; 0 for too few events."""
    mean = expected.mean(axis=1)
    spread = np.var(np.log((observed + 0.5) / (expected + 0.5)), axis=1)
    return np.where(mean >= _WITNESS_EVENTS, 1 / (spread + _LEAST_DISPERSION), 0.0)


def _decline(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """(e,) the median ratio of observed to expected where it is below 1: a lasting decline."""
    ratios = np.median((observed + 0.5) / (expected + 0.5), axis=1)
    return np.asarray(np.minimum(ratios, 1.0), dtype=np.float64)


def _season(seasons: FloatArray | None, length: int) -> FloatArray | float:
    """(e,) the lowest ratio around the same days a year ago, where it shows a fall; else 1."""
    if seasons is None or seasons.shape[1] < LEVEL_DAYS + length + 2 * SEASON_SHIFT_DAYS:
        return 1.0
    observed, expected = _Rhythm.of(seasons).stretches(length)
    near = slice(observed.shape[1] - 2 * SEASON_SHIFT_DAYS - 1, None)
    lowest = np.min((observed[:, near] + 0.5) / (expected[:, near] + 0.5), axis=1)
    return np.where(lowest < _USUAL_SHARE, lowest, 1.0)


def _dispersion(observed: FloatArray, expected: FloatArray, length: int) -> FloatArray:
    """(e,) c in variance m + c·m²: the larger of what both sides and the lower side tell."""
    squares = (observed - expected) ** 2
    # Of the lower side alone, as much again is taken to lie on the other.
    below = 2 * np.where(observed < expected, squares, 0.0)
    spread = np.maximum(_without_worst(squares, 0.1), _without_worst(below, 0.03))
    scale = np.maximum((expected**2).mean(axis=1), 1.0)
    independent = observed.shape[1] / length
    caution = independent / float(chdtri(independent, 0.95))
    dispersion = np.maximum((spread - expected.mean(axis=1)) / scale, _LEAST_DISPERSION) * caution
    return np.asarray(dispersion, dtype=np.float64)


def _without_worst(values: FloatArray, share: float) -> FloatArray:
    """(e,) means of the rows without their largest values."""
    kept = values.shape[1] - int(share * values.shape[1])
    return np.asarray(np.sort(values, axis=1)[:, :kept].mean(axis=1), dtype=np.float64)


def _low_days(
    rhythm: _Rhythm, row: int, length: int, observed: float, expected: float
) -> tuple[int, int, float]:
    """First of the low days that reach up to the last; what came on them and what was expected.

    The first day is where the likelihood puts the step from the expected level to the one seen.
    """
    counts, shares = rhythm.counts[row], rhythm.shares[row]
    days = len(counts)
    daily = shares * expected / float(shares[days - length :].sum())
    ratio = max(observed, 0.5) / expected
    gains = counts * np.log(ratio) + daily * (1 - ratio)
    tails = np.cumsum(gains[: -LEVEL_DAYS - 1 : -1])
    first = days - 1 - int(np.argmax(tails))
    return first, int(counts[first:].sum()), float(daily[first:].sum())


def _lower_tail(observed: FloatArray, expected: FloatArray, dispersion: FloatArray) -> FloatArray:
    """P(Y ≤ observed) of the negative binomial with variance m + c·m²."""
    return np.asarray(
        betainc(1 / dispersion, observed + 1, 1 / (1 + dispersion * expected)), dtype=np.float64
    )


def _levels(counts: FloatArray) -> FloatArray:
    """(e, d + 1) events a day before each day: the median of the four weekly sums, over 7."""
    weekly = _moving_sums(counts, WEEK)
    levels = np.full((len(counts), counts.shape[1] + 1), np.nan)
    last = weekly.shape[1]
    four = np.stack(
        [weekly[:, lag : last - LEVEL_DAYS + WEEK + lag] for lag in range(0, LEVEL_DAYS, WEEK)]
    )
    levels[:, LEVEL_DAYS:] = np.median(four, axis=0) / WEEK
    return levels


def _weekday_shares(counts: FloatArray) -> FloatArray:
    """(e, d) what each day brings of an even day of its week; a week's shares add up to 7."""
    days = counts.shape[1]
    means = np.stack([_trimmed_mean(counts[:, phase::WEEK]) for phase in range(WEEK)], axis=1)
    prior = _WEEKDAY_EVENTS / (days / WEEK)
    shares = (means + prior) / (means.mean(axis=1, keepdims=True) + prior)
    return np.asarray(shares[:, np.arange(days) % WEEK], dtype=np.float64)


def _trimmed_mean(values: FloatArray) -> FloatArray:
    """Means of rows without the highest and lowest fifth."""
    cut = values.shape[1] // 5
    ordered = np.sort(values, axis=1)
    return np.asarray(ordered[:, cut : values.shape[1] - cut].mean(axis=1), dtype=np.float64)


def _moving_sums(values: FloatArray, length: int) -> FloatArray:
    """(e, d − length + 1) sums of stretches, by their first day."""
    sums = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums[:, length:] - sums[:, :-length]


def _table(name: str, counts: ArrayLike) -> FloatArray:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"{name} has shape {table.shape}. Allowed: (names, days).")
    if not np.all(table >= 0) or not np.all(np.isfinite(table)):
        raise ValueError(f"{name} contains {table[~(table >= 0)][:1]}. Allowed: counts from 0.")
    return table
