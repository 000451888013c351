"""What looks as if a model had been told the outcome: found at build time, in plain words.

Features see only what is stamped before the moment of prediction, so that what leaks is what is
stamped wrongly: an attribute without a time that was filled in later, an event recorded because
of the outcome and dated back. A finding is a reason to look, not a proof.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from evaluation.association import Association, Group, Population, associations
from evaluation.ranking import auc
from models.dataset import Dataset
from predictive.features.names import ANY_EVENT, OTHER_EVENT, Feature, read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import at_least_once, meaning, readable, statement
from predictive.sources import EventSource

#: A single feature that ranks customers so well by itself is rarely an honest one.
SUSPECT_AUC = 0.98
#: A group of which surely so many have the outcome, with odds so many times the average's, is
#: as good as told: by a value of an attribute, and (events do announce outcomes) by an event.
TELLING_RATE, TELLING_ODDS, TELLING_EVENT_ODDS = 0.95, 20.0, 50.0
#: An event happens only with the target if surely so many of its customers did the target
#: within the same shortest lookback, with odds so many times the average's.
COMPANION_RATE, COMPANION_ODDS = 0.95, 10.0
#: How sure: there are hundreds of groups to look at.
SURE = 0.999
#: Fewest customers that such a thing is said of.
MIN_CUSTOMERS = 50
#: Rows looked at; a leak large enough to matter shows in so many.
MAX_ROWS = 50_000
_BINS = 20

Kind = Literal[
    "predicts_alone",
    "attribute_tells",
    "event_tells",
    "only_near_outcome",
    "attributes_without_time",
    "only_with_target",
]
Severity = Literal["warning", "note"]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Finding:
    """Something to look at before a model is trusted.

    Parameters
    ----------
    kind
        What was seen.
    severity
        ``warning``: the model may know the outcome; ``note``: worth knowing.
    names
        The events or attributes to look at, as the data calls them.
    words
        What was seen, in a sentence.
    advice
        What to do about it.
    figures
        The numbers behind it.
    """

    kind: Kind
    severity: Severity
    names: tuple[str, ...]
    words: str
    advice: str
    figures: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As reports hold it."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "names": list(self.names),
            "words": self.words,
            "advice": self.advice,
            "figures": self.figures,
        }


def untimed_attributes(source: EventSource, plan: FeaturePlan) -> tuple[str, ...]:
    """Attributes of the features that have values without a time, sorted."""
    names = (*plan.number_attributes, *plan.text_attributes)
    if not names:
        return ()
    attributes = source.tables(None).attributes
    untimed = attributes.filter(attributes.time.isnull() & attributes.name.isin(names))
    found: list[str] = untimed.select("name").distinct().to_pyarrow()["name"].to_pylist()
    return tuple(sorted(found))


def find_leaks(
    dataset: Dataset,
    plan: FeaturePlan,
    tests: npt.NDArray[np.datetime64],
    untimed: Sequence[str],
    *,
    seed: int,
) -> list[Finding]:
    """Look for features that know too much.

    Parameters
    ----------
    dataset
        Features and outcomes of a training run.
    plan
        Which features they are.
    tests
        (t,) the snapshots to look at, together and the newest by itself.
    untimed
        Attributes without a time, from :func:`untimed_attributes`.
    seed
        Of the rows drawn where there are very many.

    Returns
    -------
    list of Finding
        Warnings first, one for each name.
    """
    found: list[Finding] = []
    # What was filled in afterwards tells most of the newest outcomes and less of older ones.
    newest = tests[tests == tests.max()]
    for moments in [tests, newest][: len(tests)]:
        rows = dataset.sampled(MAX_ROWS, seed, np.isin(dataset.as_of, moments))
        columns = [
            _Column(read_feature(name, plan), rows.features[:, index])
            for index, name in enumerate(rows.feature_names)
        ]
        found += _alone(rows, columns, untimed)
        found += _telling_attributes(rows, columns, untimed)
        found += _telling_events(rows, columns, plan)
        found += _companions(rows, columns, plan)
    found += _without_time(untimed)
    return sorted(_one_a_name(found), key=lambda each: each.severity == "note")


@dataclass(frozen=True, eq=False)
class _Column:
    feature: Feature
    values: npt.NDArray[np.float32]

    def bins(self) -> _Ints:
        """(n,) bin of each row, the unknown in one of their own."""
        known = self.values[np.isfinite(self.values)]
        if not len(known):
            return np.zeros(len(self.values), np.int64)
        quantiles = np.quantile(known, np.linspace(0, 1, _BINS + 1), method="inverted_cdf")
        # Both sides of a tie: a value that many share is a bin of its own.
        edges = np.unique(np.concatenate([quantiles[1:], np.nextafter(quantiles, -np.inf)]))
        codes = np.searchsorted(edges, self.values, side="left")
        return np.where(np.isnan(self.values), len(edges) + 1, codes)


def _alone(rows: Dataset, columns: Sequence[_Column], untimed: Sequence[str]) -> Iterator[Finding]:
    """Features that rank customers nearly perfectly by themselves, whatever their shape."""
    half = rows.users % 2 == 0
    if min(_smallest_class(rows.labels[half]), _smallest_class(rows.labels[~half])) < 10:
        return
    for column in columns:
        codes = column.bins()
        value = _auc_of_bins(rows.labels, codes, half)
        if value >= SUSPECT_AUC:
            value = min(value, _auc_of_bins(rows.labels, codes, ~half))
        if value >= SUSPECT_AUC:
            yield Finding(
                "predicts_alone",
                "warning",
                (column.feature.subject,),
                f"“{meaning(column.feature)}” alone tells the outcome nearly without an error "
                f"(AUC {value:.3f}, where 1 is perfect).{_since(column.feature, untimed)}",
                _advice(column.feature),
                {"auc": value},
            )


def _auc_of_bins(labels: _Bools, codes: _Ints, learn: _Bools) -> float:
    """AUC on one half of the users of the rates that the other half has in each bin."""
    rows = np.bincount(codes[learn], minlength=int(codes.max()) + 1)
    positives = np.bincount(codes[learn & labels], minlength=len(rows))
    rates = (positives + labels[learn].mean()) / (rows + 1)
    return auc(labels[~learn], rates[codes[~learn]])


def _telling_attributes(
    rows: Dataset, columns: Sequence[_Column], untimed: Sequence[str]
) -> Iterator[Finding]:
    """Values of attributes that nearly everybody with the outcome has, or nearly nobody."""
    population = Population(rows.labels, rows.as_of, rows.users)
    values = [
        (column.feature, words, population.group(members))
        for column in columns
        if column.feature.measure in ("attribute_number", "attribute_value")
        for words, members in _values(column)
    ]
    told = _told([group for _, _, group in values], TELLING_RATE, TELLING_ODDS)
    for (feature, words, group), found in zip(values, told, strict=True):
        if found is not None:
            yield Finding(
                "attribute_tells",
                "warning",
                (feature.subject,),
                f"Of {group.users:,} customers with “{words}”, {_percent(found)} had the "
                f"outcome; of all, {_percent_of(population)}.{_since(feature, untimed)}",
                _advice(feature),
                _figures(found),
            )


def _values(column: _Column) -> Iterator[tuple[str, _Bools]]:
    feature = column.feature
    unknown = np.isnan(column.values)
    if unknown.any() and not unknown.all():
        yield f"{readable(feature.subject)} known", ~unknown
        yield statement(feature, math.nan), unknown
    if feature.measure == "attribute_value":
        yield statement(feature, 1), column.values == 1
        return
    codes = column.bins()
    for code in np.unique(codes[~unknown]).tolist():
        members = (codes == code) & ~unknown
        low, high = float(column.values[members].min()), float(column.values[members].max())
        text = statement(feature, low)
        yield text if low == high else f"{text} to {high:g}", members


def _telling_events(
    rows: Dataset, columns: Sequence[_Column], plan: FeaturePlan
) -> Iterator[Finding]:
    """Events, the target's own left out, after which the outcome is as good as certain."""
    population = Population(rows.labels, rows.as_of, rows.users)
    counts = _counts_of_others(columns, plan)
    groups = [population.group(column.values > 0) for column in counts]
    told: dict[str, list[tuple[Feature, Association]]] = {}
    for column, found in zip(counts, _told(groups, TELLING_RATE, TELLING_EVENT_ODDS), strict=True):
        if found is not None:
            told.setdefault(column.feature.subject, []).append((column.feature, found))
    for name, lookbacks in told.items():
        # All history if that tells it, else the lookback that most customers are in.
        feature, found = max(lookbacks, key=lambda pair: (pair[0].days is None, pair[1].rows))
        ever = feature.days is None
        yield Finding(
            "event_tells" if ever else "only_near_outcome",
            "warning",
            (name,),
            f"Of {found.users:,} customers with “{at_least_once(feature)}”, {_percent(found)} had "
            f"the outcome; of all, {_percent_of(population)}."
            f"{'' if ever else ' Longer ago, it says much less.'}",
            f"If {readable(name)} is recorded because of the outcome, or dated back, put it under "
            "exclude_features. If it truly happens before, all is well.",
            _figures(found),
        )


