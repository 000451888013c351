"""How far features look back in a history that is hardly longer than the windows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress
from predictive.recipes import STANDARD
from predictive.training_data import training_data, training_users
from tests.predictive.training.conftest import NAME


def test_they_reach_as_far_as_the_history_before_the_middle_snapshot(workspace):
    prediction, quiet = open_prediction(workspace, NAME), NoProgress()
    users = training_users(prediction, as_of=None, seed=0, progress=quiet)
    found = training_data(prediction, users, STANDARD, timezone="UTC", progress=quiet)
    snapshots, start = users.snapshots.snapshots, prediction.source.history_start()
    history = [(moment - start) / timedelta(days=1) for moment in snapshots]
    longest = max(found.feature_plan.lookback_days)
    assert history[0] < longest <= history[len(history) // 2]

    # The oldest snapshot sees all there is, and nothing else.
    names, data = found.dataset.feature_names, found.dataset
    whole, within = (names.index(f"count_{span}") for span in ("all", f"{longest}d"))
    oldest = data.features[data.as_of == data.moments()[0]]
    newest = data.features[data.as_of == data.moments()[-1]]
    np.testing.assert_array_equal(oldest[:, whole], oldest[:, within])
    assert (newest[:, whole] > newest[:, within]).any()
