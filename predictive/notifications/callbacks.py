"""Telling whoever asked that an export is done, out of the store's outbox."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from predictive.errors import InvalidInput
from predictive.notifications.channel import DeliveryFailed
from predictive.notifications.delivery import pause_after
from predictive.notifications.message import Message, message_id

if TYPE_CHECKING:
    from predictive.store.callbacks import Callback
    from predictive.workspace import Workspace

_log = logging.getLogger(__name__)


def deliver_callbacks(workspace: Workspace, now: datetime, *, limit: int = 100) -> int:
    """Tell what is due, with the signature and the pauses of notifications.

    An address that the workspace no longer allows is not told. One that fails is not tried again in
    the same call, so that a dead receiver costs one wait and not many. What was sent just before
    a crash may be sent a second time, under the same id.

    Parameters
    ----------
    workspace
        Whose exports.
    now
        The clock, which the signatures carry, too.
    limit
        At most so many in one call.

    Returns
    -------
    int
        How many were taken.
    """
    outbox = workspace.store.callbacks
    delivered, failing = 0, set()
    for callback in outbox.due(now, limit):
        address = callback.url.partition("?")[0]
        if address in failing:
            continue
        try:
            _send(workspace, callback, now)
        except (DeliveryFailed, InvalidInput) as error:
            failing.add(address)
            _put_off(workspace, callback, str(error), now)
        else:
            outbox.delivered(callback.id, now)
            delivered += 1
    return delivered


def _send(workspace: Workspace, callback: Callback, now: datetime) -> None:
    from predictive.notifications.webhook import post_signed  # noqa: PLC0415  (httpx)
    from predictive.segments.callbacks import checked_callback  # noqa: PLC0415

    config = workspace.config.exports
    url = checked_callback(config, callback.url)
    assert config.secret is not None, "there is one wherever callbacks are allowed"
    post_signed(url, config.secret, "exports secret", _message(workspace, callback), now)


def _message(workspace: Workspace, callback: Callback) -> Message:
    from predictive.segments.exports import show_export  # noqa: PLC0415  (Arrow)

    export = show_export(workspace, callback.job_id)
    del export["callback"], export["share"]
    ended_at = datetime.fromisoformat(export["finished_at"])
    told = {"workspace": workspace.path.resolve().name, "export": export}
    name = message_id(workspace, f"callback {callback.id}")
    return Message(name, f"export.{export['state']}", ended_at, told)


def _put_off(workspace: Workspace, callback: Callback, error: str, now: datetime) -> None:
    pause = pause_after(callback.attempts + 1)
    if pause is None:
        _log.error("export %s: not told, and given up: %s", callback.job_id, error)
    else:
        _log.warning("export %s: not told, next attempt in %s: %s", callback.job_id, pause, error)
    next_attempt_at = None if pause is None else now + pause
    workspace.store.callbacks.failed(callback.id, error, next_attempt_at)
