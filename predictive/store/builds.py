"""Builds: jobs that someone waits for, how far they are and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update

from predictive.errors import Conflict, NotFound
from predictive.store.database import AnyRow, Database
from predictive.store.identifiers import new_id
from predictive.store.moments import now
from predictive.store.predictions import prediction_number
from predictive.store.tables import builds, predictions

_OPEN = ("queued", "running")


@dataclass(frozen=True)
class Build:
    """One job.

    Parameters
    ----------
    state
        ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``.
    stage, share, seconds_left
        What it is doing, the share of it that is done in [0, 1], and the time it still
        needs; each None while unknown.
    result, error
        What came of it; the error as its JSON-ready fields.
    """

    id: str
    prediction: str
    kind: str
    state: str
    params: Mapping[str, Any]
    stage: str | None
    share: float | None
    seconds_left: float | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None


class Builds:
    """The builds of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, kind: str, prediction: str, params: Mapping[str, Any]) -> str:
        """Note a job that is to be done; returns its id.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        build_id = new_id()
        with self._database.write() as connection:
            number = prediction_number(connection, prediction, lock=True)
            connection.execute(
                insert(builds).values(
                    id=build_id,
                    prediction_id=number,
                    kind=kind,
                    state="queued",
                    params=dict(params),
                    cancel_requested=False,
                    created_at=now(),
                    updated_at=now(),
                )
            )
        return build_id

    def progress(
        self,
        build_id: str,
        stage: str,
        share: float | None = None,
        seconds_left: float | None = None,
    ) -> bool:
        """Note how far a job is; returns whether it should stop.

        The first call starts the job's time.

        Raises
        ------
        NotFound
            There is no such build.
        Conflict
            The build is over.
        """
        with self._database.write() as connection:
            build = _open(connection.execute(_locked(build_id)).one_or_none(), build_id)
            connection.execute(
                update(builds)
                .where(builds.c.id == build_id)
                .values(
                    state="running",
                    stage=stage,
                    share=share,
                    seconds_left=seconds_left,
                    started_at=build.started_at or now(),
                    updated_at=now(),
                )
            )
        return bool(build.cancel_requested)

    def finish(self, build_id: str, result: Mapping[str, Any]) -> None:
        """The job is done; raises as `progress` does."""
        values = {"state": "succeeded", "result": dict(result), "share": 1.0, "seconds_left": 0.0}
        self._close(build_id, values)

    def fail(self, build_id: str, error: Mapping[str, Any]) -> None:
        """The job failed; ``error`` is `PredictiveError.details`. Raises as `progress` does."""
        self._close(build_id, {"state": "failed", "error": dict(error), "seconds_left": None})

    def cancelled(self, build_id: str) -> None:
        """The job has stopped because it was asked to; raises as `progress` does."""
        self._close(build_id, {"state": "cancelled", "seconds_left": None})

    def request_cancel(self, build_id: str) -> None:
        """Ask the job to stop; one that has not begun is cancelled at once.

        Raises
        ------
        NotFound
            There is no such build.
        Conflict
            The build is over.
        """
        with self._database.write() as connection:
            build = _open(connection.execute(_locked(build_id)).one_or_none(), build_id)
            values: dict[str, Any] = {"cancel_requested": True, "updated_at": now()}
            if build.state == "queued":
                values |= {"state": "cancelled", "finished_at": now()}
            connection.execute(update(builds).where(builds.c.id == build_id).values(values))

    def get(self, build_id: str) -> Build:
        """One build.

        Raises
        ------
        NotFound
            There is no such build.
        """
        with self._database.read() as connection:
            row = connection.execute(_selection().where(builds.c.id == build_id)).one_or_none()
        if row is None:
            raise NotFound("build", build_id)
        return _build(row)

    def list(self, prediction: str | None = None) -> Sequence[Build]:
        """All builds of a prediction, or of all, newest first.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = _selection().order_by(builds.c.created_at.desc(), builds.c.id.desc())
        with self._database.read() as connection:
            if prediction is not None:
                number = prediction_number(connection, prediction)
                query = query.where(builds.c.prediction_id == number)
            return [_build(row) for row in connection.execute(query)]

    def _close(self, build_id: str, values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            _open(connection.execute(_locked(build_id)).one_or_none(), build_id)
            moments = {"finished_at": now(), "updated_at": now()}
            connection.execute(
                update(builds).where(builds.c.id == build_id).values(**values, **moments)
            )


def _locked(build_id: str) -> Select[Any]:
    columns = (builds.c.state, builds.c.started_at, builds.c.cancel_requested)
    return select(*columns).where(builds.c.id == build_id).with_for_update()


def _open(row: AnyRow | None, build_id: str) -> AnyRow:
    if row is None:
        raise NotFound("build", build_id)
    if row.state not in _OPEN:
        raise Conflict(f"Build {build_id!r} has {row.state} already.")
    return row


def _selection() -> Select[Any]:
    columns = [column for column in builds.c if column.name != "prediction_id"]
    return select(predictions.c.name.label("prediction"), *columns).join(
        predictions, predictions.c.id == builds.c.prediction_id
    )


def _build(row: AnyRow) -> Build:
    return Build(**row._asdict())
