"""Whether those who are scored differ from those the model learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from evaluation.alarms import level
from evaluation.drift import Drift, drift
from predictive.features.names import read_feature
from predictive.features.plan import FeaturePlan
from predictive.features.words import meaning
from predictive.model_folder import read_plan
from predictive.store.alerts import Alert
from predictive.store.run import Run
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.watching.profile import read_profile
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("feature_drift", "score_drift")
FEATURES, SCORES = "features", "scores"
#: Features that an alert names.
NAMED = 10
#: Looks a year that are not nearly the same look: features remember about a month.
_LOOKS_A_YEAR = 26
#: An open alert closes when nothing is beyond this share of its threshold any more.
_RECOVERED_SHARE = 0.8


@dataclass(frozen=True)
class _Moved:
    """A feature and how far it moved."""

    name: str
    drift: Drift


def drifts(workspace: Workspace, run: Run, open_alerts: Sequence[Alert]) -> Verdict:
    """Compare a run's profile with its model's.

    Parameters
    ----------
    workspace
        Where the model stands.
    run
        The scoring run that is looked at.
    open_alerts
        The prediction's.
    """
    folder = workspace.path / workspace.store.models.get(run.prediction, run.model_version).folder
    training = read_profile(folder)
    if training is None or run.profile is None:
        return Verdict((), report={"drift": None})
    window_days = (run.matures_at - run.as_of).total_seconds() / 86_400
    open_kinds = {alert.kind for alert in open_alerts}
    features = [
        _Moved(name, found)
        for name, found in zip(
            training["features"]["names"],
            _feature_drifts(training["features"], run.profile["features"], window_days),
            strict=True,
        )
    ]
    scores = _drift(
        np.array(training["scores"]["counts"]),
        training["scores"]["as_of"],
        run.profile["scores"],
        window_days,
        FALSE_ALERTS_A_YEAR["scores"] / _LOOKS_A_YEAR,
    )
    moved = [one for one in features if _told(one.drift, "feature_drift" in open_kinds)]
    findings = []
    if moved:
        findings.append(_features_moved(run, moved, features, read_plan(folder)))
    if _told(scores, "score_drift" in open_kinds):
        findings.append(_scores_moved(run, scores))
    report = {
        "run_id": run.run_id,
        "model_version": run.model_version,
        "rows": run.profile["rows"],
        "scores": _figures(scores),
        "features": [{"name": one.name} | _figures(one.drift) for one in _furthest(features)],
    }
    return Verdict(KINDS, findings, {"drift": report})


def _feature_drifts(
    training: Mapping[str, Any], counts: Sequence[Sequence[int]], window_days: float
) -> list[Drift]:
    features = len(training["names"])
    alpha = level(_LOOKS_A_YEAR, FALSE_ALERTS_A_YEAR["features"]) / features
    snapshots = [
        np.array([snapshot[feature] for snapshot in training["counts"]])
        for feature in range(features)
    ]
    return [
        _drift(table, training["as_of"], new, window_days, alpha)
        for table, new in zip(snapshots, counts, strict=True)
    ]


def _drift(
    snapshots: Any, as_of: Sequence[str], counts: Sequence[int], window_days: float, alpha: float
) -> Drift:
    days = [datetime.fromisoformat(moment).astimezone(UTC).timestamp() / 86_400 for moment in as_of]
    return drift(snapshots, days, counts, gap=window_days, alpha=alpha)


def _told(found: Drift, known: bool) -> bool:
    """Beyond the threshold, or, where people were told before, not yet well below it."""
    return found.drifted or (known and found.psi > _RECOVERED_SHARE * found.threshold)


def _furthest(features: Sequence[_Moved]) -> list[_Moved]:
    """Those furthest beyond what they usually move by."""
    return sorted(features, key=lambda one: (-one.drift.psi / one.drift.threshold, one.name))[
        :NAMED
    ]


def _features_moved(
    run: Run, moved: Sequence[_Moved], features: Sequence[_Moved], plan: FeaturePlan
) -> Finding:
    named = _furthest(moved)
    words = "; ".join(meaning(read_feature(one.name, plan)) for one in named[:3])
    return Finding(
        "feature_drift",
        FEATURES,
        f"{len(moved)} of {len(features)} features of the customers scored on "
        f"{run.as_of:%Y-%m-%d} lie further from those version {run.model_version} learned from "
        f"than they usually move, most of all: {words}.",
        {
            "run_id": run.run_id,
            "model_version": run.model_version,
            "features": len(features),
            "moved": len(moved),
            "furthest": [
                {"name": one.name, "meaning": meaning(read_feature(one.name, plan))}
                | _figures(one.drift)
                for one in named
            ],
        },
        prediction=run.prediction,
    )


def _scores_moved(run: Run, scores: Drift) -> Finding:
    return Finding(
        "score_drift",
        SCORES,
        f"The scores of {run.as_of:%Y-%m-%d} are spread differently than those of version "
        f"{run.model_version} in its backtest (population stability {scores.psi:.2f}, usual up to "
        f"{scores.threshold:.2f}).",
        {"run_id": run.run_id, "model_version": run.model_version} | _figures(scores),
        prediction=run.prediction,
    )


def _figures(found: Drift) -> dict[str, float]:
    return {"psi": round(found.psi, 4), "threshold": round(found.threshold, 4)}
