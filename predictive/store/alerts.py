"""Alerts: one open at a time for each cause, resolved when the cause is gone.

Opening and resolving write the notification that is to be sent in the same transaction, so
that neither is ever there without the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, select, update

from predictive.errors import NotFound
from predictive.store.database import Database
from predictive.store.insertion import insert_unless
from predictive.store.notifications import add_notification
from predictive.store.predictions import prediction_number
from predictive.store.tables import predictions
from predictive.store.watch_tables import alerts
from predictive.wording.said import kept

Severity = Literal["warning", "critical"]


@dataclass(frozen=True)
class Alert:
    """One alert.

    Parameters
    ----------
    prediction
        What it is about; None for the data of the whole workspace.
    kind, subject
        The cause: what went wrong, and with what (an event, a model version …).
    message, details
        What was seen last, in plain words and in figures.
    opened_at, last_seen_at, resolved_at
        When it was first seen, last seen, and found gone; None while it is open.
    times_seen
        How many checks saw it.
    """

    id: int
    prediction: str | None
    kind: str
    subject: str
    severity: Severity
    message: str
    details: Mapping[str, Any]
    opened_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None
    times_seen: int


class Alerts:
    """The alerts of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self,
        prediction: str | None,
        kind: str,
        subject: str,
        *,
        severity: Severity,
        message: str,
        details: Mapping[str, Any],
        at: datetime,
    ) -> Alert:
        """Open an alert; when it is open already, note that it was seen again.

        What the message is made of is kept among the details, to be said in another language.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        said = kept(message)
        seen = {
            "severity": severity,
            "message": str(message),
            "details": dict(details) | ({"said": said} if said else {}),
            "last_seen_at": at,
        }
        with self._database.write() as connection:
            number = _number(connection, prediction, lock=True)
            key = _open_key(number, kind, subject)
            new = seen | {
                "prediction_id": number,
                "kind": kind,
                "subject": subject,
                "open_key": key,
                "opened_at": at,
                "times_seen": 1,
            }
            opened = insert_unless(connection, alerts, new, taken="open_key")
            if not opened:
                again = seen | {"times_seen": alerts.c.times_seen + 1}
                connection.execute(update(alerts).where(alerts.c.open_key == key).values(again))
            row = connection.execute(_selection().where(alerts.c.open_key == key)).one()
            alert = Alert(**row._asdict())
            if opened:
                add_notification(connection, alert.id, "opened", _told(alert), at)
        return alert

    def resolve(
        self, prediction: str | None, kind: str, subject: str, at: datetime
    ) -> Alert | None:
        """The cause is gone: close the alert; None when there was none open.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        with self._database.write() as connection:
            number = _number(connection, prediction, lock=True)
            is_open = alerts.c.open_key == _open_key(number, kind, subject)
            query = select(alerts.c.id).where(is_open).with_for_update()
            alert_id = connection.execute(query).scalar()
            if alert_id is None:
                return None
            of_alert = alerts.c.id == alert_id
            connection.execute(update(alerts).where(of_alert).values(open_key=None, resolved_at=at))
            alert = Alert(**connection.execute(_selection().where(of_alert)).one()._asdict())
            add_notification(connection, alert.id, "resolved", _told(alert), at)
        return alert

    def get(self, alert_id: int) -> Alert:
        """One alert.

        Raises
        ------
        NotFound
            There is no such alert.
        """
        with self._database.read() as connection:
            row = connection.execute(_selection().where(alerts.c.id == alert_id)).one_or_none()
        if row is None:
            raise NotFound("alert", str(alert_id))
        return Alert(**row._asdict())

    def list(
        self,
        prediction: str | None = None,
        *,
        open_only: bool = False,
        limit: int | None = None,
        before_id: int | None = None,
    ) -> Sequence[Alert]:
        """Alerts of a prediction, or all of them, newest first.

        Parameters
        ----------
        open_only
            Leave out those that are resolved.
        limit
            At most as many.
        before_id
            Only older ones than this: where the next page begins.

        Raises
        ------
        NotFound
            There is no such prediction.
        """
        query = _selection().order_by(alerts.c.id.desc()).limit(limit)
        if open_only:
            query = query.where(alerts.c.open_key.is_not(None))
        if before_id is not None:
            query = query.where(alerts.c.id < before_id)
        with self._database.read() as connection:
            if prediction is not None:
                query = query.where(alerts.c.prediction_id == _number(connection, prediction))
            return [Alert(**row._asdict()) for row in connection.execute(query)]


def _number(connection: Connection, prediction: str | None, *, lock: bool = False) -> int | None:
    return None if prediction is None else prediction_number(connection, prediction, lock=lock)


def _open_key(number: int | None, kind: str, subject: str) -> str:
    return f"{number or 0} {kind} {subject}"


def _selection() -> Select[Any]:
    hidden = {"prediction_id", "open_key"}
    columns = [column for column in alerts.c if column.name not in hidden]
    return select(predictions.c.name.label("prediction"), *columns).join(
        predictions, predictions.c.id == alerts.c.prediction_id, isouter=True
    )


def _told(alert: Alert) -> dict[str, Any]:
    """The alert as JSON, for whoever is told."""
    moments = ("opened_at", "last_seen_at", "resolved_at")
    fields = asdict(alert)
    return fields | {name: fields[name] and fields[name].isoformat() for name in moments}
