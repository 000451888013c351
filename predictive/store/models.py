"""Trained versions of a prediction's model, and which of them is champion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from predictive.errors import Conflict, NotFound
from predictive.store.database import AnyRow, Database
from predictive.store.history import PYTHON, add_change
from predictive.store.moments import now
from predictive.store.predictions import change_state, prediction_number
from predictive.store.states import require_updating
from predictive.store.tables import definitions, models, predictions

#: How the models of this project's own candidates and features are made.
STANDARD_RECIPE: Mapping[str, Any] = {"name": "standard", "version": 1}


@dataclass(frozen=True)
class ModelVersion:
    """One trained model and where it comes from.

    Parameters
    ----------
    as_of
        Nothing later than this was seen in training.
    data_version, code_version, seed
        What is needed to train the same again.
    base_rate
        The base rate of the backtest, frozen: score 50.
    report
        The backtest's quality report and whatever else the training told.
    folder
        The model's files, relative to the workspace's folder.
    job_id
        The job that trained it; None when no job did.
    recipe
        How it was made: name, version and what else tells two recipes apart.
    promoted_at
        When it last became champion; None if it never did.
    """

    prediction: str
    version: int
    definition_version: int
    as_of: datetime
    seed: int
    data_version: str
    code_version: str
    base_rate: float
    report: Mapping[str, Any]
    folder: str
    mlflow_run_id: str | None
    created_at: datetime
    job_id: str | None
    recipe: Mapping[str, Any]
    promoted_at: datetime | None


class Models:
    """The model versions of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_version(
        self,
        prediction: str,
        *,
        definition_version: int,
        as_of: datetime,
        seed: int,
        data_version: str,
        code_version: str,
        base_rate: float,
        report: Mapping[str, Any],
        folder: str,
        mlflow_run_id: str | None = None,
        job_id: str | None = None,
        recipe: Mapping[str, Any] = STANDARD_RECIPE,
        at: datetime | None = None,
    ) -> int:
        """Keep a trained model; returns its version, counted from 1.

        What a job registered before is not registered again: its version is returned.

        Parameters
        ----------
        at
            When it was made, by the clock that its promotion will go by; by default, now.

        Raises
        ------
        NotFound
            There is no such prediction or version of its definition.
        Conflict
            The prediction is archived.
        """
        with self._database.write() as connection:
            number = _number_to_update(connection, prediction)
            _require_definition(connection, number, prediction, definition_version)
            before = _of_job(connection, number, prediction, job_id)
            if before is not None:
                return before.version
            of_prediction = models.c.prediction_id == number
            newest = connection.execute(select(func.max(models.c.version)).where(of_prediction))
            version = (newest.scalar() or 0) + 1
            connection.execute(
                insert(models).values(
                    prediction_id=number,
                    version=version,
                    definition_version=definition_version,
                    as_of=as_of,
                    seed=seed,
                    data_version=data_version,
                    code_version=code_version,
                    base_rate=base_rate,
                    report=dict(report),
                    folder=folder,
                    mlflow_run_id=mlflow_run_id,
                    created_at=at or now(),
                    job_id=job_id,
                    recipe=dict(recipe),
                )
            )
        return version

    def of_job(self, prediction: str, job_id: str) -> ModelVersion | None:
        """The version that a job trained, or None while it has not.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            return _of_job(connection, number, prediction, job_id)

    def get(self, prediction: str, version: int) -> ModelVersion:
        """One version of a prediction's model.

        Raises
        ------
        NotFound
            There is no such prediction or version.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            return _one(connection, number, prediction, version)

    def newest(self, prediction: str) -> ModelVersion | None:
        """The version that was trained last, or None before the first training.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            query = _of(number).order_by(models.c.version.desc()).limit(1)
            row = connection.execute(query).one_or_none()
            return None if row is None else _version(row, prediction)

    def champion(self, prediction: str) -> ModelVersion | None:
        """The version that scores, or None before the first training.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            query = select(predictions.c.champion_version).where(predictions.c.id == number)
            version = connection.execute(query).scalar()
            return None if version is None else _one(connection, number, prediction, version)

    def challenger(self, prediction: str) -> ModelVersion | None:
        """The version that scored before the champion and could again, or None.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            query = select(predictions.c.challenger_version).where(predictions.c.id == number)
            version = connection.execute(query).scalar()
            return None if version is None else _one(connection, number, prediction, version)

    def set_champion(
        self,
        prediction: str,
        version: int,
        *,
        by: str = PYTHON,
        at: datetime | None = None,
        note: str = "",
    ) -> None:
        """Let this version score from now on; the one before becomes the challenger.

        The first champion of a draft makes it active.

        Parameters
        ----------
        by, note
            Who decided it and why, for the history.
        at
            When; by default, now.

        Raises
        ------
        NotFound
            There is no such prediction or version.
        Conflict
            The prediction is archived.
        """
        moment = at or now()
        with self._database.write() as connection:
            number = _number_to_update(connection, prediction)
            _one(connection, number, prediction, version)
            query = select(predictions.c.champion_version, predictions.c.state)
            before, state = connection.execute(query.where(predictions.c.id == number)).one()
            if before == version:
                return
            this = (models.c.prediction_id == number) & (models.c.version == version)
            connection.execute(update(models).where(this).values(promoted_at=moment))
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(champion_version=version, challenger_version=before, updated_at=now())
            )
            add_change(
                connection,
                prediction,
                "model",
                by,
                before=None if before is None else {"champion_version": before},
                after={"champion_version": version},
                note=note,
                at=moment,
            )
            if state == "draft" and before is None:
                change_state(connection, prediction, "active", by, moment)

    def set_challenger(
        self,
        prediction: str,
        version: int | None,
        *,
        by: str = PYTHON,
        at: datetime | None = None,
        note: str = "",
    ) -> None:
        """Keep this version beside the champion as the one that could score; None for none.

        Parameters
        ----------
        by, at, note
            As for `set_champion`.

        Raises
        ------
        NotFound
            There is no such prediction or version.
        Conflict
            The version is the champion, or the prediction is archived.
        """
        moment = at or now()
        with self._database.write() as connection:
            number = _number_to_update(connection, prediction)
            if version is not None:
                _one(connection, number, prediction, version)
            row = connection.execute(
                select(predictions.c.champion_version, predictions.c.challenger_version).where(
                    predictions.c.id == number
                )
            ).one()
            if version is not None and version == row.champion_version:
                raise Conflict(f"Version {version} of {prediction!r} is the champion already.")
            before = row.challenger_version
            if before == version:
                return
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(challenger_version=version, updated_at=now())
            )
            add_change(
                connection,
                prediction,
                "challenger",
                by,
                before=None if before is None else {"challenger_version": before},
                after=None if version is None else {"challenger_version": version},
                note=note,
                at=moment,
            )

    def list(
        self, prediction: str, *, limit: int | None = None, before: int | None = None
    ) -> Sequence[ModelVersion]:
        """The versions of a prediction's model, newest first.

        Parameters
        ----------
        limit
            At most as many.
        before
            Only versions before this one: where the next page begins.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            query = _of(prediction_number(connection, prediction))
            if before is not None:
                query = query.where(models.c.version < before)
            rows = connection.execute(query.order_by(models.c.version.desc()).limit(limit))
            return [_version(row, prediction) for row in rows]


