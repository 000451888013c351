"""The ``estimate`` job: what history holds for a prediction, before anything is trained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from predictive.conditions.vocabulary import check_names
from predictive.counts import count
from predictive.definitions import Definition
from predictive.opened_prediction import open_prediction, plan_for
from predictive.progress import NoProgress, Progress
from predictive.snapshots import snapshot_users
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
    plan = plan_for(source, definition, moment)
    listener.stage("Counting users", total=len(source.partitions))
    # The moment itself comes last: its outcomes are unknown and are not counted.
    partitions = list(
        snapshot_users(
            source, definition, [*plan.snapshots, moment], outcomes=True, progress=listener
        )
    )
    counts = count(plan, partitions)
    return {
        "prediction": definition.name,
        "as_of": moment.isoformat(),
        "window_days": definition.target.within_days,
        "selection": plan.selection,
        "audience": sum(int(users.eligible[-1].sum()) for users in partitions),
    } | counts.to_dict()
