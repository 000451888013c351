"""Predictions and the versions of their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Connection, Select, delete, insert, select, text, update

from predictive.errors import NotFound
from predictive.store.database import AnyRow, Database
from predictive.store.history import PYTHON, add_change
from predictive.store.moments import now, to_microseconds
from predictive.store.scores import Scores
from predictive.store.states import State, require_transition
from predictive.store.tables import definitions, predictions, runs

_MICROSECOND = timedelta(microseconds=1)


class NamedDefinition(Protocol):
    """What the store needs to know of a definition."""

    @property
    def name(self) -> str:
        """Name of the prediction."""

    @property
    def kind(self) -> str:
        """``churn``, ``purchase`` or ``event``."""

    @property
    def window(self) -> timedelta:
        """Length of the outcome window."""

    def to_yaml(self) -> str:
        """The whole definition as text, the same text for the same content."""


@dataclass(frozen=True)
class Prediction:
    """A prediction as it is now.

    Parameters
    ----------
    definition_version, definition_yaml, window
        The newest version of the definition and its outcome window.
    champion_version
        Version of the model that scores, None before the first training.
    challenger_version
        Version that scored before it and could again, None when there is none.
    current_run_id, current_as_of
        The published scoring run and its moment, None before the first.
    """

    name: str
    kind: str
    state: State
    definition_version: int
    definition_yaml: str
    window: timedelta
    champion_version: int | None
    challenger_version: int | None
    current_run_id: str | None
    current_as_of: datetime | None
    created_at: datetime
    updated_at: datetime


class Applied(NamedTuple):
    """What `Predictions.create_or_update` did."""

    prediction: Prediction
    change: Literal["created", "updated", "unchanged"]
    definition_version: int


class Predictions:
    """The predictions of a store."""

    def __init__(self, database: Database, scores: Scores) -> None:
        self._database, self._scores = database, scores

    def create_or_update(
        self, definition: NamedDefinition, *, by: str = PYTHON, at: datetime | None = None
    ) -> Applied:
        """Keep the definition: as a new prediction, or as a new version if it changed.

        Parameters
        ----------
        by, at
            Who did it and when (by default, now), for the history.
        """
        with self._database.write() as connection:
            created = _created(connection, definition)
            number = prediction_number(connection, definition.name, lock=True)
            if created:
                _add_version(connection, number, 1, definition)
                first = {"state": "draft", "definition_version": 1}
                add_change(connection, definition.name, "created", by, after=first, at=at)
                return Applied(_read(connection, definition.name), "created", 1)
            before = _read(connection, definition.name)
            if before.definition_yaml == definition.to_yaml():
                return Applied(before, "unchanged", before.definition_version)
            version = before.definition_version + 1
            _add_version(connection, number, version, definition)
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(kind=definition.kind, definition_version=version, updated_at=now())
            )
            add_change(
                connection,
                definition.name,
                "definition",
                by,
                before={"definition_version": before.definition_version},
                after={"definition_version": version},
                at=at,
            )
            return Applied(_read(connection, definition.name), "updated", version)

    def set_state(
        self, name: str, state: str, by: str = PYTHON, at: datetime | None = None
    ) -> Prediction:
        """Change the state; the same one again changes nothing.

        Parameters
        ----------
        by, at
            Who did it and when (by default, now), for the history.

        Raises
        ------
        NotFound
            There is no such prediction.
        InvalidInput
            There is no such state.
        Conflict
            The present state can't change to it.
        """
        with self._database.write() as connection:
            prediction_number(connection, name, lock=True)
            before = _read(connection, name)
            if before.state == state:
                return before
            allowed = require_transition(name, before.state, state)
            change_state(connection, name, allowed, by, at)
            return _read(connection, name)

    def get(self, name: str) -> Prediction:
        """The prediction of that name.

        Raises
        ------
        NotFound
            There is none; the nearest name is suggested.
        """
        with self._database.read() as connection:
            return _read(connection, name)

    def list(self, *, after: str = "", limit: int | None = None) -> Sequence[Prediction]:
        """Predictions by name: those after a name, at most so many; by default all."""
        with self._database.read() as connection:
            query = _selection().where(predictions.c.name > after)
            rows = connection.execute(query.order_by(predictions.c.name).limit(limit))
            return [_prediction(row) for row in rows]

    def definition_yaml(self, name: str, version: int) -> str:
        """The text of one version of the definition.

        Raises
        ------
        NotFound
            There is no such prediction or version.
        """
        with self._database.read() as connection:
            number = prediction_number(connection, name)
            found = connection.execute(
                select(definitions.c.yaml).where(
                    definitions.c.prediction_id == number, definitions.c.version == version
                )
            ).scalar()
        if found is None:
            raise NotFound(f"definition version of prediction {name!r}", str(version))
        return str(found)

    def delete(self, name: str, *, by: str = PYTHON, at: datetime | None = None) -> None:
        """Delete the prediction with its models, runs, scores, jobs, alerts and sends.

        Its scores disappear for readers at once; their rows are then deleted in batches. Its
        history stays.

        Parameters
        ----------
        by, at
            Who did it and when (by default, now), for the history.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.write() as connection:
            number = prediction_number(connection, name, lock=True)
            found = _read(connection, name)
            last = {"state": found.state, "definition_version": found.definition_version}
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(current_run_number=None, current_as_of=None)
            )
            held = select(runs.c.run_number).where(runs.c.prediction_id == number)
            numbers = connection.execute(held).scalars().all()
            # No run that is still being written may go on writing.
            connection.execute(
                update(runs).where(runs.c.run_number.in_(numbers)).values(state="failed")
            )
        for run_number in numbers:
            self._scores.delete_run(run_number)
        with self._database.write() as connection:
            gone = connection.execute(delete(predictions).where(predictions.c.id == number))
            if gone.rowcount:
                add_change(connection, name, "deleted", by, before=last, at=at)


