"""Delivering what the outbox holds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from predictive.errors import InvalidInput
from predictive.notifications.channel import Channel, DeliveryFailed
from predictive.notifications.message import Message, message_for_test, message_of

if TYPE_CHECKING:
    from predictive.configuration import NotifyConfig
    from predictive.store.notifications import Notification
    from predictive.workspace import Workspace

_log = logging.getLogger(__name__)

_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
#: With pauses of 30 s, 1 min, 2 min … 6 h this is after a day and a half.
MAX_ATTEMPTS = 16


def deliver_due(workspace: Workspace, now: datetime, *, limit: int = 100) -> int:
    """Tell what is due; what fails stays due, with pauses that double up to six hours.

    Every channel of the workspace gets every message. A channel that fails is not tried again
    in the same call, so that a dead receiver costs one wait and not many. Where nobody is to
    be told, what is due counts as told.

    Parameters
    ----------
    workspace
        Whose alerts, and who is told.
    now
        The clock, which the signatures carry, too.
    limit
        At most so many notifications in one call.

    Returns
    -------
    int
        How many everybody has got now.
    """
    outbox = workspace.store.notifications
    due = outbox.due(now, limit)
    channels = channels_of(workspace.config.notify) if due else ()
    failing: set[str] = set()
    delivered = 0
    for notification in due:
        message = message_of(workspace, notification)
        left = [each for each in channels if each.name not in notification.delivered_to]
        errors = {}
        for channel in [each for each in left if each.name not in failing]:
            error = _attempt(channel, message, now)
            if error is None:
                outbox.delivered_to(notification.id, channel.name, now)
                left.remove(channel)
            else:
                errors[channel.name] = error
        failing |= errors.keys()
        if not left:
            outbox.delivered(notification.id, now)
            delivered += 1
        elif errors:
            _put_off(workspace, notification, errors, now)
    return delivered


def send_test(workspace: Workspace, now: datetime) -> list[dict[str, Any]]:
    """Send a test message to every channel, so that an operator sees what gets through.

    Parameters
    ----------
    workspace
        Whose channels.
    now
        The clock.

    Returns
    -------
    list of dict
        For each channel ``channel``, ``delivered`` and, where it was not, ``error``.

    Raises
    ------
    InvalidInput
        The workspace has no channel.
    """
    channels = channels_of(workspace.config.notify)
    if not channels:
        raise InvalidInput(
            "workspace.toml notify", None, "at least one webhook or e-mail address to be told"
        )
    message = message_for_test(workspace, now)
    results = ((channel.name, _attempt(channel, message, now)) for channel in channels)
    return [
        {"channel": name, "delivered": error is None, "error": error} for name, error in results
    ]


def channels_of(config: NotifyConfig) -> Sequence[Channel]:
    """The channels that a workspace names."""
    from predictive.notifications.mail import EmailChannel  # noqa: PLC0415  (only when needed)
    from predictive.notifications.webhook import WebhookChannel  # noqa: PLC0415  (httpx)

    webhooks: list[Channel] = [WebhookChannel(webhook) for webhook in config.webhooks]
    return [*webhooks, EmailChannel(config.email)] if config.email else webhooks


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is given up.

    >>> str(pause_after(1)), str(pause_after(3)), str(pause_after(15)), pause_after(16)
    ('0:00:30', '0:02:00', '6:00:00', None)
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    doubled = _FIRST_PAUSE * float(2 ** (attempts - 1))
    return min(doubled, _LONGEST_PAUSE)


def _attempt(channel: Channel, message: Message, now: datetime) -> str | None:
    """Send by one channel; why it failed, or None."""
    try:
        channel.send(message, now)
    except (DeliveryFailed, InvalidInput) as error:
        return str(error)
    return None


def _put_off(
    workspace: Workspace, notification: Notification, errors: dict[str, str], now: datetime
) -> None:
    said = "; ".join(f"{name}: {error}" for name, error in errors.items())
    pause = pause_after(notification.attempts + 1)
    what = f"alert {notification.alert_id} ({notification.event})"
    if pause is None:
        _log.error("%s: not told, and given up: %s", what, said)
    else:
        _log.warning("%s: not told, next attempt in %s: %s", what, pause, said)
    next_attempt_at = None if pause is None else now + pause
    workspace.store.notifications.failed(notification.id, said, next_attempt_at)
