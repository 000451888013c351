"""The outbox: what people are to be told of alerts, until they have been told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from predictive.errors import NotFound
from predictive.store.database import Database
from predictive.store.watch_tables import notifications

AlertEvent = Literal["opened", "resolved"]


@dataclass(frozen=True)
class Notification:
    """One thing to tell.

    Parameters
    ----------
    event
        ``opened`` or ``resolved``.
    alert
        The alert as it was then, as JSON.
    delivered_to
        The channels that have it already, each with the moment it got it.
    attempts
        How often it was tried in vain.
    next_attempt_at
        When it is due; None once it was delivered or given up.
    """

    id: int
    alert_id: int
    event: AlertEvent
    alert: Mapping[str, Any]
    delivered_to: Mapping[str, str]
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    error: str | None
    created_at: datetime


class Notifications:
    """The outbox of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int | None = None) -> Sequence[Notification]:
        """What is to be tried by now, longest due first; of one alert always in order.

        A resolution waits until its alert's opening has been told or given up.
        """
        earlier = notifications.alias()
        waiting = (
            select(earlier.c.id)
            .where(
                earlier.c.alert_id == notifications.c.alert_id,
                earlier.c.id < notifications.c.id,
                earlier.c.next_attempt_at.is_not(None),
            )
            .exists()
        )
        query = (
            select(notifications)
            .where(notifications.c.next_attempt_at <= now, ~waiting)
            .order_by(notifications.c.next_attempt_at, notifications.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [Notification(**row._asdict()) for row in connection.execute(query)]

    def list(self, alert_id: int) -> Sequence[Notification]:
        """All of one alert, in the order in which they happened."""
        query = select(notifications).where(notifications.c.alert_id == alert_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(notifications.c.id))
            return [Notification(**row._asdict()) for row in rows]

    def delivered_to(self, notification_id: int, channel: str, at: datetime) -> None:
        """One of several channels has it: it is not to get it again.

        Raises
        ------
        NotFound
            There is no such notification.
        """
        with self._database.write() as connection:
            row = _locked(connection, notification_id)
            reached = dict(row.delivered_to) | {channel: at.isoformat()}
            _update(connection, notification_id, {"delivered_to": reached})

    def delivered(self, notification_id: int, at: datetime) -> None:
        """Everybody has it.

        Raises
        ------
        NotFound
            There is no such notification.
        """
        with self._database.write() as connection:
            _locked(connection, notification_id)
            told = {"delivered_at": at, "next_attempt_at": None, "error": None}
            _update(connection, notification_id, told)

    def failed(self, notification_id: int, error: str, next_attempt_at: datetime | None) -> None:
        """An attempt failed; without a next one it is given up.

        Raises
        ------
        NotFound
            There is no such notification.
        """
        with self._database.write() as connection:
            attempts = _locked(connection, notification_id).attempts + 1
            values = {"attempts": attempts, "error": error, "next_attempt_at": next_attempt_at}
            _update(connection, notification_id, values)


def add_notification(
    connection: Connection,
    alert_id: int,
    event: AlertEvent,
    alert: Mapping[str, Any],
    at: datetime,
) -> None:
    """Put something to tell into the outbox, in the transaction in which it happens."""
    connection.execute(
        insert(notifications).values(
            alert_id=alert_id,
            event=event,
            alert=dict(alert),
            delivered_to={},
            attempts=0,
            next_attempt_at=at,
            created_at=at,
        )
    )


def _locked(connection: Connection, notification_id: int) -> Row[Any]:
    query = select(notifications).where(notifications.c.id == notification_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("notification", str(notification_id))
    return row


def _update(connection: Connection, notification_id: int, values: Mapping[str, Any]) -> None:
    of_one = notifications.c.id == notification_id
    connection.execute(update(notifications).where(of_one).values(dict(values)))
