"""Publishing a scoring run: readers see all of it or all of the one before.

Which run readers see is one field of the prediction's row, set by comparing: never to a run
of an older moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Update, delete, or_, select, update

from predictive.errors import Conflict, NotFound
from predictive.store.database import AnyRow
from predictive.store.moments import now
from predictive.store.states import require_updating
from predictive.store.tables import predictions, runs, scores, tombstones
from predictive.store.tombstones import drop_unneeded
from predictive.wording import moments


def publish_run(connection: Connection, run_id: str) -> None:
    """Publish in the connection's transaction; see `Runs.publish`."""
    # The prediction's row first, as everywhere: two orders could lock each other out.
    of_run = predictions.c.id == find_run(connection, run_id).prediction_id
    query = select(predictions.c.name, predictions.c.state).where(of_run)
    prediction = connection.execute(query.with_for_update()).one()
    run = find_run(connection, run_id, lock=True)
    if run.state == "published":
        return
    if run.state != "finished":
        raise Conflict(f"Scoring run {run_id!r} is {run.state}: it can't be published.")
    # Whoever archives it holds the same row: it is done before, or after this run is whole.
    require_updating(prediction.name, prediction.state)
    forgotten = _forget_deleted_users(connection, run)
    _compare_and_set(connection, run)
    others = (runs.c.prediction_id == run.prediction_id) & (runs.c.state == "published")
    connection.execute(update(runs).where(others).values(state="superseded", superseded_at=now()))
    values = {"state": "published", "published_at": now(), "users": run.users - forgotten}
    connection.execute(update_run(run.run_number).values(values))
    drop_unneeded(connection)


def find_run(connection: Connection, run_id: str, *, lock: bool = False) -> AnyRow:
    """What a change of a run needs to know of it, its row locked if asked.

    Raises
    ------
    NotFound
        There is no such run.
    """
    columns = (
        runs.c.run_number,
        runs.c.prediction_id,
        runs.c.state,
        runs.c.users,
        runs.c.as_of,
        runs.c.started_at,
    )
    query = select(*columns).where(runs.c.run_id == run_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("scoring run", run_id)
    return row


def update_run(run_number: int) -> Update:
    """An update of one run."""
    return update(runs).where(runs.c.run_number == run_number)


def _forget_deleted_users(connection: Connection, run: AnyRow) -> int:
    """Take out users who were deleted while the run read and wrote them."""
    gone = select(tombstones.c.user_id).where(tombstones.c.deleted_at >= run.started_at)
    return connection.execute(
        delete(scores).where(scores.c.run_number == run.run_number, scores.c.user_id.in_(gone))
    ).rowcount


def _compare_and_set(connection: Connection, run: AnyRow) -> None:
    row = predictions.c.id == run.prediction_id
    not_newer = or_(predictions.c.current_as_of.is_(None), predictions.c.current_as_of <= run.as_of)
    swapped = connection.execute(
        update(predictions)
        .where(row, not_newer)
        .values(current_run_number=run.run_number, current_as_of=run.as_of)
    )
    if swapped.rowcount != 1:
        query = select(predictions.c.name, predictions.c.current_as_of).where(row)
        name, current = connection.execute(query).one()
        raise has_newer(name, run.as_of, current)


def has_newer(prediction: str, as_of: datetime, current: datetime) -> Conflict:
    """The error of scores that are older than those which are published."""
    old, new = moments.apart(as_of, current)
    return Conflict(
        "The scores as of {as_of} can't be published: prediction {name!r} has newer ones, as of "
        "{current}.",
        as_of=old,
        name=prediction,
        current=new,
    )
