"""Counts while somebody writes: after a pause, off the event loop, given up when outdated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from threading import Event
from typing import Any

from nicegui import background_tasks, ui

from api.dashboard.visit import SignedOut
from predictive.errors import PredictiveError

#: What a count told, or why there is none.
Counted = Mapping[str, Any] | PredictiveError

#: A pause in writing this long is one in thinking.
_PAUSE_SECONDS = 0.6
_TELL_SECONDS = 0.3


class Outdated(Exception):
    """What is being counted is not asked for any more."""


class Share:
    """How far a count is; ends it when nobody waits for it any more."""

    def __init__(self) -> None:
        self._total, self._done = 0.0, 0.0
        self._outdated = Event()

    def give_up(self) -> None:
        """The next step of the count is its last."""
        self._outdated.set()

    @property
    def is_outdated(self) -> bool:
        """Whether nobody waits for the count any more."""
        return self._outdated.is_set()

    def stage(self, name: str, total: float | None = None) -> None:  # noqa: ARG002  (one stage)
        """The count begins; raises Outdated as `advance` does."""
        self._total, self._done = total or 0.0, 0.0
        self.advance(0.0)

    def advance(self, amount: float = 1.0) -> None:
        """A part is counted.

        Raises
        ------
        Outdated
            Nobody waits for the rest.
        """
        self._done += amount
        if self._outdated.is_set():
            raise Outdated

    @property
    def share(self) -> float:
        """What is counted already, in [0, 1]."""
        return min(1.0, self._done / self._total) if self._total else 0.0


class LiveCount:
    """Counts again after every change, one count at a time.

    Parameters
    ----------
    count
        Counts, in a thread of its own.
    told
        Shows what was counted.
    waiting
        Shows how far the count is.
    """

    def __init__(
        self,
        count: Callable[[Any, Share], Awaitable[Any]],
        told: Callable[[Any], None],
        waiting: Callable[[float], None],
    ) -> None:
        self._count, self._told, self._waiting = count, told, waiting
        self._one_at_a_time = asyncio.Lock()
        self._share = Share()
        self._timer = ui.timer(_TELL_SECONDS, self._tell, active=False)
        ui.context.client.on_delete(self.stop)

    def ask(self, question: Any) -> None:
        """Count this, and no longer what was asked before."""
        self.stop()
        self._share = share = Share()
        background_tasks.create(self._answer(question, share), name="live count")

    def stop(self) -> None:
        """Nobody waits for a count any more."""
        self._share.give_up()
        self._timer.deactivate()

    async def _answer(self, question: Any, share: Share) -> None:
        await asyncio.sleep(_PAUSE_SECONDS)
        async with self._one_at_a_time:
            if share.is_outdated:
                return
            self._timer.activate()
            try:
                answer = await self._count(question, share)
            except (Outdated, SignedOut):
                return
            finally:
                if not share.is_outdated:
                    self._timer.deactivate()
            if not share.is_outdated:
                self._told(answer)

    def _tell(self) -> None:
        self._waiting(self._share.share)
