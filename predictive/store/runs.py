"""Scoring runs: begun, written, finished, published, replaced.

::

    writing ── finish ──▶ finished ── publish ──▶ published ── next one ──▶ superseded
        └───────── fail ──────┴──▶ failed

Which run readers see is one field of the prediction's row. Publishing sets it by comparing:
never to a run of an older moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from predictive.errors import Conflict, InvalidInput, NotFound
from predictive.store.database import AnyRow, Database
from predictive.store.identifiers import new_id
from predictive.store.moments import now
from predictive.store.predictions import prediction_number
from predictive.store.publication import find_run, publish_run, update_run
from predictive.store.readers import Query
from predictive.store.run import Run, run_of, run_rows
from predictive.store.tables import definitions, models, predictions, runs
from predictive.store.texts import is_storable
from predictive.store.tombstones import drop_unneeded

__all__ = ["Run", "Runs"]

_MICROSECOND = timedelta(microseconds=1)

_CURRENT = Query(
    "SELECT r.run_id, p.kind FROM predictions p"
    " JOIN runs r ON r.run_number = p.current_run_number WHERE p.name = :name"
)


class Runs:
    """The scoring runs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        prediction: str,
        model_version: int,
        as_of: datetime,
        *,
        categories: tuple[float, float] = (50.0, 75.0),
        data_version: str | None = None,
        code_version: str | None = None,
        job_id: str | None = None,
    ) -> str:
        """Begin a run; returns its id, which sorts by time.

        Parameters
        ----------
        categories
            Scores from which a user is ``medium`` and ``high``, kept to 0.01.
        job_id
            The job that scores, by which `of_job` finds the run again.

        Raises
        ------
        NotFound
            There is no such prediction or model version.
        InvalidInput
            The bounds of the categories are not in order.
        """
        medium, high = categories
        if not 0.0 <= medium <= high <= 100.0:
            raise InvalidInput("categories", categories, "0 <= medium <= high <= 100")
        run_id = new_id()
        with self._database.write() as connection:
            # Locked: the prediction can't be deleted while its run is being added.
            number = prediction_number(connection, prediction, lock=True)
            window = _window(connection, number, prediction, model_version)
            connection.execute(
                insert(runs).values(
                    run_id=run_id,
                    prediction_id=number,
                    model_version=model_version,
                    as_of=as_of,
                    matures_at=as_of + window,
                    state="writing",
                    users=0,
                    medium_from_hundredths=round(medium * 100),
                    high_from_hundredths=round(high * 100),
                    data_version=data_version,
                    code_version=code_version,
                    started_at=now(),
                    job_id=job_id,
                )
            )
        return run_id

    def finish(
        self,
        run_id: str,
        *,
        histogram: bytes,
        users: int | None = None,
        archive: str | None = None,
    ) -> None:
        """All rows are written; nothing is added from now on.

        Parameters
        ----------
        histogram
            The run's score histogram as bytes.
        users
            How many rows there should be; a different number is refused.

        Raises
        ------
        NotFound
            There is no such run.
        Conflict
            It is not being written, or holds another number of rows.
        """
        with self._database.write() as connection:
            run = _locked(connection, run_id, "writing", "finish")
            if users is not None and run.users != users:
                raise Conflict(
                    f"Scoring run {run_id!r} holds {run.users:,} rows instead of {users:,}."
                    " Score again."
                )
            connection.execute(
                update_run(run.run_number).values(
                    state="finished", finished_at=now(), histogram=histogram, archive=archive
                )
            )

    def fail(self, run_id: str) -> None:
        """Give up a run that was not published; its rows go with the next clean-up.

        Raises
        ------
        NotFound
            There is no such run.
        """
        with self._database.write() as connection:
            number = find_run(connection, run_id).run_number
            unpublished = runs.c.state.in_(["writing", "finished"])
            connection.execute(update_run(number).where(unpublished).values(state="failed"))
            drop_unneeded(connection)

    def publish(self, run_id: str) -> None:
        """Let readers see this run instead of the one before, in one step.

        Publishing the run that is current already changes nothing, so that a job taken up
        again may repeat it.

        Raises
        ------
        NotFound
            There is no such run.
        Conflict
            It is not finished, or older (by ``as_of``) than the one that is published; or the
            prediction was archived meanwhile.
        """
        with self._database.write() as connection:
            publish_run(connection, run_id)

    def get(self, run_id: str, prediction: str | None = None) -> Run:
        """One run, which must be of the prediction when one is named.

        Raises
        ------
        NotFound
            There is no such run or prediction.
        """
        query = run_rows().where(runs.c.run_id == run_id)
        with self._database.read() as connection:
            if prediction is not None:
                number = prediction_number(connection, prediction)
                query = query.where(runs.c.prediction_id == number)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("scoring run", run_id)
        return run_of(row)

    def of_job(self, job_id: str) -> Run | None:
        """The newest run that a job began, whatever became of it; None before it began one."""
        query = run_rows().where(runs.c.job_id == job_id)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(runs.c.run_number.desc()).limit(1)).first()
        return None if row is None else run_of(row)

    def set_profile(self, run_id: str, profile: Mapping[str, Any]) -> None:
        """Keep how the run's features and scores are distributed.

        Raises
        ------
        NotFound
            There is no such run.
        """
        with self._database.write() as connection:
            number = find_run(connection, run_id, lock=True).run_number
            connection.execute(update_run(number).values(profile=dict(profile)))

    def histogram(self, run_id: str) -> bytes:
        """The bytes given to `finish`.

        Raises
        ------
        NotFound
            There is no such run.
        Conflict
            It was never finished.
        """
        with self._database.read() as connection:
            query = select(runs.c.histogram).where(runs.c.run_id == run_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("scoring run", run_id)
        if row.histogram is None:
            raise Conflict(f"Scoring run {run_id!r} was not finished: it has no histogram.")
        return bytes(row.histogram)

    def current(self, prediction: str) -> Run | None:
        """The published run, or None before the first.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            is_current = runs.c.run_number == predictions.c.current_run_number
            query = run_rows().where(predictions.c.id == number, is_current)
            row = connection.execute(query).one_or_none()
        return None if row is None else run_of(row)

    def current_id(self, prediction: str) -> tuple[str, str] | None:
        """Id of the published run and the prediction's kind, None without; one indexed query."""
        if not is_storable(prediction):
            return None
        rows = self._database.fetch_all(_CURRENT, {"name": prediction})
        return (rows[0][0], rows[0][1]) if rows else None

    def matured(self, data_end: datetime, prediction: str | None = None) -> Sequence[Run]:
        """Runs that were published and whose outcomes are all known, newest first.

        Parameters
        ----------
        data_end
            The end of what the data covers; a run matures with ``as_of + window <= data_end``.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = run_rows().where(
            runs.c.matures_at <= data_end, runs.c.state.in_(["published", "superseded"])
        )
        return self._newest_first(query, prediction)

    def list(
        self, prediction: str | None = None, *, since: datetime | None = None
    ) -> Sequence[Run]:
        """All runs of a prediction, or of all, newest first.

        Parameters
        ----------
        since
            Only those of this moment and later ones.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = run_rows()
        if since is not None:
            query = query.where(runs.c.as_of >= since)
        return self._newest_first(query, prediction)

    def _newest_first(self, query: Select[Any], prediction: str | None) -> Sequence[Run]:
        with self._database.read() as connection:
            if prediction is not None:
                number = prediction_number(connection, prediction)
                query = query.where(runs.c.prediction_id == number)
            ordered = query.order_by(runs.c.as_of.desc(), runs.c.run_number.desc())
            return [run_of(row) for row in connection.execute(ordered)]


def _window(connection: Connection, number: int, prediction: str, version: int) -> timedelta:
    """Outcome window of the definition that a model version was trained for."""
    same = (definitions.c.prediction_id == models.c.prediction_id) & (
        definitions.c.version == models.c.definition_version
    )
    microseconds = connection.execute(
        select(definitions.c.window_microseconds)
        .join(models, same)
        .where(models.c.prediction_id == number, models.c.version == version)
    ).scalar()
    if microseconds is None:
        raise NotFound(f"model version of prediction {prediction!r}", str(version))
    return int(microseconds) * _MICROSECOND


def _locked(connection: Connection, run_id: str, state: str, verb: str) -> AnyRow:
    row = find_run(connection, run_id, lock=True)
    if row.state != state:
        raise Conflict(f"Scoring run {run_id!r} is {row.state}: can't {verb} it.")
    return row
