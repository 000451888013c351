"""Which behaviours and attributes go along with the outcome, against the average customer.

Looked at on the test snapshots of a training run, in the features that it has already made, so
that nothing is read twice and nothing after a snapshot's moment is seen. What goes along with an
outcome need not cause it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.association import (
    Association,
    Group,
    Population,
    associations,
    benjamini_hochberg,
)
from models.dataset import Dataset
from predictive.features.names import OTHER_EVENT, Feature, read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import at_least_once, meaning, readable, statement, topic
from predictive.wording.said import kept

#: Fewest distinct customers inside a group, and outside it.
MIN_CUSTOMERS = 50
#: Fewest positives, and negatives, that the average would bring among them.
MIN_EXPECTED = 5
#: A difference smaller than this is of no use to anybody, however sure.
LEAST_RATIO = 1.1
#: Of two groups that share so much, a list names the surer one.
SAME_GROUP = 0.7
#: Longest list.
MAX_LISTED = 12
FALSE_DISCOVERY_RATE = 0.05
#: Values that quartiles are taken from.
_QUARTILE_ROWS = 50_000

_Bools = npt.NDArray[np.bool_]
_Column = npt.NDArray[np.float32]

#: Measures whose upper and lower quarter are looked at.
_QUARTERED = (
    "active_days",
    "days_since_first",
    "gap_now_to_mean",
    "amount_sum",
    "amount_mean",
    "distinct",
    "part_of_time",
    "property_mean",
    "answered",
    "attribute_number",
    "own",
)


@dataclass(frozen=True)
class _Candidate:
    """A group of customers that a marketer would understand.

    Parameters
    ----------
    words
        Who belongs to it.
    feature
        The column it is made of.
    low, high
        Values of the column that belong to it, bounds included; both NaN: the unknown ones.
    """

    words: str
    feature: Feature
    low: float = -math.inf
    high: float = math.inf

    def members(self, column: _Column) -> _Bools:
        if math.isnan(self.low):
            return np.isnan(column)
        return (column >= self.low) & (column <= self.high)

    @property
    def among_known(self) -> bool:
        """Whether it is held against those of whom the attribute is known, not against all.

        Who tells about themselves is often a better customer, whatever they tell.
        """
        of_attribute = self.feature.measure in ("attribute_number", "attribute_value")
        return of_attribute and not math.isnan(self.low)

    @property
    def topic(self) -> str:
        """What a list says only once: each value of an attribute is a matter of its own."""
        own = self.feature.measure == "attribute_value" and not math.isnan(self.low)
        return meaning(self.feature) if own else topic(self.feature)


def find_associations(
    dataset: Dataset, plan: FeaturePlan, tests: npt.NDArray[np.datetime64]
) -> dict[str, Any]:
    """Groups that have the outcome more, or less, often than the average.

    Parameters
    ----------
    dataset
        Features and outcomes of a training run.
    plan
        Which features they are.
    tests
        (t,) the snapshots to look at.

    Returns
    -------
    dict
        ``average`` (share with the outcome), ``customers`` (distinct), ``snapshots`` (their
        number), ``groups`` (how many were looked at), ``minimum_customers``, ``confidence``,
        ``more_likely`` and ``less_likely``: of each group ``words``, ``said`` (what they are made
        of, to be said in another language), ``feature``, ``among`` (of
        whom the average is; null: of all), ``customers`` (distinct), ``share`` (of all), ``rate``,
        ``average`` (of the same snapshots), ``ratio``, ``low`` and ``high``, the surest first. One
        group a topic, and none within a tenth of the average; of those listed, about one in
        twenty is there by chance.
    """
    rows = np.flatnonzero(np.isin(dataset.as_of, tests))
    population = Population(dataset.labels[rows], dataset.as_of[rows], dataset.users[rows])
    counted = _counted(dataset, plan, rows, population)
    found = associations(
        [each.group for each in counted], false_discovery_rate=FALSE_DISCOVERY_RATE
    )
    sure = _sure(
        [
            _Finding(each.candidate, each.members, one)
            for each, one in zip(counted, found, strict=True)
        ]
    )
    more = [each for each in sure if each.found.ratio >= LEAST_RATIO]
    less = [each for each in sure if each.found.ratio <= 1 / LEAST_RATIO]
    return {
        "average": float(population.positives.sum() / population.rows.sum()),
        "customers": population.users,
        "snapshots": len(population.rows),
        "groups": len(counted),
        "minimum_customers": MIN_CUSTOMERS,
        "confidence": 0.95,
        "more_likely": _listed(sorted(more, key=lambda each: -each.found.low), len(rows)),
        "less_likely": _listed(sorted(less, key=lambda each: each.found.high), len(rows)),
    }


@dataclass(frozen=True, eq=False)
class _Counted:
    """A candidate with its members, eight rows a byte, and what was counted of them."""

    candidate: _Candidate
    members: npt.NDArray[np.uint8]
    group: Group


@dataclass(frozen=True, eq=False)
class _Finding:
    """A candidate with its members and how it stands against the average."""

    candidate: _Candidate
    members: npt.NDArray[np.uint8]
    found: Association


def _counted(
    dataset: Dataset, plan: FeaturePlan, rows: npt.NDArray[np.int64], population: Population
) -> list[_Counted]:
    """The groups that are large enough, each once, whatever columns it can be made of."""
    counted: dict[bytes, _Counted] = {}
    for index, name in enumerate(dataset.feature_names):
        column = dataset.features[rows, index]
        known = ~np.isnan(column)
        told = population if known.all() or not known.any() else population.within(known)
        for candidate in _candidates(read_feature(name, plan), column, plan):
            members = candidate.members(column)
            packed = np.packbits(members)
            if packed.tobytes() not in counted and members.any():
                group = (told if candidate.among_known else population).group(members)
                if _supported(group):
                    counted[packed.tobytes()] = _Counted(candidate, packed, group)
    return list(counted.values())


def _supported(group: Group) -> bool:
    fewest = min(group.expected, int(group.rows.sum()) - group.expected)
    return min(group.users, group.other_users) >= MIN_CUSTOMERS and fewest >= MIN_EXPECTED


def _candidates(feature: Feature, column: _Column, plan: FeaturePlan) -> Iterator[_Candidate]:
    if feature.measure == "count":
        # The columns of a single target event say what that event's own columns say.
        if feature.subject != OTHER_EVENT and not feature.name.startswith("target_"):
            yield from _counts(feature, column)
    elif feature.measure == "attribute_value":
        yield _Candidate(statement(feature, 1), feature, 1, 1)
        yield _Candidate(statement(feature, math.nan), feature, math.nan, math.nan)
    elif feature.measure in _QUARTERED and _wanted(feature, plan):
        yield from _quarters(feature, column)
        if feature.measure in ("attribute_number", "own"):
            yield _Candidate(statement(feature, math.nan), feature, math.nan, math.nan)


def _wanted(feature: Feature, plan: FeaturePlan) -> bool:
    """Of the rhythms, the target's; where the target is no event, everybody's."""
    if feature.measure not in ("days_since_first", "gap_now_to_mean"):
        return True
    return feature.name.startswith("target_" if plan.target_events else "any_")


def _counts(feature: Feature, column: _Column) -> Iterator[_Candidate]:
    yield _Candidate(statement(feature, 0), feature, 0, 0)
    yield _Candidate(at_least_once(feature), feature, 1)
    often = _quartile(column[column > 0], 75)
    if often > 1:
        yield _Candidate(statement(feature, often, "or more"), feature, often)


def _quarters(feature: Feature, column: _Column) -> Iterator[_Candidate]:
    known = column[np.isfinite(column)]
    if not len(known):
        return
    if feature.measure in ("attribute_number", "own") and len(np.unique(known[:1000])) <= 2:
        for value in np.unique(known[:1000]).tolist():
            yield _Candidate(statement(feature, value), feature, value, value)
        return
    low, high = _quartile(known, 25), _quartile(known, 75)
    if low < high:
        yield _Candidate(statement(feature, low, "or less"), feature, high=low)
        yield _Candidate(statement(feature, high, "or more"), feature, low=high)


def _quartile(values: _Column, percent: int) -> float:
    """A quartile that can be said: whole where the values are, else of two digits."""
    if not len(values):
        return 0.0
    step = max(1, len(values) // _QUARTILE_ROWS)
    value = float(np.percentile(values[::step], percent, method="inverted_cdf"))
    return value if value == round(value) else float(f"{value:.2g}")


def _sure(findings: Sequence[_Finding]) -> list[_Finding]:
    """What is told from chance: first of topics, because a list names each once, then of groups.

    Of the topics kept, about one in twenty is there by chance: each has the p-value of Simes
    (Biometrika 73, 1986), those pass Benjamini and Hochberg's procedure, and the groups of the
    topics that do, one of their own at its level (Benjamini and Bogomolov, J. R. Statist. Soc. B
    76, 2014).
    """
    topics: dict[str, list[_Finding]] = {}
    for each in findings:
        topics.setdefault(each.candidate.topic, []).append(each)
    if not topics:
        return []
    adjusted = [
        benjamini_hochberg([each.found.p for each in members]) for members in topics.values()
    ]
    passed = benjamini_hochberg([float(each.min()) for each in adjusted]) <= FALSE_DISCOVERY_RATE
    level = FALSE_DISCOVERY_RATE * float(passed.mean())
    return [
        each
        for members, values, kept in zip(topics.values(), adjusted, passed, strict=True)
        for each, value in zip(members, values, strict=True)
        if kept and value <= level
    ]


def _listed(findings: Sequence[_Finding], rows: int) -> list[dict[str, Any]]:
    """The first of each topic, and of groups that are nearly the same."""
    listed: dict[str, _Finding] = {}
    for each in findings:
        topic_of = each.candidate.topic
        new = topic_of not in listed and not any(
            _overlap(each.members, other.members) >= SAME_GROUP for other in listed.values()
        )
        if new and len(listed) < MAX_LISTED:
            listed[topic_of] = each
    return [_row(each.candidate, each.found, rows) for each in listed.values()]


def _overlap(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Share of the members of either group that are in both."""
    both = int(np.bitwise_count(one & other).sum(dtype=np.int64))
    return both / int(np.bitwise_count(one | other).sum(dtype=np.int64))


def _row(candidate: _Candidate, found: Association, rows: int) -> dict[str, Any]:
    return {
        "words": str(candidate.words),
        "said": kept(candidate.words),
        "feature": candidate.feature.name,
        "among": f"{readable(candidate.feature.subject)} known" if candidate.among_known else None,
        "customers": found.users,
        "share": found.rows / rows,
        "rate": found.positives / found.rows,
        "average": found.expected / found.rows,
        "ratio": found.ratio,
        "low": found.low,
        "high": found.high,
    }
