"""All scores of a run in the order of user ids, read in batches.

Between two batches nothing is held: no cursor, no transaction. So a reader may be as slow as it
likes, and go on in another connection from any row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import Connection

from predictive.store.database import AnyRow, Database
from predictive.store.pages import Place, first_place, run_at, run_gone
from predictive.store.position import Position
from predictive.store.readers import Query, Rows

if TYPE_CHECKING:
    import pyarrow as pa

Category = Literal["low", "medium", "high"]

#: Rows of one read: few enough to hold, enough to make Arrow worth while.
BATCH_ROWS = 20_000

# The plus keeps both databases from the index by score: the primary key has the order wanted.
_NEXT = Query(
    "SELECT s.user_id, s.probability, s.score_hundredths"
    " FROM runs r JOIN scores s ON s.run_number = r.run_number"
    " WHERE r.run_number = :run_number AND r.scores_deleted_at IS NULL"
    " AND s.user_id > :after AND +s.score_hundredths BETWEEN :lowest AND :highest"
    " ORDER BY s.user_id LIMIT :count"
)
_WHOLE = Query("SELECT 1 FROM runs WHERE run_number = :run_number AND scores_deleted_at IS NULL")


@dataclass(frozen=True)
class ScoreStream:
    """A run to be read from a position on.

    Parameters
    ----------
    run_id, model_version, as_of, scored_at
        Where the scores come from.
    after
        The last user id before the first row.
    """

    run_id: str
    model_version: int
    as_of: datetime
    scored_at: datetime
    after: str
    _database: Database
    _run_number: int
    _lowest: int
    _highest: int
    _bounds: tuple[int, int]

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Batches of ``user_id``, ``probability``, ``score`` and ``category`` by user id.

        Raises
        ------
        Conflict
            The run's rows have been deleted meanwhile: what was read is not all there was.
        """
        after = self.after
        while found := self._next(after, rows):
            yield self._batch(found)
            after = found[-1][0]
            if len(found) < rows:
                return
        # One statement sees the whole run or none of it; nothing may mean either.
        if not self._database.fetch_all(_WHOLE, {"run_number": self._run_number}):
            raise run_gone()

    def _next(self, after: str, count: int) -> Rows:
        parameters = {
            "run_number": self._run_number,
            "after": after,
            "lowest": self._lowest,
            "highest": self._highest,
            "count": count,
        }
        return self._database.fetch_all(_NEXT, parameters)

    def _batch(self, rows: Rows) -> pa.RecordBatch:
        import numpy as np  # noqa: PLC0415  (heavy; who only looks up needs neither)
        import pyarrow as pa  # noqa: PLC0415

        hundredths = np.array([row[2] for row in rows], dtype=np.int16)
        category = np.searchsorted(self._bounds, hundredths, side="right").astype(np.int8)
        return pa.record_batch(
            {
                "user_id": pa.array([row[0] for row in rows], pa.string()),
                "probability": pa.array([row[1] for row in rows], pa.float64()),
                "score": pa.array(hundredths / 100),
                "category": pa.DictionaryArray.from_arrays(category, list(get_args(Category))),
            }
        )


def open_stream(
    database: Database,
    connection: Connection,
    prediction: str,
    min_score: float,
    max_score: float,
    category: Category | None,
    cursor: str | None,
) -> ScoreStream | None:
    """The stream at a position; None when the prediction offers no such run.

    Raises
    ------
    InvalidInput
        Bounds or cursor are not allowed.
    Conflict
        The rows of the run have been deleted.
    """
    position = None if cursor is None else Position.parse(cursor)
    place = first_place(min_score, max_score)
    run = run_at(connection, prediction, None if position is None else position.of)
    if run is None:
        return None
    lowest, highest = _within(place, run, category)
    return ScoreStream(
        run_id=run.run_id,
        model_version=run.model_version,
        as_of=run.as_of,
        scored_at=run.finished_at,
        after=position.after if position else "",
        _database=database,
        _run_number=run.run_number,
        _lowest=lowest,
        _highest=highest,
        _bounds=(run.medium_from_hundredths, run.high_from_hundredths),
    )


def _within(place: Place, run: AnyRow, category: Category | None) -> tuple[int, int]:
    """Lowest and highest score in hundredths, a category's bounds among them."""
    medium, high = run.medium_from_hundredths, run.high_from_hundredths
    bounds = {None: (0, 10_000), "low": (0, medium - 1), "medium": (medium, high - 1)}
    low, top = bounds.get(category, (high, 10_000))
    return max(place.lowest, low), min(place.highest, top)
