"""Pages of scores by falling score, which all come from one run."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, select

from predictive.errors import Conflict, InvalidInput
from predictive.store.database import AnyRow
from predictive.store.score import Score, category
from predictive.store.tables import predictions, runs, scores
from predictive.store.texts import is_storable

MAX_PAGE = 10_000
_HIGHEST = 10_000


@dataclass(frozen=True)
class Page:
    """Users by falling score, then by id.

    Parameters
    ----------
    run_id
        The run all of them are of.
    scores
        At most as many as asked for.
    next_cursor
        Hand it back for the next page; None on the last one.
    """

    run_id: str
    scores: tuple[Score, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Place:
    """Where in which run a page begins; bounds in hundredths of a score, inclusive.

    Parameters
    ----------
    run_id
        None: the run that is current.
    after
        Score in hundredths and id of the last user of the page before.
    """

    lowest: int
    highest: int
    run_id: str | None = None
    after: tuple[int, str] | None = None


def first_place(min_score: float, max_score: float) -> Place:
    """The beginning of the current run.

    Raises
    ------
    InvalidInput
        A bound is no number from 0 to 100, or the two are the wrong way round.
    """
    for field, value in (("min_score", min_score), ("max_score", max_score)):
        if not 0.0 <= value <= 100.0:
            raise InvalidInput(field, value, "a number from 0 to 100")
    if min_score > max_score:
        raise InvalidInput("min_score", min_score, f"at most max_score, which is {max_score:g}")
    # 74.999 as a bound must not let in 74.99; 0.29 * 100 must not count as 28.999….
    return Place(
        lowest=math.ceil(round(min_score * 100, 6)), highest=math.floor(round(max_score * 100, 6))
    )


def encode(place: Place) -> str:
    """The place as a text that means nothing to a client."""
    fields = [place.run_id, place.lowest, place.highest, *(place.after or ())]
    # As UTF-8: escapes would make a cursor of 256 such letters longer than servers take.
    written = json.dumps(fields, ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def decode(cursor: str) -> Place:
    """The place that a cursor stands for.

    Raises
    ------
    InvalidInput
        It is no cursor of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        run_id, lowest, highest, score, user_id = json.loads(text)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _not_a_cursor(cursor) from None
    numbers = (lowest, highest, score)
    if not all(type(number) is int and 0 <= number <= _HIGHEST for number in numbers):
        raise _not_a_cursor(cursor)
    if not all(isinstance(name, str) and is_storable(name) for name in (run_id, user_id)):
        raise _not_a_cursor(cursor)
    return Place(lowest, highest, run_id, (score, user_id))


def read_page(connection: Connection, prediction: str, place: Place, limit: int) -> Page | None:
    """The page at a place; None when the prediction offers no such run.

    Raises
    ------
    Conflict
        The rows of the run have been deleted.
    """
    run = run_at(connection, prediction, place.run_id)
    if run is None:
        return None
    # One more than asked for tells whether there is a next page.
    rows = _rows(connection, run.run_number, place, limit + 1)
    return Page(
        run_id=run.run_id,
        scores=tuple(_as_score(row, run) for row in rows[:limit]),
        next_cursor=_next(rows, place, run.run_id, limit),
    )


def run_at(connection: Connection, prediction: str, run_id: str | None) -> AnyRow | None:
    """The run of that id, or the current one; None when the prediction offers no such run.

    Raises
    ------
    Conflict
        Its rows have been deleted.
    """
    run = connection.execute(_run(prediction, run_id)).one_or_none()
    if run is not None and run.scores_deleted_at is not None:
        raise run_gone()
    return run


def run_gone() -> Conflict:
    """The error of whoever asks for a run whose rows have been deleted."""
    return Conflict("The scoring run of this cursor was replaced. Start again without a cursor.")


def _run(prediction: str, run_id: str | None) -> Select[Any]:
    query = (
        select(
            runs.c.run_number,
            runs.c.run_id,
            runs.c.model_version,
            runs.c.finished_at,
            runs.c.as_of,
            runs.c.medium_from_hundredths,
            runs.c.high_from_hundredths,
            runs.c.scores_deleted_at,
        )
        .join(predictions, predictions.c.id == runs.c.prediction_id)
        .where(predictions.c.name == prediction, predictions.c.state == "active")
    )
    if run_id is None:
        return query.where(runs.c.run_number == predictions.c.current_run_number)
    return query.where(runs.c.run_id == run_id, runs.c.state.in_(["published", "superseded"]))


def _rows(connection: Connection, run_number: int, place: Place, count: int) -> list[AnyRow]:
    query = (
        select(scores.c.user_id, scores.c.probability, scores.c.score_hundredths)
        .where(scores.c.run_number == run_number)
        .order_by(scores.c.score_hundredths.desc(), scores.c.user_id)
    )
    score = scores.c.score_hundredths
    if place.after is None:
        within = query.where(score >= place.lowest, score <= place.highest)
        return list(connection.execute(within.limit(count)))
    # In two steps, each a seek in the index: asked as one condition, a page would read all
    # users of equal score before it once more.
    last_score, last_user = place.after
    ties = query.where(score == last_score, scores.c.user_id > last_user)
    rows = list(connection.execute(ties.limit(count)))
    below = query.where(score >= place.lowest, score < last_score)
    return rows + list(connection.execute(below.limit(count - len(rows))))


def _next(rows: list[AnyRow], place: Place, run_id: str, limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return encode(replace(place, run_id=run_id, after=(last.score_hundredths, last.user_id)))


def _as_score(row: AnyRow, run: AnyRow) -> Score:
    hundredths = row.score_hundredths
    return Score(
        user_id=row.user_id,
        probability=row.probability,
        score=hundredths / 100,
        category=category(hundredths, run.medium_from_hundredths, run.high_from_hundredths),
        model_version=run.model_version,
        scored_at=run.finished_at,
        as_of=run.as_of,
        run_id=run.run_id,
    )


def _not_a_cursor(cursor: str) -> InvalidInput:
    return InvalidInput("cursor", cursor, "the next_cursor of a page before, unchanged")
