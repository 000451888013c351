"""Sends: who was treated, and who was held out to compare with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from predictive.errors import InvalidInput, NotFound
from predictive.store.database import Database
from predictive.store.identifiers import new_id
from predictive.store.moments import now
from predictive.store.predictions import prediction_number
from predictive.store.tables import predictions, runs
from predictive.store.texts import is_storable
from predictive.store.watch_tables import send_members, sends

Group = Literal["treated", "held_out"]
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Send:
    """One send.

    Parameters
    ----------
    run_id
        The scoring run from which its users were picked.
    holdout_share
        Share of the users picked that was held out at random, in [0, 1).
    treated, held_out
        Users in either group.
    """

    send_id: str
    prediction: str
    run_id: str
    sent_at: datetime
    holdout_share: float
    treated: int
    held_out: int
    created_at: datetime


class Sends:
    """The sends of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        prediction: str,
        run_id: str,
        sent_at: datetime,
        holdout_share: float,
        treated: Iterable[str],
        heldout: Iterable[str],
    ) -> str:
        """Keep a send with its users, all of it or nothing; returns its id.

        Raises
        ------
        NotFound
            There is no such prediction, or no such run of it.
        InvalidInput
            A user stands there twice, an id is empty or can't be stored, nobody was treated,
            or the share is none.
        """
        if not 0.0 <= holdout_share < 1.0:
            raise InvalidInput("holdout_share", holdout_share, "a number from 0 to below 1")
        send_id = new_id()
        try:
            with self._database.write() as connection:
                number = prediction_number(connection, prediction, lock=True)
                send = {
                    "send_id": send_id,
                    "prediction_id": number,
                    "run_number": _run_number(connection, number, run_id),
                    "sent_at": sent_at,
                    "holdout_share": holdout_share,
                    "treated": 0,
                    "held_out": 0,
                    "created_at": now(),
                }
                created = insert(sends).values(send).returning(sends.c.send_number)
                send_number = connection.execute(created).scalar_one()
                counts = {
                    "treated": _add_members(connection, send_number, "treated", treated),
                    "held_out": _add_members(connection, send_number, "held_out", heldout),
                }
                if not counts["treated"]:
                    raise InvalidInput("treated", "nobody", "at least one user who was treated")
                of_send = sends.c.send_number == send_number
                connection.execute(update(sends).where(of_send).values(counts))
        except IntegrityError:
            raise InvalidInput(
                "user_ids", "an id given twice", "each user at most once, in one of both groups"
            ) from None
        return send_id

    def list(
        self,
        prediction: str,
        *,
        limit: int | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[Send]:
        """The sends of a prediction, newest first.

        Parameters
        ----------
        limit
            At most as many.
        before
            Only older ones than that of this moment and id: where the next page begins.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            query = _selection().where(sends.c.prediction_id == number).limit(limit)
            if before is not None:
                query = query.where(tuple_(sends.c.sent_at, sends.c.send_id) < before)
            rows = connection.execute(query)
            return [Send(**row._asdict()) for row in rows]

    def of_run(self, run_id: str) -> Sequence[Send]:
        """The sends whose users were picked from a run, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(_selection().where(runs.c.run_id == run_id))
            return [Send(**row._asdict()) for row in rows]

    def members(self, send_id: str) -> Iterator[tuple[str, Group]]:
        """The users of a send by id, each with its group; read a piece at a time.

        Raises
        ------
        NotFound
            There is no such send.
        """
        with self._database.read() as connection:
            query = select(sends.c.send_number).where(sends.c.send_id == send_id)
            number = connection.execute(query).scalar()
        if number is None:
            raise NotFound("send", send_id)
        return self._members(number)

    def delete_user(self, user_id: str) -> int:
        """Take a user out of all sends; returns out of how many."""
        mine = send_members.c.user_id == user_id
        # By send and user, which is the primary key; by user alone would read every row.
        mine &= send_members.c.send_number.in_(select(sends.c.send_number))
        with self._database.write() as connection:
            found = connection.execute(
                select(send_members.c.send_number, send_members.c.treated).where(mine)
            ).all()
            for number, treated in found:
                column = sends.c.treated if treated else sends.c.held_out
                of_send = update(sends).where(sends.c.send_number == number)
                connection.execute(of_send.values({column: column - 1}))
            connection.execute(delete(send_members).where(mine))
        return len(found)

    def _members(self, send_number: int) -> Iterator[tuple[str, Group]]:
        columns = (send_members.c.user_id, send_members.c.treated)
        of_send = send_members.c.send_number == send_number
        query = select(*columns).where(of_send).order_by(send_members.c.user_id)
        last = ""
        while True:
            page = query.where(send_members.c.user_id > last).limit(_ROWS_AT_ONCE)
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            for user_id, treated in rows:
                yield user_id, "treated" if treated else "held_out"
            if len(rows) < _ROWS_AT_ONCE:
                return
            last = rows[-1].user_id


def _run_number(connection: Connection, prediction_id: int, run_id: str) -> int:
    of_run = (runs.c.run_id == run_id) & (runs.c.prediction_id == prediction_id)
    number = connection.execute(select(runs.c.run_number).where(of_run)).scalar()
    if number is None:
        raise NotFound("scoring run", run_id)
    return int(number)


def _add_members(
    connection: Connection, send_number: int, group: Group, user_ids: Iterable[str]
) -> int:
    """Insert the users of a group; returns how many."""
    remaining, count = iter(user_ids), 0
    while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
        rows = [
            {"send_number": send_number, "user_id": _checked(user), "treated": group == "treated"}
            for user in chunk
        ]
        connection.execute(insert(send_members), rows)
        count += len(rows)
    return count


def _checked(user_id: str) -> str:
    if not user_id or not is_storable(user_id):
        raise InvalidInput("user_ids", user_id, "a non-empty text without NUL characters")
    return user_id


def _selection() -> Select[Any]:
    hidden = {"send_number", "prediction_id", "run_number"}
    columns = [column for column in sends.c if column.name not in hidden]
    return (
        select(predictions.c.name.label("prediction"), runs.c.run_id, *columns)
        .join(predictions, predictions.c.id == sends.c.prediction_id)
        .join(runs, runs.c.run_number == sends.c.run_number)
        .order_by(sends.c.sent_at.desc(), sends.c.send_id.desc())
    )
