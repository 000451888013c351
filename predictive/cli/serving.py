"""The server of ``predictive serve``, which ends without failing a request it has taken."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, Protocol

import uvicorn

#: How long a client that has connected may take to ask.
_ASK_SECONDS = 0.5


class Ending(Protocol):
    """What the service looks at to know that it is about to end."""

    begun: bool


class DrainingServer(uvicorn.Server):
    """On SIGTERM, goes on answering for a while as a service that is not ready, then ends.

    Meanwhile balancers turn away, and each answer closes its connection. A second signal, and
    SIGINT, leave that out. In any case whoever has connected is answered.

    Parameters
    ----------
    ending
        Where the service learns that it ends.
    drain_seconds
        How long it goes on.
    told
        Called once, when it is told to end.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        ending: Ending,
        drain_seconds: float,
        told: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._ending, self._drain_seconds, self._told = ending, drain_seconds, told
        self._leave_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; uvicorn calls this from its signal handler."""
        first = not self._ending.begun
        self._ending.begun = True
        if first:
            self._told()
        if first and sig == signal.SIGTERM and self._drain_seconds:
            self._captured_signals.append(sig)
            self._leave_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end now."""
        if self._leave_at is not None and time.monotonic() >= self._leave_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, answer those there are, end."""
        listeners = [each.dup() for each in sockets or []]
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for listener in listeners:
            with listener:
                await self._take_waiting(listener)
        # Whoever has just connected is about to ask; its answer closes the connection.
        until = time.monotonic() + _ASK_SECONDS
        while self.server_state.connections and time.monotonic() < until:
            await asyncio.sleep(_ASK_SECONDS / 10)
        await super().shutdown(sockets)

    async def _take_waiting(self, listener: socket.socket) -> None:
        """Take the connections that the kernel has made and nobody has taken yet."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        taken = []
        with suppress(BlockingIOError):
            while True:
                taken.append(listener.accept()[0])
        listener.close()
        protocol: Any = self.config.http_protocol_class
        for connection in taken:
            connection.setblocking(False)
            made = partial(
                protocol,
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
            )
            await loop.connect_accepted_socket(made, connection)
