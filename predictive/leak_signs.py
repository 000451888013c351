"""The signs of a leak, each looked for by itself: see :mod:`predictive.leakage`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from evaluation.association import Group, Population
from evaluation.ranking import auc
from models.dataset import Dataset
from predictive.features.names import ANY_EVENT, OTHER_EVENT, Feature, read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import at_least_once, meaning, readable, statement
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence, joined

#: A single feature that ranks customers so well by itself is rarely an honest one,
SUSPECT_AUC = 0.98
#: unless what customers did of the target's own so far comes as near to 1, but for this factor:
#: then the outcome is easily foretold.
NEARER = 2.0
#: A group of which surely so many have the rarer outcome, with odds so many times the average's,
#: is as good as told: by a value of an attribute, and (events do announce outcomes) by an event,
TELLING_RATE, TELLING_ODDS, TELLING_EVENT_ODDS = 0.95, 20.0, 50.0
#: unless the target's own events tell it with odds of this part of the event's.
OWN_ODDS = 3.0
#: An event happens only with the target if surely so many of its customers did the target
#: within the same shortest lookback, with odds so many times the average's.
COMPANION_RATE, COMPANION_ODDS = 0.95, 10.0
#: How sure: there are hundreds of groups to look at.
SURE = 0.999
#: Fewest customers that such a thing is said of.
MIN_CUSTOMERS = 50
_MIN_OF_CLASS = 10
_BINS = 20

Kind = Literal[
    "predicts_alone",
    "attribute_tells",
    "event_tells",
    "only_near_outcome",
    "announces_target",
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
        The events, properties or attributes to look at, as ``exclude_features`` takes them; the
        feature's own name where it is made of everything.
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
            "words": str(self.words),
            "advice": str(self.advice),
            "said": {"words": kept(self.words), "advice": kept(self.advice)},
            "figures": self.figures,
        }


@dataclass(frozen=True, eq=False)
class Column:
    """A feature with its values at the rows that are looked at."""

    feature: Feature
    values: npt.NDArray[np.float32]

    @property
    def of_attribute(self) -> bool:
        """Whether it is made of an attribute."""
        return self.feature.measure in ("attribute_number", "attribute_value")

    @property
    def source(self) -> str:
        """What it is made of, as the data calls it."""
        if self.feature.measure.startswith("amount_"):
            return "amount"
        everything = self.feature.subject in (ANY_EVENT, OTHER_EVENT)
        return self.feature.name if everything else self.feature.subject

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


class Signs:
    """What the features of some snapshots show.

    Parameters
    ----------
    rows
        Features and outcomes.
    plan
        Which features they are.
    untimed
        Attributes without a time.
    """

    def __init__(self, rows: Dataset, plan: FeaturePlan, untimed: Sequence[str]) -> None:
        self._rows, self._plan, self._untimed = rows, plan, untimed
        self._population = Population(rows.labels, rows.as_of, rows.users)
        self._columns = [
            Column(read_feature(name, plan), rows.features[:, index])
            for index, name in enumerate(rows.feature_names)
        ]

    def alone(self) -> Iterator[Finding]:
        """Features that rank customers nearly perfectly by themselves, whatever their shape."""
        half = self._rows.users % 2 == 0
        labels = self._rows.labels
        if min(_rarer(labels[half]), _rarer(labels[~half])) < _MIN_OF_CLASS:
            return
        suspects = [
            (column, value)
            for column in self._columns
            if not self._own(column) and (value := _both_ways(labels, column, half)) >= SUSPECT_AUC
        ]
        if not suspects:
            return
        own = [_both_ways(labels, column, half) for column in self._columns if self._own(column)]
        distance = 1 - max(own, default=0.5)
        for column, value in suspects:
            if NEARER * (1 - value) <= distance:
                yield Finding(
                    "predicts_alone",
                    "warning",
                    (column.source,),
                    Sentence(
                        "“{feature}” alone tells the outcome nearly without an error (AUC "
                        "{auc:.3f}, where 1 is perfect).{more}",
                        feature=meaning(column.feature),
                        auc=value,
                        more=self._since(column),
                    ),
                    _advice(column),
                    {"auc": value},
                )

    def telling_attributes(self) -> Iterator[Finding]:
        """Values of attributes of whose customers nearly all have the rarer outcome."""
        for column in self._columns:
            if not column.of_attribute:
                continue
            for words, members in _values(column):
                group = self._population.group(members)
                if _told(group, TELLING_RATE, TELLING_ODDS):
                    yield Finding(
                        "attribute_tells",
                        "warning",
                        (column.source,),
                        self._of(group, words, self._since(column)),
                        _advice(column),
                        _figures(group),
                    )

    def telling_events(self) -> Iterator[Finding]:
        """Events, the target's left out, whose customers nearly all have the rarer outcome."""
        told: dict[str, list[tuple[Feature, Group]]] = {}
        for column in self._counts():
            group = self._population.group(column.values > 0)
            if _told(group, TELLING_RATE, TELLING_EVENT_ODDS):
                told.setdefault(column.source, []).append((column.feature, group))
        if not told:
            return
        own = self._odds_of_own()
        for name, lookbacks in told.items():
            # All history if that tells it, else the lookback that most customers are in.
            feature, group = max(lookbacks, key=lambda pair: (not pair[0].days, pair[1].users))
            ever = feature.days is None
            if _odds(_rate_of_rarer(group)[1]) >= OWN_ODDS * own:
                yield Finding(
                    "event_tells" if ever else "only_near_outcome",
                    "warning",
                    (name,),
                    self._of(
                        group,
                        at_least_once(feature),
                        "" if ever else Sentence(" Longer ago, it says much less."),
                    ),
                    Sentence(
                        "If {name} is recorded because of the outcome, or dated back, put it under "
                        "exclude_features. If it truly happens before, all is well.",
                        name=readable(name),
                    ),
                    _figures(group),
                )

    def companions(self) -> Iterator[Finding]:
        """Events that hardly happen without what the target speaks of."""
        shortest = min(self._plan.lookback_days)
        name = f"target_days_{shortest}d"
        did = [column.values > 0 for column in self._columns if column.feature.name == name]
        if not did:
            return
        population = Population(did[0], self._rows.as_of, self._rows.users)
        target = joined([readable(event) for event in self._plan.target_events], " or ")
        for column in self._counts():
            group = population.group(column.values > 0)
            if column.feature.days == shortest and surely(group, COMPANION_RATE, COMPANION_ODDS):
                yield Finding(
                    "only_with_target",
                    "note",
                    (column.source,),
                    Sentence(
                        "{name} hardly happens without {target}: of {users:,} customers with it in "
                        "{days} days, {percent:.1f} % also have {target} in them.",
                        name=readable(column.source),
                        target=target,
                        users=group.users,
                        days=shortest,
                        percent=_percent(group),
                    ),
                    Sentence(
                        "If it is stamped earlier than the {target} that it belongs to, it gives "
                        "that away: check, or put it under exclude_features.",
                        target=target,
                    ),
                    _figures(group),
                )

    def _own(self, column: Column) -> bool:
        """Whether it says what customers did of the target so far, or how active they are."""
        feature = column.feature
        if feature.measure.startswith("amount_") or column.of_attribute:
            return False
        own = (*self._plan.target_events, ANY_EVENT, OTHER_EVENT)
        return feature.subject in own or feature.name.startswith("target_")

    def _counts(self) -> list[Column]:
        """Counts of the events that the target does not speak of."""
        return [
            each
            for each in self._columns
            if each.feature.measure == "count" and not self._own(each)
        ]

    def _odds_of_own(self) -> float:
        """Odds of the rarer outcome where the target's own events tell most of it."""
        groups = [
            self._population.group(members)
            for column in self._columns
            if column.feature.measure == "count" and self._own(column)
            for members in (column.values > 0, column.values == 0)
        ]
        odds = [_odds(_rate_of_rarer(group)[0]) for group in groups if group.users >= MIN_CUSTOMERS]
        return max(odds, default=0.0)

    def _of(self, group: Group, words: str, more: str) -> Sentence:
        average = self._population.positives.sum() / self._population.rows.sum()
        return Sentence(
            "Of {users:,} customers with “{words}”, {percent:.1f} % had the outcome; of all, "
            "{average:.1f} %.{more}",
            users=group.users,
            words=words,
            percent=_percent(group),
            average=100 * float(average),
            more=more,
        )

    def _since(self, column: Column) -> str:
        if column.of_attribute and column.source in self._untimed:
            return Sentence(" It has no time, so it may be newer than the outcome.")
        return ""


