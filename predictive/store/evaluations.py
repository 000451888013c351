"""What scoring runs turned out to be worth, once they had matured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, insert, or_, select

from predictive.store.database import AnyRow, Database
from predictive.store.moments import now
from predictive.store.predictions import prediction_number
from predictive.store.publication import find_run
from predictive.store.tables import evaluations, runs
from predictive.store.watch_tables import sends

#: Names in a report of what it was made from.
_BASIS = ("data_version", "sends")


@dataclass(frozen=True)
class Evaluation:
    """One comparison of a run with what happened."""

    run_id: str
    as_of: datetime
    report: Mapping[str, Any]
    created_at: datetime


class Awaiting(NamedTuple):
    """A run to be evaluated, and the number of the newest send that could change its outcomes."""

    run_id: str
    send: int | None


class Evaluations:
    """The evaluations of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: str, report: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep what a run's evaluation told; returns the report that is kept.

        One over the same data and the same sends as the newest is kept once: the first stays.

        Raises
        ------
        NotFound
            There is no such run.
        """
        with self._database.write() as connection:
            # Locked: two workers that evaluate the same run at once keep one evaluation.
            number = find_run(connection, run_id, lock=True).run_number
            kept = connection.execute(_selection().where(runs.c.run_id == run_id)).first()
            if kept is not None and _same_basis(kept.report, report):
                return dict(kept.report)
            connection.execute(
                insert(evaluations).values(run_number=number, report=dict(report), created_at=now())
            )
        return report

    def evaluated_at(self, prediction: str) -> Mapping[str, datetime]:
        """When each evaluated run was last evaluated, by run id.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            query = (
                select(runs.c.run_id, func.max(evaluations.c.created_at))
                .join(runs, runs.c.run_number == evaluations.c.run_number)
                .where(runs.c.prediction_id == number)
                .group_by(runs.c.run_id)
            )
            return {row[0]: row[1] for row in connection.execute(query)}

    def awaiting(self, prediction: str, data_end: datetime) -> Awaiting | None:
        """The newest run to be evaluated, or None when there is none.

        That is a published run that has matured and has no evaluation, or none since a send
        that falls into its window was recorded.

        Parameters
        ----------
        data_end
            The end of what the data covers; a run matures with ``as_of + window <= data_end``.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        reached = (
            (sends.c.prediction_id == runs.c.prediction_id)
            & (sends.c.sent_at >= runs.c.as_of)
            & (sends.c.sent_at < runs.c.matures_at)
        )
        last_send = select(func.max(sends.c.created_at)).where(reached).scalar_subquery()
        last_number = select(func.max(sends.c.send_number)).where(reached).scalar_subquery()
        evaluated = exists().where(
            evaluations.c.run_number == runs.c.run_number,
            or_(last_send.is_(None), evaluations.c.created_at >= last_send),
        )
        query = (
            select(runs.c.run_id, last_number.label("send"))
            .where(runs.c.published_at.is_not(None), runs.c.matures_at <= data_end, ~evaluated)
            .order_by(runs.c.as_of.desc(), runs.c.run_number.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            row = connection.execute(query.where(runs.c.prediction_id == number)).one_or_none()
        return None if row is None else Awaiting(row.run_id, row.send)

    def newest(self, prediction: str) -> Evaluation | None:
        """The latest evaluation of the run with the latest ``as_of``, or None.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        found = self.list(prediction)
        return found[0] if found else None

    def list(self, prediction: str) -> Sequence[Evaluation]:
        """All evaluations of a prediction, newest run first.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            rows = connection.execute(_selection().where(runs.c.prediction_id == number))
            return [_evaluation(row) for row in rows]

    def of_run(self, run_id: str) -> Sequence[Evaluation]:
        """The evaluations of one run, newest first; none while it was not evaluated."""
        with self._database.read() as connection:
            rows = connection.execute(_selection().where(runs.c.run_id == run_id))
            return [_evaluation(row) for row in rows]


def _selection() -> Select[Any]:
    columns = (runs.c.run_id, runs.c.as_of, evaluations.c.report, evaluations.c.created_at)
    return (
        select(*columns)
        .join(runs, runs.c.run_number == evaluations.c.run_number)
        .order_by(runs.c.as_of.desc(), evaluations.c.id.desc())
    )


def _same_basis(kept: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    return all(name in kept and kept[name] == report.get(name) for name in _BASIS)


def _evaluation(row: AnyRow) -> Evaluation:
    return Evaluation(row.run_id, row.as_of, row.report, row.created_at)
