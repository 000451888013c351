"""Keeps a worker process running beside the service."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0
#: Beyond what the worker itself takes.
_PATIENCE_SECONDS = 5.0


class WorkerProcess:
    """A worker as a child process, started again when it dies; ended with the block.

    Parameters
    ----------
    path
        Folder of the workspace.
    shutdown_seconds
        How long its running step has to finish once it is told to end.
    """

    def __init__(self, path: Path, shutdown_seconds: float = 0.0) -> None:
        self._path, self._patience = path, shutdown_seconds + _PATIENCE_SECONDS
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="worker-supervisor", daemon=True)
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join(timeout=self._patience)
        if self._thread.is_alive() and self.child is not None:
            self.child.kill()
            self._thread.join()

    def stop(self) -> None:
        """Tell the worker to end after its step; leaving the block waits for it."""
        if not self._ending.is_set():
            self._ending.set()
            if self.child is not None:
                self.child.terminate()

    def _keep(self) -> None:
        wait = _FIRST_WAIT_SECONDS
        while not self._ending.is_set():
            began = time.monotonic()
            with self._start() as child:
                self.child = child
                if self._ending.is_set():  # set while the child was being started
                    child.terminate()
                code = child.wait()
            if time.monotonic() - began > _LONGEST_WAIT_SECONDS:
                wait = _FIRST_WAIT_SECONDS
            if not self._ending.is_set():
                _log.warning("the worker ended with code %d; another starts in %g s", code, wait)
            self._ending.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        # The child ends when its stdin closes: also when this process is killed.
        command = [sys.executable, "-m", "predictive.worker", "--end-with-stdin"]
        return subprocess.Popen(
            [*command, "--workspace", str(self._path)],
            stdin=subprocess.PIPE,
            stdout=sys.__stderr__,
        )
