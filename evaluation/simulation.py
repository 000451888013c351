"""What reaching some users would bring, before a message is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from evaluation.arrays import FloatArray
from evaluation.histogram import BINS_PER_POINT, ScoreHistogram
from evaluation.intervals import Estimate, Uncertainty
from evaluation.money import Money
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance

__all__ = [
    "Estimate",
    "Money",
    "MoneyOutcome",
    "Selection",
    "ShiftVariance",
    "Simulation",
    "simulate",
    "threshold_curve",
]


NobodyBecause = Literal["no_users", "no_score", "limit"]


@dataclass(frozen=True)
class MoneyOutcome:
    """Expected money of a simulation.

    Parameters
    ----------
    cost
        Messages and the incentives expected to be taken.
    revenue
        Worth of the conversions expected to be caused.
    profit
        Revenue less cost, with the interval that follows from that of the positives.
    """

    cost: float
    revenue: float
    profit: Estimate


@dataclass(frozen=True)
class Simulation:
    """What a selection is expected to reach.

    Parameters
    ----------
    min_score, max_score
        The score range asked for, both bounds included; with a limit, the lowest score that it
        reached, and None where it pays for nobody.
    reached
        Users.
    reached_share
        Share of all users, None where there are none.
    expected_true_positives
        Positives among them, with interval.
    true_positive_share
        Share of all expected positives: the green bar. None where none are expected.
    expected_false_positives
        Negatives among them, with interval.
    false_positive_share
        Share of all expected negatives: the red bar. None where none are expected.
    precision
        Expected share of positives among those reached, None where nobody is.
    lift
        Precision divided by that of everybody, None where either is missing or 0.
    lowest_score, highest_score
        Of all users, reached or not; None where there are none.
    nobody_because
        Where nobody is reached: ``no_users`` have a score, ``no_score`` lies in the range, or the
        ``limit`` pays for nobody. Else None.
    money
        Cost, revenue and profit, where prices were given.
    interval_basis
        What the intervals cover: ``chance and change between snapshots``, with ``usual`` before
        change where fewer than three snapshots were seen, or ``chance only``.
    """

    min_score: float | None
    max_score: float | None
    reached: int
    reached_share: float | None
    expected_true_positives: Estimate
    true_positive_share: Estimate | None
    expected_false_positives: Estimate
    false_positive_share: Estimate | None
    precision: Estimate | None
    lift: Estimate | None
    lowest_score: float | None
    highest_score: float | None
    nobody_because: NobodyBecause | None
    money: MoneyOutcome | None
    interval_basis: str

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name, JSON-ready."""
        money = self.money
        told = {
            name: value.to_dict() if isinstance(value, Estimate) else value
            for name, value in vars(self).items()
        }
        return told | {"money": money and (vars(money) | {"profit": money.profit.to_dict()})}


def simulate(
    histogram: ScoreHistogram,
    *,
    selection: Selection,
    money: Money | None = None,
    shift: ShiftVariance | None = None,
    confidence: float = 0.95,
) -> Simulation:
    """Tell what a selection reaches, hits, misses and earns.

    Parameters
    ----------
    histogram
        Of the scoring run, or of a segment of it.
    selection
        Whom to reach.
    money
        Prices; without them there is no money in the answer, and no budget may be given.
    shift
        Change between snapshots, for the intervals; without it they cover chance only.
    confidence
        Level of the intervals, in (0, 1).

    Raises
    ------
    ValueError
        When a budget is given without ``money`` or ``confidence`` is outside (0, 1).

    Notes
    -----
    Expected true positives are Σp over those reached. Within a bin of 0.01 score all users count
    with the bin's mean. Intervals: :class:`evaluation.intervals.Uncertainty`. Negatives vary by
    chance as much as positives do, and a common shift moves them as far the other way, so the
    same formulas hold for them. Precision is the positives over those reached, and lift the share
    of all positives over the share of all users; what they are divided by is no estimate, so
    their intervals are those, divided.
    """
    uncertainty = Uncertainty(shift, confidence)
    reach = _reach(histogram, selection, money)
    reached, positives, chance = reach.users, reach.positives, reach.chance
    everybody, all_positives = histogram.total, histogram.expected_positives
    expected = uncertainty.of_count(positives, chance, reached)
    negatives, all_negatives = reached - positives, everybody - all_positives
    rest = max(histogram.chance - chance, 0.0)
    found = uncertainty.of_share(positives, chance, max(all_positives - positives, 0.0), rest)
    bothered = uncertainty.of_share(negatives, chance, max(all_negatives - negatives, 0.0), rest)
    reached_share = _ratio(reached, everybody)
    bounds = histogram.bounds or (None, None)
    nobody = None if reached else _nobody_because(histogram, selection)
    lowest, highest = selection.range if nobody == "no_score" else (reach.lowest, reach.highest)
    return Simulation(
        min_score=lowest,
        max_score=highest,
        reached=reached,
        reached_share=reached_share,
        expected_true_positives=expected,
        true_positive_share=found,
        expected_false_positives=uncertainty.of_count(negatives, chance, reached),
        false_positive_share=bothered,
        precision=_divided(expected, reached),
        lift=_divided(found, reached_share),
        lowest_score=bounds[0],
        highest_score=bounds[1],
        nobody_because=nobody,
        money=None if money is None else _money_outcome(money, reached, expected),
        interval_basis=uncertainty.basis,
    )


