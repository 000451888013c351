"""A way to reach people."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from predictive.notifications.message import Message

#: A receiver that takes longer does not count as reached, in seconds.
TIMEOUT_SECONDS = 10.0


class DeliveryFailed(Exception):
    """A message did not get through; the text says why and holds no secret."""


class Channel(Protocol):
    """A way to reach people, by a name that stays the same."""

    @property
    def name(self) -> str:
        """What it is called in the outbox and in the log."""

    def send(self, message: Message, now: datetime) -> None:
        """Hand a message over.

        Raises
        ------
        DeliveryFailed
            It was not taken.
        InvalidInput
            What the workspace or the environment says of the channel is wrong.
        """