def _both_ways(labels: _Bools, column: Column, half: _Bools) -> float:
    """AUC on either half of the users of what the other half shows, the smaller of the two."""
    codes = column.bins()
    value = _auc_of_bins(labels, codes, half)
    return min(value, _auc_of_bins(labels, codes, ~half)) if value >= SUSPECT_AUC else value


def _auc_of_bins(labels: _Bools, codes: _Ints, learn: _Bools) -> float:
    """AUC on one half of the rates that the other half has in each bin."""
    rows = np.bincount(codes[learn], minlength=int(codes.max()) + 1)
    positives = np.bincount(codes[learn & labels], minlength=len(rows))
    rates = (positives + labels[learn].mean()) / (rows + 1)
    return auc(labels[~learn], rates[codes[~learn]])


def _values(column: Column) -> Iterator[tuple[str, _Bools]]:
    feature = column.feature
    unknown = np.isnan(column.values)
    if unknown.any() and not unknown.all():
        yield Sentence("{name} known", name=readable(feature.subject)), ~unknown
        yield statement(feature, math.nan), unknown
    if feature.measure == "attribute_value":
        yield statement(feature, 1), column.values == 1
        return
    codes = column.bins()
    for code in np.unique(codes[~unknown]).tolist():
        members = (codes == code) & ~unknown
        low, high = float(column.values[members].min()), float(column.values[members].max())
        text = statement(feature, low)
        span = text if low == high else Sentence("{low} to {high:g}", low=text, high=high)
        yield span, members