def _companions(rows: Dataset, columns: Sequence[_Column], plan: FeaturePlan) -> Iterator[Finding]:
    """Events that happen only together with what the target speaks of."""
    shortest = min(plan.lookback_days)
    did = [
        column.values > 0
        for column in columns
        if column.feature.name == f"target_count_{shortest}d"
    ]
    if not did:
        return
    population = Population(did[0], rows.as_of, rows.users)
    target = " or ".join(readable(event) for event in plan.target_events)
    counts = [each for each in _counts_of_others(columns, plan) if each.feature.days == shortest]
    groups = [population.group(column.values > 0) for column in counts]
    for column, found in zip(counts, _told(groups, COMPANION_RATE, COMPANION_ODDS), strict=True):
        if found is not None and found.ratio > 1:
            name = column.feature.subject
            yield Finding(
                "only_with_target",
                "note",
                (name,),
                f"{readable(name)} hardly happens without {target}: of {found.users:,} customers "
                f"with it in {shortest} days, {_percent(found)} also have {target} in them.",
                f"If it is stamped earlier than the {target} that it belongs to, it gives that "
                "away: check, or put it under exclude_features.",
                _figures(found),
            )


def _counts_of_others(columns: Sequence[_Column], plan: FeaturePlan) -> list[_Column]:
    """Counts of the events that the target does not speak of."""
    own = (*plan.target_events, ANY_EVENT, OTHER_EVENT)
    return [
        column
        for column in columns
        if column.feature.measure == "count"
        and column.feature.subject not in own
        and not column.feature.name.startswith("target_")
    ]


