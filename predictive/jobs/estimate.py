"""The ``estimate`` job: what history holds for a prediction, before anything is trained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from predictive.conditions.vocabulary import check_names
from predictive.counts import counted_history
from predictive.definitions import Definition
from predictive.opened_prediction import open_prediction
from predictive.progress import NoProgress, Progress
from predictive.sources import open_source
from predictive.windows import checked_as_of
from predictive.workspace import Workspace


def estimate(
    workspace: Workspace,
    name: str,
    *,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Users in the audience, and positives and negatives against the minimums.

    Parameters
    ----------
    workspace
        Where prediction and events stand.
    name
        The prediction.
    as_of
        Behave as if the data ended here; default: where it ends.

    Returns
    -------
    dict
        ``audience`` (users who would be scored at ``as_of``), ``training``, ``tests`` and
        ``snapshots`` with their counts, ``enough`` and ``problem``.

    Raises
    ------
    InsufficientData
        When history is too short for the window.
    """
    definition = open_prediction(workspace, name).definition
    return estimate_definition(workspace, definition, as_of=as_of, progress=progress)


def estimate_definition(
    workspace: Workspace,
    definition: Definition,
    *,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The same for a definition that need not be saved.

    Raises
    ------
    InvalidInput
        When the definition names events, properties or attributes that the workspace has never
        seen.
    InsufficientData
        When history is too short for the window.
    """
    listener = progress or NoProgress()
    source = open_source(workspace)
    check_names(definition, source.vocabulary())
    moment = checked_as_of(as_of, source.history_start(), source.data_end())
    # The moment itself comes last: its outcomes are unknown and are not counted.
    counted = counted_history(source, definition, moment, further=[moment], progress=listener)
    return {
        "prediction": definition.name,
        "as_of": moment.isoformat(),
        "window_days": definition.target.within_days,
        "selection": counted.plan.selection,
        "audience": sum(int(users.eligible[-1].sum()) for users in counted.partitions),
    } | counted.counts.to_dict()
