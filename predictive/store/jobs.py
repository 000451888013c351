"""Jobs: what a worker is to do, how far it is, what it said and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, tuple_, update

from predictive.errors import Conflict, NotFound
from predictive.store.callbacks import add_callback, call_back
from predictive.store.database import AnyRow, Database
from predictive.store.identifiers import new_id
from predictive.store.insertion import insert_unless
from predictive.store.moments import now as _clock
from predictive.store.predictions import prediction_number
from predictive.store.service_tables import callbacks
from predictive.store.tables import job_log, jobs, predictions

JobKind = Literal["build", "train", "score", "evaluate", "check", "compact", "export"]
_OPEN = ("queued", "running")
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Job:
    """One job.

    Parameters
    ----------
    prediction
        What it is about; None for the whole workspace.
    kind
        ``build`` (train, then score), ``train``, ``score``, ``evaluate``, ``check``, ``compact``
        or ``export``.
    state
        ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``.
    stage, share, seconds_left
        What it is doing, the share of it that is done in [0, 1], and the time it still
        needs; each None while unknown.
    result, error
        What came of it; the error as its JSON-ready fields.
    requested_by
        Who asked: ``command line``, ``schedule`` or ``key <id>``.
    key
        The occasion it is for, for which there is no other; None for one asked for by hand.
    """

    id: str
    prediction: str | None
    kind: str
    state: str
    params: Mapping[str, Any]
    stage: str | None
    share: float | None
    seconds_left: float | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    cancel_requested: bool
    requested_by: str
    key: str | None
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None


class LogLine(NamedTuple):
    """One line of a job's log, counted from 1."""

    number: int
    at: datetime
    level: str
    message: str


