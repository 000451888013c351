"""Models and scoring runs whose profiles and evaluations are given; nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy.special import expit

from evaluation import Fold, ScoreHistogram, quality_report
from models.scale import scores_from_probabilities
from predictive.features.plan import FeaturePlan
from predictive.watching.profile import write_profile
from tests.predictive.watching.feed import DAY, NAME, START, Feed

WINDOW = 14 * DAY
BASE_RATE = 0.25
FEATURES = ("count_28d:purchase", "any_days_since", "active_days_28d")
BINS = 8


def outcomes(
    random: np.random.Generator, rows: int = 2500, *, level: float = -1.2, slope: float = 1.0
) -> Fold:
    """Log odds of -1.2 and 1.2 about them; ``level`` and ``slope`` are what truly happens."""
    odds = random.normal(-1.2, 1.2, rows)
    happened = random.random(rows) < expit(level + slope * (odds + 1.2))
    return Fold(happened, expit(odds), np.arange(rows))


def histogram(random: np.random.Generator, shares: Sequence[float], rows: int = 3000) -> list[int]:
    return [int(count) for count in random.multinomial(rows, shares)]


def even(tilt: float = 0.0) -> Sequence[float]:
    """Shares of bins, all alike, or rising to one side."""
    shares = np.exp(tilt * np.linspace(-1, 1, BINS))
    return tuple(shares / shares.sum())


def add_model(feed: Feed, random: np.random.Generator, *, tilt: float = 0.0) -> int:
    """A champion with a profile of ten snapshots and a backtest of five."""
    workspace = feed.workspace
    moments = [START + (100 + 14 * k) * DAY for k in range(10)]
    folds = [outcomes(random, level=-1.2 + 0.1 * random.normal()) for _ in range(5)]
    folder = workspace.models_path / NAME / f"m{len(workspace.store.models.list(NAME))}"
    folder.mkdir(parents=True)
    plan = FeaturePlan(lookback_days=(28,), events=("purchase",), target_events=("purchase",))
    (folder / "features.json").write_text(plan.model_dump_json())
    as_of = [moment.isoformat() for moment in moments]
    write_profile(
        folder,
        {
            "features": {
                "names": list(FEATURES),
                "edges": [list(range(BINS - 2))] * len(FEATURES),
                "as_of": as_of,
                "counts": [[histogram(random, even(tilt)) for _ in FEATURES] for _ in moments],
            },
            "scores": {
                "edges": list(range(BINS - 2)),
                "as_of": as_of[-5:],
                "counts": [histogram(random, even(tilt)) for _ in range(5)],
            },
        },
    )
    version = workspace.store.models.add_version(
        NAME,
        definition_version=1,
        as_of=START + 240 * DAY,
        seed=0,
        data_version="1",
        code_version="test",
        base_rate=BASE_RATE,
        report=quality_report(folds, as_of[-5:]),
        folder=str(folder.relative_to(workspace.path)),
    )
    workspace.store.models.set_champion(NAME, version)
    return version


def publish(
    feed: Feed,
    random: np.random.Generator,
    as_of: datetime,
    *,
    version: int = 1,
    tilts: Sequence[float] = (0.0, 0.0, 0.0),
    score_tilt: float = 0.0,
) -> str:
    """A published run with its profile."""
    probabilities = outcomes(random, 500).probabilities
    scores = scores_from_probabilities(probabilities, BASE_RATE)
    runs = feed.workspace.store.runs
    run_id = runs.begin(NAME, version, as_of)
    runs.set_profile(
        run_id,
        {
            "rows": 3000,
            "features": [histogram(random, even(tilt)) for tilt in tilts],
            "scores": histogram(random, even(score_tilt)),
        },
    )
    runs.finish(run_id, histogram=ScoreHistogram.from_scores(scores, probabilities).to_bytes())
    runs.publish(run_id)
    return run_id


def evaluate(
    feed: Feed,
    random: np.random.Generator,
    as_of: datetime,
    *,
    window: timedelta = WINDOW,
    comparable: bool = True,
    **truth: Any,
) -> None:
    """A run of that moment, matured and evaluated."""
    run_id = publish(feed, random, as_of)
    champion = feed.workspace.store.models.champion(NAME)
    assert champion is not None
    feed.workspace.store.evaluations.add(
        run_id,
        {
            "run_id": run_id,
            "model_version": champion.version,
            "as_of": as_of.isoformat(),
            "matured_at": (as_of + window).isoformat(),
            "comparable": comparable,
            "expected": dict(champion.report),
            "actual": quality_report([outcomes(random, **truth)], [as_of.isoformat()]),
        },
    )