def _told(group: Group, rate: float, odds: float) -> bool:
    """Whether surely nearly all of a group have the outcome that is the rarer one."""
    return surely(group if _usual(group) <= 0.5 else _turned(group), rate, odds)


def surely(group: Group, rate: float, odds: float) -> bool:
    """Whether surely nearly all of a group are positive, and many more than on average."""
    usual = _usual(group)
    if min(group.users, group.other_users) < MIN_CUSTOMERS or not 0 < usual < 1:
        return False
    low, _ = group.rate_interval(SURE)
    return low >= rate and _odds(low) >= odds * _odds(usual)


def _rate_of_rarer(group: Group) -> tuple[float, float]:
    """Share of a group with the rarer outcome: as counted, and what it surely is."""
    rarer = group if _usual(group) <= 0.5 else _turned(group)
    rate = float(rarer.positives.sum() / rarer.rows.sum())
    return min(rate, 1 - 1 / (1 + rarer.users)), rarer.rate_interval(SURE)[0]


def _turned(group: Group) -> Group:
    """The same group with the outcomes turned round."""
    return replace(
        group,
        positives=group.rows - group.positives,
        all_positives=group.all_rows - group.all_positives,
    )


def _usual(group: Group) -> float:
    rows = int(group.rows.sum())
    return group.expected / rows if rows else 0.0


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf


def _advice(column: Column) -> Sentence:
    if column.of_attribute:
        return Sentence(
            "If {name} is filled in because of the outcome, put it under exclude_features; if it "
            "was known before, import it with its time.",
            name=readable(column.source),
        )
    return Sentence(
        "Too good is seldom true: look at when it is recorded, and put it under "
        "exclude_features if that is after the outcome."
    )


def _figures(group: Group) -> dict[str, float]:
    return {
        "customers": group.users,
        "rate": float(group.positives.sum() / group.rows.sum()),
        "average": _usual(group),
    }


def _percent(group: Group) -> float:
    return float(100 * group.positives.sum() / group.rows.sum())


def _rarer(labels: _Bools) -> int:
    positives = int(np.count_nonzero(labels))
    return min(positives, len(labels) - positives)