def prediction_number(connection: Connection, name: str, *, lock: bool = False) -> int:
    """The number of the prediction, its row locked until the transaction ends if asked.

    Raises
    ------
    NotFound
        There is none; the nearest name is suggested.
    """
    query = select(predictions.c.id).where(predictions.c.name == name)
    number = connection.execute(query.with_for_update() if lock else query).scalar()
    if number is None:
        known = connection.execute(select(predictions.c.name)).scalars()
        raise NotFound("prediction", name, [str(other) for other in known])
    return int(number)


def change_state(
    connection: Connection, name: str, state: State, by: str, at: datetime | None
) -> None:
    """Change the state in the connection's transaction, which holds the prediction's row."""
    row = predictions.c.name == name
    before = connection.execute(select(predictions.c.state).where(row)).scalar_one()
    connection.execute(update(predictions).where(row).values(state=state, updated_at=now()))
    add_change(
        connection, name, "state", by, before={"state": before}, after={"state": state}, at=at
    )


def _created(connection: Connection, definition: NamedDefinition) -> bool:
    # Two that create the same name at once: the second waits, then updates.
    statement = text(
        "INSERT INTO predictions (name, kind, state, definition_version, created_at, updated_at)"
        " VALUES (:name, :kind, 'draft', 1, :moment, :moment) ON CONFLICT (name) DO NOTHING"
    )
    row = {
        "name": definition.name,
        "kind": definition.kind,
        "moment": to_microseconds(now()),
    }
    return connection.execute(statement, row).rowcount == 1


def _add_version(
    connection: Connection, number: int, version: int, definition: NamedDefinition
) -> None:
    connection.execute(
        insert(definitions).values(
            prediction_id=number,
            version=version,
            yaml=definition.to_yaml(),
            window_microseconds=definition.window // _MICROSECOND,
            created_at=now(),
        )
    )


def _selection() -> Select[Any]:
    newest = (definitions.c.prediction_id == predictions.c.id) & (
        definitions.c.version == predictions.c.definition_version
    )
    return (
        select(
            predictions.c.name,
            predictions.c.kind,
            predictions.c.state,
            predictions.c.definition_version,
            definitions.c.yaml,
            definitions.c.window_microseconds,
            predictions.c.champion_version,
            predictions.c.challenger_version,
            runs.c.run_id,
            predictions.c.current_as_of,
            predictions.c.created_at,
            predictions.c.updated_at,
        )
        .join(definitions, newest)
        .join(runs, runs.c.run_number == predictions.c.current_run_number, isouter=True)
    )


def _read(connection: Connection, name: str) -> Prediction:
    row = connection.execute(_selection().where(predictions.c.name == name)).one_or_none()
    if row is None:
        known = connection.execute(select(predictions.c.name)).scalars()
        raise NotFound("prediction", name, [str(other) for other in known])
    return _prediction(row)


def _prediction(row: AnyRow) -> Prediction:
    return Prediction(
        name=row.name,
        kind=row.kind,
        state=row.state,
        definition_version=row.definition_version,
        definition_yaml=row.yaml,
        window=row.window_microseconds * _MICROSECOND,
        champion_version=row.champion_version,
        challenger_version=row.challenger_version,
        current_run_id=row.run_id,
        current_as_of=row.current_as_of,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