def _without_time(untimed: Sequence[str]) -> Iterator[Finding]:
    if not untimed:
        return
    many = len(untimed) > 1
    yield Finding(
        "attributes_without_time",
        "note",
        tuple(untimed),
        f"{'Attributes' if many else 'An attribute'} without a time: "
        f"{', '.join(readable(name) for name in untimed)}. The model takes "
        f"{'them' if many else 'it'} as true at every moment of the past.",
        "If values change, import them with the time from which they hold: else the past is "
        "explained by what was only known later.",
    )


def _told(groups: Sequence[Group], rate: float, odds: float) -> list[Association | None]:
    """Each group against the average if its members surely had the outcome, or surely not."""
    return [
        found
        if min(group.users, group.other_users) >= MIN_CUSTOMERS and _sure(group, rate, odds)
        else None
        for group, found in zip(groups, associations(groups), strict=True)
    ]


def _sure(group: Group, rate: float, odds: float) -> bool:
    usual = group.expected / int(group.rows.sum())
    if not 0 < usual < 1:
        return False
    low, high = group.rate_interval(SURE)
    surely = low >= rate and _odds(low) >= odds * _odds(usual)
    return surely or (1 - high >= rate and odds * _odds(high) <= _odds(usual))


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf


def _one_a_name(findings: Sequence[Finding]) -> list[Finding]:
    """Of each severity and name the first finding; of features that tell alone the surest."""
    kept: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        key = (each.severity, *each.names)
        first = kept.setdefault(key, each)
        if each.figures.get("auc", 0) > first.figures.get("auc", 1):
            kept[key] = each
    return list(kept.values())


def _since(feature: Feature, untimed: Sequence[str]) -> str:
    of_attribute = feature.measure in ("attribute_number", "attribute_value")
    if of_attribute and feature.subject in untimed:
        return " It has no time, so it may be newer than the outcome."
    return ""


def _advice(feature: Feature) -> str:
    if feature.measure in ("attribute_number", "attribute_value"):
        return (
            f"If {readable(feature.subject)} is filled in because of the outcome, put it under "
            "exclude_features; if it was known before, import it with its time."
        )
    return (
        "Too good is seldom true: look at when it is recorded, and put it under "
        "exclude_features if that is after the outcome."
    )


def _figures(found: Association) -> dict[str, float]:
    return {
        "customers": found.users,
        "rate": found.positives / found.rows,
        "average": found.expected / found.rows,
    }


def _percent(found: Association) -> str:
    return f"{100 * found.positives / found.rows:.1f} %"


def _percent_of(population: Population) -> str:
    return f"{100 * population.positives.sum() / population.rows.sum():.1f} %"


def _smallest_class(labels: _Bools) -> int:
    positives = int(np.count_nonzero(labels))
    return min(positives, len(labels) - positives)