class Jobs:
    """The jobs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        kind: str,
        prediction: str | None,
        params: Mapping[str, Any],
        *,
        key: str | None = None,
        requested_by: str = "",
        callback_url: str | None = None,
        now: datetime | None = None,
    ) -> str:
        """Note a job that is to be done; returns its id.

        Parameters
        ----------
        prediction
            What it is about; None for the whole workspace.
        key
            Names the occasion. When a job has that key already, its id is returned and
            nothing is changed.
        callback_url
            Who is to be told when it is over.
        now
            When it was asked for; by default, now.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        moment = now or _clock()
        row = {
            "id": new_id(),
            "kind": kind,
            "state": "queued",
            "params": dict(params),
            "cancel_requested": False,
            "requested_by": requested_by,
            "key": key,
            "created_at": moment,
            "updated_at": moment,
        }
        with self._database.write() as connection:
            if prediction is not None:
                row["prediction_id"] = prediction_number(connection, prediction, lock=True)
            if key is None:
                connection.execute(insert(jobs).values(row))
            elif not insert_unless(connection, jobs, row, taken="key"):
                query = select(jobs.c.id).where(jobs.c.key == key)
                return str(connection.execute(query).scalar_one())
            if callback_url is not None:
                add_callback(connection, str(row["id"]), callback_url)
        return str(row["id"])

    def progress(
        self,
        job_id: str,
        stage: str,
        share: float | None = None,
        seconds_left: float | None = None,
    ) -> bool:
        """Note how far a job is; returns whether it should stop.

        The first call starts the job's time.

        Raises
        ------
        NotFound
            There is no such job.
        Conflict
            The job is over.
        """
        with self._database.write() as connection:
            job = _open(connection, job_id)
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id)
                .values(
                    state="running",
                    stage=stage,
                    share=share,
                    seconds_left=seconds_left,
                    started_at=job.started_at or _clock(),
                    updated_at=_clock(),
                )
            )
        return bool(job.cancel_requested)

    def finish(self, job_id: str, result: Mapping[str, Any]) -> None:
        """The job is done; raises as `progress` does."""
        values = {"state": "succeeded", "result": dict(result), "share": 1.0, "seconds_left": 0.0}
        self._close(job_id, values)

    def fail(self, job_id: str, error: Mapping[str, Any]) -> None:
        """The job failed; ``error`` is `PredictiveError.details`. Raises as `progress` does."""
        self._close(job_id, {"state": "failed", "error": dict(error), "seconds_left": None})

    def cancelled(self, job_id: str) -> None:
        """The job has stopped because it was asked to; raises as `progress` does."""
        self._close(job_id, {"state": "cancelled", "seconds_left": None})

    def request_cancel(self, job_id: str, *, free_key: bool = False) -> None:
        """Ask the job to stop; one that has not begun is cancelled at once.

        Parameters
        ----------
        free_key
            Whether another job may be asked for on its occasion.

        Raises
        ------
        NotFound
            There is no such job.
        Conflict
            The job is over.
        """
        with self._database.write() as connection:
            job = _open(connection, job_id)
            moment = _clock()
            values: dict[str, Any] = {"cancel_requested": True, "updated_at": moment}
            if free_key:
                values["key"] = None
            if job.state == "queued":
                values |= {"state": "cancelled", "finished_at": moment}
                call_back(connection, job_id, moment)
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    def get(self, job_id: str) -> Job:
        """One job.

        Raises
        ------
        NotFound
            There is no such job.
        """
        with self._database.read() as connection:
            row = connection.execute(_selection().where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        return Job(**row._asdict())

    def list(
        self,
        prediction: str | None = None,
        *,
        kind: str | None = None,
        segment: str | None = None,
        unfinished: bool = False,
        limit: int | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[Job]:
        """Jobs of a prediction, or all of them, newest first.

        Parameters
        ----------
        kind
            Only those of this kind.
        segment
            Only those about the segment of this id.
        unfinished
            Only those that are queued or running.
        limit
            At most as many.
        before
            Only older ones than that of this moment and id: where the next page begins.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = _selection().order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        if segment is not None:
            query = query.where(jobs.c.params["segment_id"].as_string() == segment)
        if unfinished:
            query = query.where(jobs.c.state.in_(_OPEN))
        if before is not None:
            query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < before)
        with self._database.read() as connection:
            if prediction is not None:
                number = prediction_number(connection, prediction)
                query = query.where(jobs.c.prediction_id == number)
            return [Job(**row._asdict()) for row in connection.execute(query)]

    def of_keys(self, keys: Iterable[str]) -> dict[str, Job]:
        """The jobs that have these keys, by key; what has no job is left out."""
        query = _selection().where(jobs.c.key.in_([*keys]))
        with self._database.read() as connection:
            return {row.key: Job(**row._asdict()) for row in connection.execute(query)}

    def newest_of(self, occasions: str) -> Job | None:
        """The job asked for last of those whose keys begin so, or None."""
        query = (
            _selection()
            .where(jobs.c.key.startswith(occasions, autoescape=True))
            .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Job(**row._asdict())

    def forget(self, *, before: datetime) -> int:
        """Delete the jobs that were over before a moment, with their logs; returns how many.

        Kept all the same is what names the newest occasion of a kind and prediction, or it would
        be due again, and what somebody is still to be told of.
        """
        newer = jobs.alias()
        outdone = (
            select(newer.c.id)
            .where(
                newer.c.kind == jobs.c.kind,
                newer.c.prediction_id.is_not_distinct_from(jobs.c.prediction_id),
                newer.c.key.is_not(None),
                newer.c.created_at > jobs.c.created_at,
            )
            .exists()
        )
        told = select(callbacks.c.job_id).where(callbacks.c.next_attempt_at.is_not(None))
        over = (
            select(jobs.c.id)
            .where(
                jobs.c.state.not_in(_OPEN),
                jobs.c.finished_at < before,
                jobs.c.key.is_(None) | outdone,
                jobs.c.id.not_in(told),
            )
            .limit(_ROWS_AT_ONCE)
        )
        batch = delete(jobs).where(jobs.c.id.in_(over))
        return self._database.delete_in_batches(batch.returning(jobs.c.id), _ROWS_AT_ONCE)

    def log(self, job_id: str, message: str, level: str = "info") -> None:
        """Add a line to the job's log.

        Raises
        ------
        NotFound
            There is no such job.
        """
        with self._database.write() as connection:
            _locked(connection, job_id)
            query = select(func.max(job_log.c.number)).where(job_log.c.job_id == job_id)
            number = (connection.execute(query).scalar() or 0) + 1
            line = {"number": number, "at": _clock(), "level": level, "message": message}
            connection.execute(insert(job_log).values(job_id=job_id, **line))

    def read_log(self, job_id: str, after: int = 0) -> Sequence[LogLine]:
        """The job's log from the line after ``after``, oldest first.

        Raises
        ------
        NotFound
            There is no such job.
        """
        columns = (job_log.c.number, job_log.c.at, job_log.c.level, job_log.c.message)
        query = (
            select(*columns)
            .where(job_log.c.job_id == job_id, job_log.c.number > after)
            .order_by(job_log.c.number)
        )
        with self._database.read() as connection:
            if connection.execute(select(jobs.c.id).where(jobs.c.id == job_id)).scalar() is None:
                raise NotFound("job", job_id)
            return [LogLine(*row) for row in connection.execute(query)]

    def _close(self, job_id: str, values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            _open(connection, job_id)
            moment = _clock()
            moments = {"finished_at": moment, "updated_at": moment}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values, **moments))
            call_back(connection, job_id, moment)


def _locked(connection: Connection, job_id: str) -> AnyRow:
    columns = (jobs.c.state, jobs.c.started_at, jobs.c.cancel_requested)
    query = select(*columns).where(jobs.c.id == job_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("job", job_id)
    return row


def _open(connection: Connection, job_id: str) -> AnyRow:
    row = _locked(connection, job_id)
    if row.state not in _OPEN:
        raise Conflict("Job {id!r} has {state} already.", id=job_id, state=row.state)
    return row


def _selection() -> Select[Any]:
    columns = [column for column in jobs.c if column.name != "prediction_id"]
    return select(predictions.c.name.label("prediction"), *columns).join(
        predictions, predictions.c.id == jobs.c.prediction_id, isouter=True
    )
