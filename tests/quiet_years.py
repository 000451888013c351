"""Years of the synthetic shop, watched by the real checks, without lake, store and trees.

The checks read daily counts, profiles and evaluations; here these come from arrays in memory and
from a regression on twenty habits, so that many years are possible.

``python -m tests.quiet_years 100`` prints the alerts of so many quiet years; with ``base-rate``,
``tracking`` or ``channel`` behind it, of years in which that happens on day 180.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa

from evaluation.folds import Fold
from evaluation.steadiness import steadiness
from models.backtest import Backtest, backtest, fit_final
from models.dataset import Dataset
from models.logistic import LogisticLearner
from models.propensity import PropensityModel
from models.scale import scores_from_probabilities
from predictive.features.planning import MIN_OCCURRENCES
from predictive.replay.incidents import NEW_CHANNEL_EVENT, Incident
from predictive.replay.shop import SyntheticShop
from predictive.watching import drift as drift_checks
from predictive.watching import newcomers as newcomer_checks
from predictive.watching.drift import drifts
from predictive.watching.findings import Finding, Verdict
from predictive.watching.newcomers import RECENT_DAYS, Learned, NameCount, newcomers
from predictive.watching.profile import ProfileSample, training_profile, write_profile
from predictive.watching.quality import quality_watch
from predictive.watching.volumes import volumes
from predictive.windows import snapshot_plan, to_datetime64

FIRST = date(2023, 7, 5)
HISTORY = 180
NAME = "buys"
EVENTS = (
    "visit", "product_viewed", "cart_filled", "purchase", "campaign_sent", "campaign_opened",
    "campaign_clicked", "registered", "app_opened",
)  # fmt: skip
COUNTED = ("visit", "product_viewed", "purchase", "campaign_sent", "campaign_opened")
SPANS = (7, 14, 60)
AUDIENCE_DAYS = 60
TRAINED_EVERY = 28


@dataclass(frozen=True)
class Opened:
    """An alert of a year: the day it was opened, counted from the first day watched."""

    day: int
    kind: str
    subject: str


@dataclass
class History:
    """A shop's events as counts.

    Parameters
    ----------
    by_day
        (e, d) events of each name a day.
    running
        Of each counted event, (d + 1, u): how many of it each user had before each day.
    last
        Of each counted event, (d + 1, u): the day of the newest one before each day.
    seen, seen_in_channel
        (d, u) whether a user did anything on a day, and whether in the new channel.
    """

    by_day: np.ndarray
    running: Mapping[str, np.ndarray]
    last: Mapping[str, np.ndarray]
    seen: np.ndarray
    seen_in_channel: np.ndarray

    @classmethod
    def of(cls, shop: SyntheticShop) -> History:
        tables = [table for _, table in shop.tables()]
        who = [_numbers(table["customer"]) for table in tables]
        users = 1 + max(int(numbers.max(initial=0)) for numbers in who)
        by_day = np.zeros((len(EVENTS), len(tables)))
        daily = {name: np.zeros((len(tables), users), np.float32) for name in COUNTED}
        seen = np.zeros((2, len(tables), users), bool)
        for day, (table, numbers) in enumerate(zip(tables, who, strict=True)):
            names = table["event"].to_numpy(zero_copy_only=False)
            seen[0, day, numbers] = True
            seen[1, day, numbers[names == NEW_CHANNEL_EVENT]] = True
            for row, name in enumerate(EVENTS):
                mine = names == name
                by_day[row, day] = mine.sum()
                if name in COUNTED:
                    daily[name][day] = np.bincount(numbers[mine], minlength=users)
        running = {name: _before(np.cumsum(table, axis=0)) for name, table in daily.items()}
        newest = {
            name: _before(
                np.maximum.accumulate(
                    np.where(table > 0, np.arange(len(table))[:, None], -np.inf), axis=0
                ),
                -np.inf,
            )
            for name, table in daily.items()
        }
        return cls(by_day, running, newest, *seen)

    def features(self, day: int, users: np.ndarray) -> np.ndarray:
        columns = []
        for name in COUNTED:
            total = self.running[name]
            columns += [total[day, users] - total[max(0, day - span), users] for span in SPANS]
            columns.append(day - self.last[name][day, users])
        table = np.column_stack(columns).astype(np.float32)
        table[~np.isfinite(table)] = np.nan
        return np.ascontiguousarray(table)

    def audience(self, day: int) -> np.ndarray:
        return np.flatnonzero(self.last["visit"][day] >= day - AUDIENCE_DAYS)

    def outcomes(self, day: int, users: np.ndarray, window: int) -> np.ndarray:
        bought = self.running["purchase"]
        return bought[day + window, users] > bought[day, users]


FEATURES = tuple(
    label for name in COUNTED for label in (*(f"count_{s}d:{name}" for s in SPANS), f"since:{name}")
)


def _numbers(customers: pa.ChunkedArray) -> np.ndarray:
    return np.array([int(customer[1:]) for customer in customers.to_pylist()], dtype=np.int64)


def _before(table: np.ndarray, first: float = 0.0) -> np.ndarray:
    return np.vstack([np.full((1, table.shape[1]), first, table.dtype), table])


@dataclass
class Trained:
    """A model version in a folder of its own."""

    version: int
    day: int
    learned_until: int
    model: PropensityModel
    expected: dict[str, Any]
    profile: dict[str, Any]


@dataclass
class Scored:
    """A scoring run."""

    day: int
    window: int
    version: Trained
    users: np.ndarray
    probabilities: np.ndarray
    profile: dict[str, Any]


@dataclass
class WatchedYear:
    """One year of one prediction: trained every four weeks, scored and watched.

    Parameters
    ----------
    seed, customers
        Of the shop.
    window
        Days ahead.
    score_every
        Days between scoring runs.
    incident
        What goes wrong, on which day of the year; None for a quiet year.
    days
        Length of the year.
    """

    seed: int
    customers: int = 800
    window: int = 14
    score_every: int = 7
    incident: tuple[str, int] | None = None
    days: int = 365
    opened: list[Opened] = field(default_factory=list)
    _open: dict[tuple[str, str], Any] = field(default_factory=dict)
    _looked: tuple[Any, Verdict] = (None, Verdict(()))

    def run(self) -> list[Opened]:
        with tempfile.TemporaryDirectory() as folder:
            return list(self._run(Path(folder)))

    @cached_property
    def history(self) -> History:
        incidents = ()
        if self.incident is not None:
            kind, day = self.incident
            incidents = (Incident(kind, FIRST + timedelta(days=HISTORY + day)),)  # type: ignore[arg-type]
        days = HISTORY + self.days
        return History.of(SyntheticShop(FIRST, days, self.customers, self.seed, incidents))

    def _run(self, folder: Path) -> Iterator[Opened]:
        versions: list[Trained] = []
        runs: list[Scored] = []
        reports: list[SimpleNamespace] = []
        for day in range(HISTORY, HISTORY + self.days + 1):
            if not versions or day - versions[-1].day >= TRAINED_EVERY:
                versions.append(self._train(day, len(versions) + 1, folder))
            if (day - HISTORY) % self.score_every == 0:
                runs.append(self._score(day, versions[-1]))
            for run in runs:
                if run.day + self.window == day:
                    reports.insert(0, self._evaluated(run))
            verdicts = [
                volumes(self._source(day), _midnight(day), "UTC", self._known()),
                self._newcomers(day, versions[-1]),
                self._drifts(folder, runs),
                quality_watch(_workspace(evaluations=reports), NAME),
            ]
            yield from self._settle(day - HISTORY, verdicts)

    def _settle(self, day: int, verdicts: list[Verdict]) -> Iterator[Opened]:
        found = {(one.kind, one.subject): one for each in verdicts for one in each.findings}
        judged = {kind for each in verdicts for kind in each.kinds}
        for key in [key for key in self._open if key[0] in judged and key not in found]:
            del self._open[key]
        for key, finding in found.items():
            if key not in self._open:
                yield Opened(day, *key)
                self._open[key] = finding, _midnight(HISTORY + day)

    def _known(self) -> list[Any]:
        return [
            SimpleNamespace(
                kind=kind,
                subject=subject,
                message=finding.message,
                details=finding.details,
                severity=finding.severity,
                opened_at=opened_at,
            )
            for (kind, subject), (finding, opened_at) in self._open.items()
        ]

    def _source(self, day: int) -> Any:
        """A source that only knows how to count."""
        counts = self.history.by_day[:, :day]
        start = max(0, day - 600)
        hours = [_midnight(each) + timedelta(hours=12) for each in range(start, day)]
        rows = [
            (name, hour, int(counts[row, start + number]))
            for row, name in enumerate(EVENTS)
            for number, hour in enumerate(hours)
            if counts[row, start + number]
        ]
        names, moments, events = zip(*rows, strict=True)
        table = pa.table(
            {
                "name": pa.array(names),
                "hour": pa.array(moments, pa.timestamp("us", "UTC")),
                "events": pa.array(events),
            }
        )
        return SimpleNamespace(ask=lambda _: [(0, table)], history_start=lambda: _midnight(0))

    def _newcomers(self, day: int, version: Trained) -> Verdict:
        counted, moment = self._name_counts(day, version.learned_until), _midnight(day)
        known = Learned(
            NAME,
            _midnight(version.learned_until),
            frozenset(
                one.name
                for one in self._name_counts(version.day, 0)
                if one.events >= MIN_OCCURRENCES
            ),
        )
        with (
            patch.object(newcomer_checks, "name_counts", lambda *_: counted),
            patch.object(newcomer_checks, "customer_counts", lambda *_: self._customers(day)),
        ):
            return newcomers(self._source(day), moment, [known], self._known())

    def _name_counts(self, day: int, until: int) -> list[NameCount]:
        counts = self.history.by_day[:, :day]
        return [
            NameCount(
                name,
                _midnight(int(np.argmax(row > 0))),
                int(row.sum()),
                int(row[-RECENT_DAYS:].sum()),
                {_midnight(until): int(row[:until].sum())},
            )
            for name, row in zip(EVENTS, counts, strict=True)
            if row.any()
        ]

    def _customers(self, day: int) -> tuple[int, dict[str, int]]:
        """Of every event that isn't there from the beginning: of one."""
        recent = slice(day - RECENT_DAYS, day)
        active, new = (
            int(seen[recent].any(axis=0).sum())
            for seen in (self.history.seen, self.history.seen_in_channel)
        )
        return active, {NEW_CHANNEL_EVENT: new}

    def _train(self, day: int, version: int, folder: Path) -> Trained:
        plan = snapshot_plan(_midnight(0), _midnight(day), self.window, mirrored=False)
        parts = [self._rows(_number(moment)) for moment in plan.snapshots]
        dataset = Dataset(
            np.ascontiguousarray(np.vstack([features for features, _, _ in parts])),
            np.concatenate([labels for _, labels, _ in parts]),
            np.repeat(to_datetime64(plan.snapshots), [len(users) for _, _, users in parts]),
            np.concatenate([users for _, _, users in parts]),
            FEATURES,
            np.timedelta64(self.window, "D"),
        )
        end = to_datetime64([plan.data_end])[0]
        tests = list(to_datetime64(plan.tests))
        tested = backtest(
            dataset, data_end=end, test_moments=tests, seed=0, learners=[LogisticLearner()]
        )
        model = fit_final(dataset, tested, data_end=end, seed=0)
        profile = training_profile(dataset, tested, tested.base_rate)
        own = folder / str(version)
        own.mkdir()
        write_profile(own, profile)
        learned_until = _number(plan.snapshots[-1])
        return Trained(version, day, learned_until, model, _steady(tested), profile)

    def _rows(self, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        users = self.history.audience(day)
        outcomes = self.history.outcomes(day, users, self.window)
        return self.history.features(day, users), outcomes, users

    def _score(self, day: int, version: Trained) -> Scored:
        users = self.history.audience(day)
        features = self.history.features(day, users)
        probabilities = version.model.probabilities(features)
        sample = ProfileSample()
        sample.add(features, scores_from_probabilities(probabilities, version.model.base_rate))
        profile = sample.profile(version.profile)
        return Scored(day, self.window, version, users, probabilities, profile)

    def _evaluated(self, run: Scored) -> SimpleNamespace:
        labels = self.history.outcomes(run.day, run.users, self.window)
        fold = Fold(labels, run.probabilities, run.users)
        actual = {name: one and one.to_dict() for name, one in steadiness([fold]).items()}
        ratio = labels.sum() / run.probabilities.sum()
        report = {
            "run_id": str(run.day),
            "model_version": run.version.version,
            "as_of": _midnight(run.day).isoformat(),
            "matured_at": _midnight(run.day + self.window).isoformat(),
            "expected": {"steadiness": run.version.expected},
            "actual": {"steadiness": actual, "calibration": {"observed_expected": ratio}},
        }
        return SimpleNamespace(run_id=str(run.day), report=report)

    def _drifts(self, folder: Path, runs: list[Scored]) -> Verdict:
        newest = runs[-1]
        key = newest.day, "feature_drift" in self._kinds(), "score_drift" in self._kinds()
        if key != self._looked[0]:
            stored = [self._stored(run) for run in runs]
            unread = patch.object(drift_checks, "read_plan", lambda _: None)
            with unread, patch.object(drift_checks, "_features_moved", _moved):
                verdict = drifts(_workspace(path=folder), stored[-1], stored[:-1], self._known())
            self._looked = key, verdict
        return self._looked[1]

    def _kinds(self) -> set[str]:
        return {kind for kind, _ in self._open}

    def _stored(self, run: Scored) -> Any:
        return SimpleNamespace(
            run_id=str(run.day),
            prediction=NAME,
            model_version=run.version.version,
            as_of=_midnight(run.day),
            matures_at=_midnight(run.day + self.window),
            profile=run.profile,
        )


def _moved(run: Any, moved: Any, features: Any, plan: Any) -> Finding:
    names = sorted(moved, key=lambda one: one.threshold / one.psi)
    return Finding(
        "feature_drift", "features", ", ".join(one.name for one in names[:3]), prediction=NAME
    )


def _steady(tested: Backtest) -> dict[str, Any]:
    folds = [Fold(fold.labels, fold.probabilities, fold.users) for fold in tested.folds]
    return {name: one and one.to_dict() for name, one in steadiness(folds).items()}


def _workspace(evaluations: Any = (), path: Path | None = None) -> Any:
    return SimpleNamespace(
        path=path,
        store=SimpleNamespace(
            evaluations=SimpleNamespace(list=lambda _: evaluations),
            models=SimpleNamespace(get=lambda _, version: SimpleNamespace(folder=str(version))),
        ),
    )


def _midnight(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(), UTC)


def _number(moment: datetime) -> int:
    return (moment.date() - FIRST).days


def main(years: int, incident: str | None) -> None:
    """Print the alerts of so many years, each with another seed."""
    counted: Counter[str] = Counter()
    for seed in range(years):
        planned = (incident, 180) if incident else None
        opened = WatchedYear(seed, incident=planned).run()
        counted.update(one.kind for one in opened)
        print(seed, [(one.day, one.kind, one.subject) for one in opened], flush=True)
    print({kind: round(number / years, 3) for kind, number in counted.items()})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