def threshold_curve(
    histogram: ScoreHistogram,
    *,
    thresholds: Sequence[float] = tuple(range(101)),
    money: Money | None = None,
    shift: ShiftVariance | None = None,
    confidence: float = 0.95,
) -> list[Simulation]:
    """Simulate every threshold: reaching all who score at least that.

    Parameters
    ----------
    histogram
        Of the scoring run, or of a segment of it.
    thresholds
        Scores from 0 to 100; each whole score unless told otherwise.
    money, shift, confidence
        As in :func:`simulate`.

    Raises
    ------
    ValueError
        When a threshold or ``confidence`` is out of its range.
    """
    return [
        simulate(
            histogram,
            selection=Selection(min_score=threshold),
            money=money,
            shift=shift,
            confidence=confidence,
        )
        for threshold in thresholds
    ]


def _money_outcome(money: Money, reached: int, positives: Estimate) -> MoneyOutcome:
    at_bounds = (
        money.profit(float(reached), positives.low),
        money.profit(float(reached), positives.high),
    )
    return MoneyOutcome(
        cost=money.cost(float(reached), positives.value),
        revenue=money.revenue(positives.value),
        profit=Estimate(
            money.profit(float(reached), positives.value),
            # More conversions mean less profit where the incentive costs more than they bring.
            low=min(at_bounds),
            high=max(at_bounds),
        ),
    )


class _Reach(NamedTuple):
    """Who is reached, and the score range: cut short where a limit ran out before its end."""

    users: int
    positives: float
    chance: float
    lowest: float | None
    highest: float | None


def _reach(histogram: ScoreHistogram, selection: Selection, money: Money | None) -> _Reach:
    lowest, highest = selection.range
    if selection.is_range:
        return _Reach(*histogram.within(selection.bins), lowest, highest)
    users = selection.users_by_bin(histogram, money)
    taken = users / np.maximum(histogram.counts, 1)
    occupied = np.flatnonzero(users)
    return _Reach(
        int(users.sum()),
        _sum(taken * histogram.sum_p),
        _sum(taken * histogram.sum_v),
        int(occupied[0]) / BINS_PER_POINT if len(occupied) else None,
        highest if len(occupied) else None,
    )


def _nobody_because(histogram: ScoreHistogram, selection: Selection) -> NobodyBecause:
    if not histogram.total:
        return "no_users"
    return "limit" if histogram.counts[selection.bins].any() else "no_score"


def _divided(estimate: Estimate | None, by: float | None) -> Estimate | None:
    if estimate is None or not by:
        return None
    return Estimate(estimate.value / by, estimate.low / by, estimate.high / by)


def _sum(values: FloatArray) -> float:
    # Not a dot product: BLAS would wake its threads for it, which stall on a busy machine.
    return float(np.sum(values))


def _ratio(numerator: float, denominator: float) -> float | None:
    return None if denominator <= 0 else numerator / denominator
