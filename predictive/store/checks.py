"""What the checks of data and predictions found, each time they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select

from predictive.store.database import Database
from predictive.store.predictions import prediction_number
from predictive.store.watch_tables import checks

_ROWS_AT_ONCE = 1_000


class Check(NamedTuple):
    """One round of checks: the end of the data it saw, what it found, and when it ran."""

    id: int
    as_of: datetime
    report: Mapping[str, Any]
    at: datetime


class Checks:
    """The checks that a store remembers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, prediction: str | None, as_of: datetime, report: Mapping[str, Any], at: datetime
    ) -> None:
        """Keep a check of a prediction, or, with None, of the whole workspace.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        row = {"as_of": as_of, "report": dict(report), "at": at}
        with self._database.write() as connection:
            number = None
            if prediction is not None:
                number = prediction_number(connection, prediction, lock=True)
            connection.execute(insert(checks).values(prediction_id=number, **row))

    def forget(self, *, before: datetime) -> int:
        """Delete the checks before a moment, but the newest of each prediction; how many."""
        newest = select(func.max(checks.c.id)).group_by(checks.c.prediction_id)
        old = select(checks.c.id).where(checks.c.at < before, checks.c.id.not_in(newest))
        batch = delete(checks).where(checks.c.id.in_(old.limit(_ROWS_AT_ONCE)))
        return self._database.delete_in_batches(batch.returning(checks.c.id), _ROWS_AT_ONCE)

    def list(
        self,
        prediction: str | None = None,
        limit: int | None = None,
        *,
        before_id: int | None = None,
    ) -> Sequence[Check]:
        """Checks of a prediction, or, with None, those of the whole workspace; newest first.

        Parameters
        ----------
        limit
            At most as many.
        before_id
            Only older ones than this: where the next page begins.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = select(checks.c.id, checks.c.as_of, checks.c.report, checks.c.at)
        with self._database.read() as connection:
            number = None if prediction is None else prediction_number(connection, prediction)
            query = query.where(checks.c.prediction_id.is_not_distinct_from(number))
            if before_id is not None:
                query = query.where(checks.c.id < before_id)
            rows = connection.execute(query.order_by(checks.c.id.desc()).limit(limit))
            return [Check(*row) for row in rows]
