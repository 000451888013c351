"""The life of a prediction: draft → preview → active → archived and back, its history, its end.

A draft becomes active with its first model. A preview is built and measured like an active
prediction, but its scores are never offered. An archived one stops updating and keeps all
it has.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any

from predictive import cursors
from predictive.store import states
from predictive.store.states import TRANSITIONS, State

if TYPE_CHECKING:
    from predictive.store.history import Change
    from predictive.store.predictions import Prediction
    from predictive.store.store import Store
    from predictive.workspace import Workspace

__all__ = [
    "TRANSITIONS",
    "State",
    "delete",
    "history",
    "require_targeting",
    "require_updating",
    "set_state",
    "state",
]


def state(workspace: Workspace, name: str) -> dict[str, Any]:
    """The state of a prediction, as `set_state` tells it.

    Raises
    ------
    NotFound
        There is no such prediction.
    """
    present = workspace.store.predictions.get(name).state
    return _state(name, present, present)


def set_state(
    workspace: Workspace, name: str, state: str, *, by: str, now: datetime
) -> dict[str, Any]:
    """Change the state of a prediction; the one it has already changes nothing.

    Jobs that the new state would refuse, or that a schedule asked for which it does not have,
    are cancelled: nobody has to be told that they failed.

    Parameters
    ----------
    workspace
        Where the prediction is kept.
    name
        The prediction.
    state
        ``draft``, ``preview``, ``active`` or ``archived``.
    by
        Who asks, for the history: ``command line`` or ``key <id>``.
    now
        The moment, for the history.

    Returns
    -------
    dict
        ``name``, ``state``, ``before``, ``changed``, and the states that it ``may_become``.

    Raises
    ------
    NotFound
        There is no such prediction.
    InvalidInput
        There is no such state.
    Conflict
        The present state can't change to it.
    """
    predictions = workspace.store.predictions
    before = predictions.get(name).state
    present = predictions.set_state(name, state, by, now).state
    _cancel_jobs(workspace.store, name, present)
    return _state(name, before, present)


def history(
    workspace: Workspace, name: str, limit: int | None = None, *, cursor: str | None = None
) -> dict[str, Any]:
    """What changed in a prediction, also in one that was deleted, newest first.

    Parameters
    ----------
    workspace
        Where it is kept.
    name
        The prediction.
    limit
        At most so many changes.
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``prediction``; ``changes``, each with ``at``, ``kind``, ``by``, ``before``, ``after``
        and ``note``; and ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        There neither is nor was such a prediction.
    """
    changes = workspace.store.history.list(
        name, cursors.room_for(limit), before_id=cursors.number_of(cursor)
    )
    shown, following = cursors.page(changes, limit, lambda change: [change.id])
    return {
        "prediction": name,
        "changes": [_told(change) for change in shown],
        "next_cursor": following,
    }


def delete(workspace: Workspace, name: str, *, by: str, now: datetime) -> dict[str, Any]:
    """Delete a prediction with its models, scores, runs and archives, for good.

    Its history stays, and so do its runs in MLflow, where it has no champion any more. Cut
    short, it can be repeated: the prediction is archived first and goes last.

    Parameters
    ----------
    workspace
        Where the prediction is kept.
    name
        The prediction.
    by, now
        Who asks and when, for the history.

    Returns
    -------
    dict
        ``name`` and what went: ``models``, ``runs`` and ``archives``, in numbers.

    Raises
    ------
    NotFound
        There is no such prediction.
    """
    from predictive.tracking import delete_roles  # noqa: PLC0415  (the model libraries)

    store = workspace.store
    set_state(workspace, name, "archived", by=by, now=now)
    runs, models = store.runs.list(name), store.models.list(name)
    if any(model.mlflow_run_id for model in models):
        delete_roles(workspace, name)
    archives = sum(_discard(workspace, run.run_id) for run in runs)
    shutil.rmtree(workspace.models_path / name, ignore_errors=True)
    store.predictions.delete(name, by=by, at=now)
    return {"name": name, "models": len(models), "runs": len(runs), "archives": archives}


def require_targeting(prediction: Prediction) -> None:
    """Refuse to offer the scores of a prediction that is not active.

    Raises
    ------
    Conflict
        It is a draft, in preview or archived.
    """
    states.require_targeting(prediction.name, prediction.state)


def require_updating(prediction: Prediction) -> None:
    """Refuse to train, score or evaluate a prediction that is archived.

    Raises
    ------
    Conflict
        It is archived.
    """
    states.require_updating(prediction.name, prediction.state)


def _cancel_jobs(store: Store, name: str, state: State) -> None:
    if state not in ("draft", "archived"):
        return
    for job in store.jobs.list(name, unfinished=True):
        if state == "archived" or job.key is not None:
            # Brought back before the schedule's next time, it is served at once.
            store.jobs.request_cancel(job.id, free_key=True)


def _state(name: str, before: State, state: State) -> dict[str, Any]:
    return {
        "name": name,
        "state": state,
        "before": before,
        "changed": state != before,
        "may_become": list(TRANSITIONS[state]),
    }


def _told(change: Change) -> dict[str, Any]:
    fields = change._asdict() | {"at": change.at.isoformat()}
    del fields["id"]
    return fields


def _discard(workspace: Workspace, run_id: str) -> bool:
    there = workspace.lake.scores.path(run_id).exists()
    workspace.lake.scores.discard(run_id)
    return there
