"""The scores of runs: written in bulk, looked up one by one.

A run's rows never change. Which run readers see is one field of the prediction's row; see
``runs.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, or_, select, update

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store.database import Database
from predictive.store.moments import now
from predictive.store.pages import MAX_PAGE, Page, decode, first_place, read_page
from predictive.store.readers import Query, Rows
from predictive.store.score import SCORE_COLUMNS, Score, score_of
from predictive.store.states import require_targeting
from predictive.store.stream import Category, ScoreStream, open_stream
from predictive.store.tables import predictions, runs, scores
from predictive.store.texts import is_storable
from predictive.store.tombstones import drop_unneeded

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from predictive.store.bulk import ScoreRows

#: Rows in one transaction: it holds SQLite's only write lock for well under a second.
_ROWS_AT_ONCE = 50_000
MAX_IDS = 1_000

#: Only an active prediction offers its scores.
_CURRENT = (
    "FROM predictions p JOIN runs r ON r.run_number = p.current_run_number AND p.state = 'active'"
)
_ONE = Query(
    f"SELECT {SCORE_COLUMNS} {_CURRENT}"
    " JOIN scores s ON s.run_number = r.run_number AND s.user_id = :user_id"
    " WHERE p.name = :name"
)
# CROSS JOIN settles the order: a seek for each id, not a scan of the run.
_MANY_SQLITE = Query(
    f"SELECT {SCORE_COLUMNS} {_CURRENT} CROSS JOIN json_each(:user_ids) AS asked"
    " CROSS JOIN scores s ON s.run_number = r.run_number AND s.user_id = asked.value"
    " WHERE p.name = :name"
)
_MANY_POSTGRESQL = Query(
    f"SELECT {SCORE_COLUMNS} {_CURRENT}"
    " JOIN scores s ON s.run_number = r.run_number AND s.user_id = ANY(:user_ids)"
    " WHERE p.name = :name"
)


class Scores:
    """The scores of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write_batch(
        self,
        run_id: str,
        user_ids: Sequence[str] | pa.Array,
        probabilities: npt.ArrayLike,
        scores: npt.ArrayLike,
    ) -> None:
        """Add rows to a run that is being written.

        Each 50,000 rows are a transaction of their own. Rows of a batch cut short stay: the
        run is then to be abandoned and a new one begun.

        Parameters
        ----------
        user_ids
            Strings (n,), each at most once a run; an Arrow array is the fastest.
        probabilities, scores
            float (n,), in [0, 1] and [0, 100]; scores are kept to 0.01.

        Raises
        ------
        InvalidInput
            Values that no score can have; or a user who has one in this run.
        NotFound
            There is no such run.
        Conflict
            The run is no longer being written.
        """
        from predictive.store.bulk import score_rows  # noqa: PLC0415  (Arrow)

        rows = score_rows(user_ids, probabilities, scores)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._write(run_id, rows.slice(start, _ROWS_AT_ONCE))

    def get(self, prediction: str, user_id: str) -> Score:
        """The published score of one user; one indexed query.

        Raises
        ------
        NotFound
            There is no such prediction, or no score of that user.
        Conflict
            The prediction is not active, or nothing was published yet.
        """
        if is_storable(user_id) and is_storable(prediction):
            parameters = {"name": prediction, "user_id": user_id}
            rows = self._database.fetch_all(_ONE, parameters)
            if rows:
                return score_of(rows[0])
        self._require_offered(prediction)
        raise NotFound(f"score of prediction {prediction!r} for user", user_id, field="user_id")

    def get_many(self, prediction: str, user_ids: Sequence[str]) -> Mapping[str, Score]:
        """The published scores of up to 1,000 users, all of one run; the unknown are left out.

        Raises
        ------
        InvalidInput
            More than 1,000 ids.
        NotFound
            There is no such prediction.
        Conflict
            The prediction is not active, or nothing was published yet.
        """
        if len(user_ids) > MAX_IDS:
            raise InvalidInput("user_ids", f"{len(user_ids)} ids", f"at most {MAX_IDS} ids")
        wanted = sorted({user_id for user_id in user_ids if is_storable(user_id)})
        rows = self._many(prediction, wanted) if is_storable(prediction) else []
        if not rows:
            self._require_offered(prediction)
        return {row[0]: score_of(row) for row in rows}

    def page(
        self,
        prediction: str,
        min_score: float = 0.0,
        max_score: float = 100.0,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page:
        """Users by falling score; the next page goes on in the same run.

        Parameters
        ----------
        min_score, max_score
            Inclusive bounds; those of the first page hold for the pages after it.
        cursor
            `Page.next_cursor` of the page before.
        limit
            Users on a page, 1 to 10,000.

        Raises
        ------
        InvalidInput
            Bounds, limit or cursor are not allowed.
        NotFound
            There is no such prediction.
        Conflict
            The prediction is not active, nothing was published yet, or the cursor's run has
            been deleted meanwhile.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInput("limit", limit, f"1 to {MAX_PAGE}")
        at = decode(cursor) if cursor is not None else first_place(min_score, max_score)
        with self._database.read() as connection:
            page = read_page(connection, prediction, at, limit)
        if page is None:
            self._require_offered(prediction)
            raise InvalidInput("cursor", cursor, f"a cursor of prediction {prediction!r}")
        return page

    def stream(
        self,
        prediction: str,
        min_score: float = 0.0,
        max_score: float = 100.0,
        category: Category | None = None,
        cursor: str | None = None,
    ) -> ScoreStream:
        """All users in the range, by user id, to be read in batches; all of one run.

        Parameters
        ----------
        min_score, max_score
            Inclusive bounds.
        category
            Only users of this category, by the bounds of the run.
        cursor
            A run's id, a colon, and the last user id that was read: goes on after that user.

        Raises
        ------
        InvalidInput
            Bounds or cursor are not allowed.
        NotFound
            There is no such prediction.
        Conflict
            The prediction is not active, nothing was published yet, or the cursor's run has
            been deleted meanwhile.
        """
        asked = (prediction, min_score, max_score, category, cursor)
        with self._database.read() as connection:
            stream = open_stream(self._database, connection, *asked)
        if stream is None:
            self._require_offered(prediction)
            raise InvalidInput("cursor", cursor, f"a cursor of prediction {prediction!r}")
        return stream

    def delete_superseded(
        self, older_than: timedelta = timedelta(days=1), *, rows_at_once: int = 10_000
    ) -> int:
        """Delete the rows of runs that were replaced, or given up, at least so long ago.

        Runs themselves, their histograms and archives stay. Rows go in batches, so that
        readers and writers get their turn.

        Returns
        -------
        int
            Rows deleted.
        """
        before = now() - older_than
        replaced = (runs.c.state == "superseded") & (runs.c.superseded_at <= before)
        given_up = runs.c.state.in_(["failed", "writing", "finished"]) & (
            func.coalesce(runs.c.finished_at, runs.c.started_at) <= before
        )
        with self._database.write() as connection:
            held = select(runs.c.run_number).where(
                or_(replaced, given_up), runs.c.scores_deleted_at.is_(None)
            )
            numbers = connection.execute(held.with_for_update()).scalars().all()
            unfinished = runs.c.state.in_(["writing", "finished"])
            connection.execute(
                update(runs)
                .where(runs.c.run_number.in_(numbers), unfinished)
                .values(state="failed")
            )
            drop_unneeded(connection)
        return sum(self.delete_run(number, rows_at_once=rows_at_once) for number in numbers)

    def delete_run(self, run_number: int, *, rows_at_once: int = 10_000) -> int:
        """Delete the rows of one run that nobody is to read any more; returns how many."""
        with self._database.write() as connection:
            # Marked before the first row goes: no reader may take what is left for a run.
            connection.execute(
                update(runs).where(runs.c.run_number == run_number).values(scores_deleted_at=now())
            )
        deleted = 0
        while batch := self._delete_some(run_number, rows_at_once):
            deleted += batch
        return deleted

    def delete_user(self, user_id: str) -> int:
        """Delete a user's rows from all runs; returns how many there were."""
        with self._database.write() as connection:
            # By run and user, which is the primary key; by user alone would read every row.
            numbers = select(runs.c.run_number).where(runs.c.scores_deleted_at.is_(None))
            gone = delete(scores).where(
                scores.c.run_number.in_(numbers), scores.c.user_id == user_id
            )
            return connection.execute(gone).rowcount

    def _many(self, prediction: str, user_ids: Sequence[str]) -> Rows:
        if self._database.dialect == "sqlite":
            asked: Mapping[str, Any] = {"user_ids": json.dumps(user_ids), "name": prediction}
            return self._database.fetch_all(_MANY_SQLITE, asked)
        asked = {"user_ids": user_ids, "name": prediction}
        return self._database.fetch_all(_MANY_POSTGRESQL, asked)

    def _write(self, run_id: str, rows: ScoreRows) -> None:
        from predictive.store.bulk import copy_postgresql, insert_sqlite  # noqa: PLC0415  (Arrow)

        try:
            with self._database.write() as connection:
                run_number = _writable(connection, run_id)
                if self._database.dialect == "sqlite":
                    insert_sqlite(connection, run_number, rows)
                else:
                    copy_postgresql(connection, run_number, rows)
                connection.execute(
                    update(runs)
                    .where(runs.c.run_number == run_number)
                    .values(users=runs.c.users + len(rows))
                )
        except self._database.integrity_error:
            raise InvalidInput(
                "user_ids", "an id given twice", "each user at most once in a run"
            ) from None

    def _delete_some(self, run_number: int, count: int) -> int:
        of_run = scores.c.run_number == run_number
        ids = select(scores.c.user_id).where(of_run).order_by(scores.c.user_id)
        with self._database.write() as connection:
            last = connection.execute(ids.offset(count - 1).limit(1)).scalar()
            gone = delete(scores).where(of_run)
            if last is not None:
                gone = gone.where(scores.c.user_id <= last)
            return connection.execute(gone).rowcount

    def _require_offered(self, prediction: str) -> None:
        columns = (predictions.c.name, predictions.c.state, predictions.c.current_run_number)
        with self._database.read() as connection:
            rows = {row.name: row for row in connection.execute(select(*columns))}
        if prediction not in rows:
            raise NotFound("prediction", prediction, rows)
        require_targeting(prediction, rows[prediction].state)
        if rows[prediction].current_run_number is None:
            raise Conflict(
                "Prediction {name!r} has no published scores yet. Run `predictive score {name}` "
                "first.",
                name=prediction,
            )


def _writable(connection: Connection, run_id: str) -> int:
    """The number of a run that may be written to, held so until the transaction ends."""
    query = select(runs.c.run_number, runs.c.state).where(runs.c.run_id == run_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("scoring run", run_id)
    if row.state != "writing":
        raise Conflict(f"Scoring run {run_id!r} is {row.state}: no rows can be added.")
    return int(row.run_number)
