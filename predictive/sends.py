"""Sends, as they are told: who of a scoring run was sent a message, and who was held back.

Outcomes of a run are read with them: see :mod:`predictive.reach`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

import pyarrow as pa

from predictive import cursors
from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store.run import Run
from predictive.store.sends import Send
from predictive.windows import as_utc
from predictive.wording.moments import moment
from predictive.workspace import Workspace


def record_send(
    workspace: Workspace,
    name: str,
    *,
    treated: Collection[str],
    held_out: Collection[str],
    sent_at: datetime,
    run_id: str | None = None,
    holdout_share: float | None = None,
) -> dict[str, Any]:
    """Keep who a send reached and whom it held back. The same send told twice is kept once.

    Parameters
    ----------
    workspace
        Where the prediction stands.
    name
        The prediction.
    treated, held_out
        Ids of the users in either group, nobody in both.
    sent_at
        When the messages went out, within the window of the run.
    run_id
        The scoring run that the users were picked from; default: the newest one at ``sent_at``.
    holdout_share
        Share of the users picked that was held back at random; default: what the two groups
        amount to.

    Returns
    -------
    dict
        ``send_id``, ``run_id``, ``sent_at``, ``holdout_share``, the numbers ``treated`` and
        ``held_out``, how many of both are ``not_scored`` by the run, and whether it is ``new``.

    Raises
    ------
    NotFound
        When there is no such prediction or run.
    Conflict
        When nothing had been scored at ``sent_at``.
    InvalidInput
        When nobody was treated, somebody stands in both groups or twice in one, the share does
        not fit the groups, or ``sent_at`` lies outside the window.
    """
    run = _run_at(workspace, name, run_id, sent_at)
    share = _share(treated, held_out, holdout_share)
    unknown = _not_scored(workspace, run, [*treated, *held_out])
    known = _same_send(workspace, run, sent_at, treated, held_out)
    send_id = known or workspace.store.sends.add(
        name, run.run_id, sent_at, share, treated, held_out
    )
    send = next(
        each for each in workspace.store.sends.of_run(run.run_id) if each.send_id == send_id
    )
    return _told(send) | {"not_scored": unknown, "new": known is None}


def list_sends(
    workspace: Workspace, name: str, *, limit: int | None = None, cursor: str | None = None
) -> dict[str, Any]:
    """The sends of a prediction, newest first; by default all of them.

    Parameters
    ----------
    workspace
        Where the prediction stands.
    name
        The prediction.
    limit
        At most so many sends.
    cursor
        ``next_cursor`` of the page before.

    Returns
    -------
    dict
        ``prediction``, ``sends`` and ``next_cursor``, None on the last page.

    Raises
    ------
    NotFound
        When there is no such prediction.
    """
    found = workspace.store.sends.list(
        name, limit=cursors.room_for(limit), before=cursors.moment_of(cursor)
    )
    shown, following = cursors.page(
        found, limit, lambda send: cursors.at_moment(send.sent_at, send.send_id)
    )
    return {
        "prediction": name,
        "sends": [_told(send) for send in shown],
        "next_cursor": following,
    }


def _told(send: Send) -> dict[str, Any]:
    return {
        "send_id": send.send_id,
        "prediction": send.prediction,
        "run_id": send.run_id,
        "sent_at": send.sent_at.isoformat(),
        "holdout_share": send.holdout_share,
        "treated": send.treated,
        "held_out": send.held_out,
    }


def _run_at(workspace: Workspace, name: str, run_id: str | None, sent_at: datetime) -> Run:
    """The run asked for, or the one that was the newest when the messages went out."""
    published = [run for run in workspace.store.runs.list(name) if run.published_at is not None]
    if run_id is not None:
        chosen = [run for run in published if run.run_id == run_id]
        if not chosen:
            raise NotFound("scoring run", run_id, [run.run_id for run in published])
    else:
        chosen = [run for run in published if run.as_of <= sent_at]
        if not chosen:
            raise Conflict(
                f"Prediction {name!r} had no scores at {moment(as_utc(sent_at))}. Score it first."
            )
    run = chosen[0]
    if not run.as_of <= sent_at < run.matures_at:
        raise InvalidInput(
            "sent_at",
            sent_at.isoformat(),
            f"a moment in the window of scoring run {run.run_id}, from {moment(run.as_of)} "
            f"until before {moment(run.matures_at)}",
        )
    return run


def _share(treated: Collection[str], held_out: Collection[str], given: float | None) -> float:
    if not treated:
        raise InvalidInput("treated", "nobody", "at least one user who was sent the message")
    for field, ids in (("treated", treated), ("held_out", held_out)):
        if len(set(ids)) < len(ids):
            ((user, times),) = Counter(ids).most_common(1)
            raise InvalidInput(field, user, f"each user once; this one stands there {times} times")
    both = set(treated) & set(held_out)
    if both:
        raise InvalidInput(
            "held_out", min(both), "users who were not sent the message; this one was"
        )
    if given is None:
        return len(held_out) / (len(treated) + len(held_out))
    if not 0 <= given < 1 or (given > 0) != (len(held_out) > 0):
        raise InvalidInput(
            "holdout_share",
            given,
            "above 0 and below 1 with held-out users, 0 without",
            f"There are {len(held_out):,} held-out users.",
        )
    return given


def _not_scored(workspace: Workspace, run: Run, user_ids: list[str]) -> int:
    """How many of the users the run did not score; nobody of it is an error."""
    asked = set(user_ids)
    for batch in workspace.lake.read_scores(run.run_id):
        asked.difference_update(pa.array(batch["user_id"]).to_pylist())
    if len(asked) == len(user_ids):
        raise InvalidInput(
            "treated", user_ids[0], f"users that scoring run {run.run_id} scored; it knows nobody"
        )
    return len(asked)


def _same_send(
    workspace: Workspace,
    run: Run,
    sent_at: datetime,
    treated: Collection[str],
    held_out: Collection[str],
) -> str | None:
    """Id of a send already kept with the same moment and users."""
    groups = dict.fromkeys(treated, "treated") | dict.fromkeys(held_out, "held_out")
    for send in workspace.store.sends.of_run(run.run_id):
        same = (send.sent_at, send.treated, send.held_out)
        if same == (sent_at, len(treated), len(held_out)) and (
            dict(workspace.store.sends.members(send.send_id)) == groups
        ):
            return send.send_id
    return None
