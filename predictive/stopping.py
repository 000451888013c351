"""How a worker ends when it is told to: after the step that is running, or when time is up."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: How often a worker that was told to end looks whether its step has.
_POLL_SECONDS = 0.2


class Stopping:
    """Ends this process between two steps once it has received SIGTERM.

    It ends at once when nothing runs, on a second SIGTERM, on SIGINT, and when the step takes
    longer than it may: the next worker runs that step again.

    Parameters
    ----------
    seconds
        How long the step that is running has to finish.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._running = 0
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take the signals; from the main thread."""
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGINT, _end)

    @contextmanager
    def job(self) -> Iterator[None]:
        """While a job runs, the process is not idle."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def boundary(self) -> None:
        """Between two steps, whose outcomes are recorded: here a process may end."""
        if self._until is not None:
            _end()

    def wait(self, seconds: float) -> None:
        """Wait, and end the process when it was told to and nothing runs, or time is up."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
            if self._until is not None and (not self._running or time.monotonic() > self._until):
                _end()

    def _told(self, number: int, frame: FrameType | None) -> None:
        if self._until is not None or not self._running:
            _end(number, frame)
        self._until = time.monotonic() + self._seconds


def _end(_number: int = 0, _frame: FrameType | None = None) -> None:
    # Without clean-up: what is written in transactions rolls back by itself, and the thread of
    # a running step would hold an orderly exit up.
    os._exit(0)