def _number_to_update(connection: Connection, prediction: str) -> int:
    """The number of a prediction that is not archived, its row locked: nobody archives it now."""
    number = prediction_number(connection, prediction, lock=True)
    state = connection.execute(select(predictions.c.state).where(predictions.c.id == number))
    require_updating(prediction, state.scalar_one())
    return number


def _require_definition(connection: Connection, number: int, prediction: str, version: int) -> None:
    query = select(definitions.c.version).where(definitions.c.prediction_id == number)
    known = connection.execute(query).scalars().all()
    if version not in known:
        kind = f"definition version of prediction {prediction!r}"
        raise NotFound(kind, str(version), [str(other) for other in known])


def _of(number: int) -> Select[Any]:
    return select(models).where(models.c.prediction_id == number)


def _of_job(
    connection: Connection, number: int, prediction: str, job_id: str | None
) -> ModelVersion | None:
    if job_id is None:
        return None
    row = connection.execute(_of(number).where(models.c.job_id == job_id)).one_or_none()
    return None if row is None else _version(row, prediction)


def _one(connection: Connection, number: int, prediction: str, version: int) -> ModelVersion:
    row = connection.execute(_of(number).where(models.c.version == version)).one_or_none()
    if row is None:
        known = connection.execute(select(models.c.version).where(models.c.prediction_id == number))
        raise NotFound(
            f"model version of prediction {prediction!r}",
            str(version),
            [str(other) for other in known.scalars()],
            field="version",
        )
    return _version(row, prediction)


def _version(row: AnyRow, prediction: str) -> ModelVersion:
    columns = row._asdict()
    del columns["prediction_id"]
    return ModelVersion(prediction=prediction, **columns)
