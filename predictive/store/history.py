"""What changed in a prediction, when and by whom: written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from predictive.errors import NotFound
from predictive.store.database import Database
from predictive.store.moments import now
from predictive.store.tables import history, predictions

#: Who changed something through the Python interface without saying who they are.
PYTHON = "python"


class Change(NamedTuple):
    """One change.

    Parameters
    ----------
    id
        Counts up; later changes have higher ones.
    kind
        ``created``, ``definition``, ``state``, ``model``, ``challenger`` or ``deleted``.
    by
        ``command line``, ``schedule``, ``python`` or ``key <id>``.
    before, after
        What changed, as it was and as it is; None for what was not there.
    """

    id: int
    at: datetime
    kind: str
    by: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    note: str


class History:
    """The changes that a store remembers; those of a deleted prediction stay."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        prediction: str,
        kind: str,
        by: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        note: str = "",
        at: datetime | None = None,
    ) -> None:
        """Note a change; ``at`` is now by default."""
        with self._database.write() as connection:
            add_change(
                connection, prediction, kind, by, before=before, after=after, note=note, at=at
            )

    def list(
        self, prediction: str, limit: int | None = None, *, before_id: int | None = None
    ) -> Sequence[Change]:
        """The changes of a prediction, or of one of that name that was deleted, newest first.

        Parameters
        ----------
        limit
            At most as many.
        before_id
            Only older ones than this: where the next page begins.

        Raises
        ------
        NotFound
            There neither is nor was such a prediction.
        """
        columns = (
            history.c.id,
            history.c.at,
            history.c.kind,
            history.c.changed_by,
            history.c.before,
            history.c.after,
            history.c.note,
        )
        query = select(*columns).where(history.c.prediction == prediction)
        with self._database.read() as connection:
            older = query if before_id is None else query.where(history.c.id < before_id)
            rows = connection.execute(older.order_by(history.c.id.desc()).limit(limit)).all()
            known = [str(name) for name in connection.execute(select(predictions.c.name)).scalars()]
        if not rows and before_id is None and prediction not in known:
            raise NotFound("prediction", prediction, known)
        return [Change(*row) for row in rows]


def add_change(
    connection: Connection,
    prediction: str,
    kind: str,
    by: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    at: datetime | None = None,
) -> None:
    """Note a change in the transaction that makes it."""
    connection.execute(
        insert(history).values(
            prediction=prediction,
            at=at or now(),
            kind=kind,
            changed_by=by,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            note=note,
        )
    )
