"""Trained versions of a prediction's model, and which of them is champion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from predictive.errors import NotFound
from predictive.store.database import AnyRow, Database
from predictive.store.moments import now
from predictive.store.predictions import prediction_number
from predictive.store.tables import definitions, models, predictions


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
        The model's files, relative to the workspace's ``models`` folder.
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
    ) -> int:
        """Keep a trained model; returns its version, counted from 1.

        Raises
        ------
        NotFound
            There is no such prediction or version of its definition.
        """
        with self._database.write() as connection:
            number = prediction_number(connection, prediction, lock=True)
            _require_definition(connection, number, prediction, definition_version)
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
                    created_at=now(),
                )
            )
        return version

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

    def set_champion(self, prediction: str, version: int) -> None:
        """Let this version score from now on; the one before becomes the challenger.

        Raises
        ------
        NotFound
            There is no such prediction or version.
        """
        with self._database.write() as connection:
            number = prediction_number(connection, prediction, lock=True)
            _one(connection, number, prediction, version)
            before = connection.execute(
                select(predictions.c.champion_version).where(predictions.c.id == number)
            ).scalar()
            if before == version:
                return
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(champion_version=version, challenger_version=before, updated_at=now())
            )

    def list(self, prediction: str) -> Sequence[ModelVersion]:
        """All versions, newest first.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, prediction)
            rows = connection.execute(_of(number).order_by(models.c.version.desc()))
            return [_version(row, prediction) for row in rows]


def _require_definition(connection: Connection, number: int, prediction: str, version: int) -> None:
    query = select(definitions.c.version).where(definitions.c.prediction_id == number)
    known = connection.execute(query).scalars().all()
    if version not in known:
        kind = f"definition version of prediction {prediction!r}"
        raise NotFound(kind, str(version), [str(other) for other in known])


def _of(number: int) -> Select[Any]:
    return select(models).where(models.c.prediction_id == number)


def _one(connection: Connection, number: int, prediction: str, version: int) -> ModelVersion:
    row = connection.execute(_of(number).where(models.c.version == version)).one_or_none()
    if row is None:
        known = connection.execute(select(models.c.version).where(models.c.prediction_id == number))
        raise NotFound(
            f"model version of prediction {prediction!r}",
            str(version),
            [str(other) for other in known.scalars()],
        )
    return _version(row, prediction)


def _version(row: AnyRow, prediction: str) -> ModelVersion:
    columns = row._asdict()
    del columns["prediction_id"]
    return ModelVersion(prediction=prediction, **columns)
