"""A small community with a long past: training looks further back until it holds enough users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from predictive import EventColumns, Workspace, apply, estimate, import_events, train
from predictive.errors import InsufficientData
from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress
from predictive.training_data import training_users
from predictive.windows import MAX_SNAPSHOTS, MAX_TEST_SNAPSHOTS

NAME = "buys-7d"
BUYS = f"""
name: {NAME}
kind: event
audience: {{all: [{{did: visit, within_days: 14}}]}}
target: {{within_days: 7, all: [{{did: purchase}}]}}
"""
START = datetime(2022, 1, 1, tzinfo=UTC)
#: How long a year's members stay; then others come in their place.
STAY_DAYS = 400


def community(folder, years: int, members: int) -> Workspace:
    """Each year's members visit daily for all of it, and buy on one day in ten."""
    draw = np.random.default_rng(5)
    parts = []
    for year in range(years):
        days = year * STAY_DAYS + np.arange(STAY_DAYS)
        who, day = np.repeat(np.arange(members), STAY_DAYS), np.tile(days, members)
        buys = draw.random(len(day)) < 0.1
        for what, at in (("visit", np.ones(len(day), dtype=bool)), ("purchase", buys)):
            parts.append(
                pd.DataFrame(
                    {
                        "user": [f"y{year}-{number:03d}" for number in who[at]],
                        "event": what,
                        "time": [START + timedelta(days=float(moment)) for moment in day[at]],
                    }
                )
            )
    pd.concat(parts).to_csv(folder / "events.csv", index=False)
    workspace = Workspace.create(folder / "workspace")
    import_events(workspace, [folder / "events.csv"], EventColumns("user", "time", "event"))
    apply(workspace, BUYS)
    return workspace


def snapshots_of(workspace):
    users = training_users(
        open_prediction(workspace, NAME), as_of=None, seed=0, progress=NoProgress()
    )
    return users.snapshots.snapshots


def test_it_learns_from_those_of_years_ago(tmp_path):
    with community(tmp_path, years=3, members=40) as workspace:
        promised = estimate(workspace, NAME)
        assert promised["enough"]
        # Forty members can't be fifty: those of the year before are among them.
        assert 50 <= promised["training"]["positives"] <= 80
        assert 50 <= promised["training"]["negatives"] <= 80
        assert len(promised["snapshots"]) > MAX_SNAPSHOTS + MAX_TEST_SNAPSHOTS
        assert promised["audience"] == 40
        report = train(workspace, NAME)
        assert report["model_version"] == 1
        learnt = [moment.isoformat() for moment in snapshots_of(workspace)]
        assert learnt == [snapshot["as_of"] for snapshot in promised["snapshots"]]


def test_where_the_newest_snapshots_hold_enough_nobody_older_is_asked(tmp_path):
    with community(tmp_path, years=3, members=70) as workspace:
        assert len(snapshots_of(workspace)) <= MAX_SNAPSHOTS + MAX_TEST_SNAPSHOTS
        assert len(estimate(workspace, NAME)["snapshots"]) <= MAX_SNAPSHOTS + MAX_TEST_SNAPSHOTS


def test_without_a_longer_past_it_is_refused_with_what_there_is(tmp_path):
    with community(tmp_path, years=1, members=40) as workspace:
        promised = estimate(workspace, NAME)
        assert not promised["enough"]
        assert promised["training"]["positives"] <= 40
        with pytest.raises(InsufficientData, match="at least 50 users with each outcome"):
            train(workspace, NAME)
