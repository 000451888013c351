"""Whether those who are scored differ from those the model learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.alarms import level
from evaluation.drift import EarlierChange, drift
from predictive.features.names import read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import meaning
from predictive.model_folder import read_plan
from predictive.store.alerts import Alert
from predictive.store.run import Run
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.watching.profile import read_profile
from predictive.windows import snapshot_step_days
from predictive.wording.sentence import Sentence, joined
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("feature_drift", "score_drift")
FEATURES, SCORES = "features", "scores"
#: Features that an alert names.
NAMED = 10
#: Looks a year that are not nearly the same look: features remember about a month.
_LOOKS_A_YEAR = 26
_DAY = timedelta(days=1)
#: How far back runs tell what is usual.
REMEMBERED = timedelta(days=60)
#: Days that earlier runs cover before anything is told: training snapshots lie whole weeks apart
#: and miss what comes and goes between them, weekdays or a campaign every other week.
_LEAST_PHASES, _MOST_PHASES = 14, 28
#: An open alert closes when nothing is beyond this share of its threshold any more.
_RECOVERED_SHARE = 0.8


@dataclass(frozen=True)
class _Moved:
    """How far a feature, or the scores, moved, and how far they might have."""

    name: str
    psi: float
    threshold: float
    usual_known: bool

    def told(self, known: bool) -> bool:
        """Beyond the threshold, or, where people were told before, not yet well below it."""
        share = _RECOVERED_SHARE if known else 1.0
        return self.usual_known and self.psi > share * self.threshold

    def figures(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"psi": round(self.psi, 4), "threshold": round(self.threshold, 4)}


def drifts(
    workspace: Workspace, run: Run, earlier: Sequence[Run], open_alerts: Sequence[Alert]
) -> Verdict:
    """Compare a run's profile with its model's.

    Parameters
    ----------
    workspace
        Where the models stand.
    run
        The scoring run that is looked at.
    earlier
        Those before it, oldest first: they tell what comes and goes without anything being wrong.
        Nothing is told of a feature before they cover the time between two training snapshots.
    open_alerts
        The prediction's.
    """
    usual = _Usual(workspace)
    for one in (*remembered(run, earlier), run):
        moved = usual.add(one)
    if moved is None:
        return Verdict((), report={"drift": None})
    features, scores = moved
    known = {alert.kind for alert in open_alerts}
    far = [one for one in features if one.told("feature_drift" in known)]
    findings = []
    if far:
        findings.append(_features_moved(run, far, features, read_plan(usual.folder(run))))
    if scores.told("score_drift" in known):
        findings.append(_scores_moved(run, scores))
    report = {
        "run_id": run.run_id,
        "model_version": run.model_version,
        "rows": run.profile and run.profile["rows"],
        "scores": scores.figures(),
        "features": [{"name": one.name} | one.figures() for one in _furthest(features)],
    }
    return Verdict(KINDS, findings, {"drift": report})


def remembered(run: Run, earlier: Sequence[Run]) -> list[Run]:
    """Of the runs before another the one of each day, as far back as they are remembered."""
    since = run.as_of - REMEMBERED
    daily = {one.as_of.date(): one for one in earlier if since <= one.as_of < run.as_of}
    return sorted(daily.values(), key=lambda one: one.as_of)


class _Usual:
    """Looks at one run after another and remembers how its features moved."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._trainings: dict[int, dict[str, Any] | None] = {}
        self._seen: dict[str, list[tuple[datetime, float]]] = {}
        self._first: dict[str, datetime] = {}

    def folder(self, run: Run) -> Path:
        """Where the run's model stands."""
        models = self._workspace.store.models
        return self._workspace.path / models.get(run.prediction, run.model_version).folder

    def _is_known(self, name: str, run: Run) -> bool:
        """Whether runs saw the feature at every phase that training snapshots have in common."""
        window_days = (run.matures_at - run.as_of).days
        phases = min(max(snapshot_step_days(window_days), _LEAST_PHASES), _MOST_PHASES)
        first = self._first.setdefault(name, run.as_of)
        return run.as_of - first >= timedelta(days=phases)

    def add(self, run: Run) -> tuple[list[_Moved], _Moved] | None:
        """How far the features and the scores of a run moved; None without profiles."""
        if run.model_version not in self._trainings:
            self._trainings[run.model_version] = read_profile(self.folder(run))
        training = self._trainings[run.model_version]
        if training is None or run.profile is None:
            return None
        features = training["features"]
        moved = self._look(run, features["names"], features, run.profile["features"], "features")
        (scores,) = self._look(
            run, [SCORES], _of_scores(training["scores"]), [run.profile["scores"]], "scores"
        )
        return moved, scores

    def _look(
        self,
        run: Run,
        names: Sequence[str],
        training: Mapping[str, Any],
        counts: Sequence[Sequence[int]],
        family: str,
    ) -> list[_Moved]:
        snapshots = np.stack([_table(snapshot) for snapshot in training["counts"]])
        found = drift(
            snapshots,
            [_days(moment) for moment in training["as_of"]],
            _table(counts),
            gap=(run.matures_at - run.as_of) / _DAY,
            alpha=level(_LOOKS_A_YEAR, FALSE_ALERTS_A_YEAR[family]) / len(names),
            earlier=self._earlier(names),
        )
        known = [self._is_known(name, run) for name in names]
        for name, change, told in zip(names, found.change, found.drifted & known, strict=True):
            # What was told of is not usual.
            if not told:
                self._seen.setdefault(name, []).append((run.as_of, float(change)))
        figures = zip(names, found.psi.tolist(), found.threshold.tolist(), known, strict=True)
        return [_Moved(*one) for one in figures]

    def _earlier(self, names: Sequence[str]) -> EarlierChange:
        seen = [self._seen.get(name, []) for name in names]
        return EarlierChange(
            np.array([np.mean([change for _, change in one]) if one else 0.0 for one in seen]),
            # Runs of one week are nearly one look.
            np.array([float(len({_days(as_of) // 7 for as_of, _ in one})) for one in seen]),
        )


def _of_scores(training: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of the scores in the shape of that of one feature."""
    return {"as_of": training["as_of"], "counts": [[counts] for counts in training["counts"]]}


def _table(counts: Sequence[Sequence[int]]) -> npt.NDArray[np.int64]:
    """(features, bins), features of fewer bins filled up with 0."""
    table = np.zeros((len(counts), max(map(len, counts))), dtype=np.int64)
    for row, bins in enumerate(counts):
        table[row, : len(bins)] = bins
    return table


def _days(moment: datetime | str) -> float:
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return when.astimezone(UTC).timestamp() / 86_400


def _furthest(features: Sequence[_Moved]) -> list[_Moved]:
    """Those furthest beyond what they usually move by."""
    return sorted(features, key=lambda one: (-one.psi / one.threshold, one.name))[:NAMED]


def _features_moved(
    run: Run, moved: Sequence[_Moved], features: Sequence[_Moved], plan: FeaturePlan
) -> Finding:
    named = _furthest(moved)
    # Where the target is one event, two features say the same of it.
    meanings: list[str] = list(
        dict.fromkeys(meaning(read_feature(one.name, plan)) for one in named)
    )
    words = joined(meanings[:3], "; ")
    return Finding(
        "feature_drift",
        FEATURES,
        Sentence(
            "{moved} of {features} features of the customers scored on {day} lie further from "
            "those version {version} learned from than they usually move, most of all: {words}.",
            moved=len(moved),
            features=len(features),
            day=f"{run.as_of:%Y-%m-%d}",
            version=run.model_version,
            words=words,
        ),
        {
            "run_id": run.run_id,
            "model_version": run.model_version,
            "features": len(features),
            "moved": len(moved),
            "furthest": [
                {"name": one.name, "meaning": str(meaning(read_feature(one.name, plan)))}
                | one.figures()
                for one in named
            ],
        },
        prediction=run.prediction,
    )


def _scores_moved(run: Run, scores: _Moved) -> Finding:
    return Finding(
        "score_drift",
        SCORES,
        Sentence(
            "The scores of {day} are spread differently than those of version {version} in its "
            "backtest (population stability {psi:.2f}, usual up to {threshold:.2f}).",
            day=f"{run.as_of:%Y-%m-%d}",
            version=run.model_version,
            psi=scores.psi,
            threshold=scores.threshold,
        ),
        {"run_id": run.run_id, "model_version": run.model_version} | scores.figures(),
        prediction=run.prediction,
    )
