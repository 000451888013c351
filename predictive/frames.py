"""What a training run learns from, as a data frame."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from predictive.features.names import read_feature
from predictive.features.words import meaning
from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress, Progress
from predictive.recipes import STANDARD, read_recipe
from predictive.training_data import training_data, training_users
from predictive.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


def training_frame(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    recipe: str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The rows that ``train`` would learn from, made by the same code.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    as_of
        Behave as if the data ended here; default: where it ends.
    seed
        Draws the users where there are too many for all to be taken.
    recipe
        Whose features: ``standard``, the default, or the stem of a file in ``recipes``.

    Returns
    -------
    pandas.DataFrame
        One row a snapshot and eligible user, by these two. ``positive`` tells whether the target
        came true in the window after the snapshot; the other columns are features, float32, NaN
        where a value is not defined. ``attrs`` holds ``tests``, the snapshots that a backtest
        keeps for testing, and ``meaning``, what each feature measures.

    Raises
    ------
    NotFound
        When there is no such prediction or recipe.
    InsufficientData
        When history is too short, or holds too few users with either outcome.
    """
    import pandas as pd  # noqa: PLC0415  (not for the command line)

    listener = progress or NoProgress()
    prediction = open_prediction(workspace, name)
    users = training_users(prediction, as_of=as_of, seed=seed, progress=listener)
    data = training_data(
        prediction,
        users,
        STANDARD if recipe is None else read_recipe(workspace, recipe),
        timezone=workspace.config.timezone,
        progress=listener,
    )
    dataset = data.dataset
    ids = pa.chunked_array([part.user_ids for part in users.partitions], type=pa.string())
    # The codes of a dataset are the places of its users by id.
    names = ids.take(pc.sort_indices(ids)).take(pa.array(dataset.users))
    moments = pd.to_datetime(dataset.as_of).tz_localize("UTC")
    frame = pd.DataFrame(
        dataset.features,
        columns=list(dataset.feature_names),
        index=pd.MultiIndex.from_arrays([moments, names.to_pylist()], names=["as_of", "user_id"]),
    )
    frame.insert(0, "positive", dataset.labels)
    frame.attrs = {
        "tests": [moment.isoformat() for moment in data.snapshots.tests],
        "meaning": {
            feature: meaning(read_feature(feature, data.feature_plan))
            for feature in dataset.feature_names
        },
    }
    return frame
