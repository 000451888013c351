"""Keeps a worker process running beside the service."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0
_PATIENCE_SECONDS = 5.0


class WorkerProcess:
    """A worker as a child process, started again when it dies; ended with the block.

    Parameters
    ----------
    path
        Folder of the workspace.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ending = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._child = self._start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        child = self._child
        if child is not None:
            child.terminate()
        self._thread.join(timeout=_PATIENCE_SECONDS)
        if child is not None and child.poll() is None:
            child.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        # The child ends when its stdin closes: also when this process is killed.
        command = [sys.executable, "-m", "predictive.worker", "--end-with-stdin"]
        return subprocess.Popen(
            [*command, "--workspace", str(self._path)],
            stdin=subprocess.PIPE,
            stdout=sys.stderr.fileno(),
        )

    def _keep(self) -> None:
        wait = _FIRST_WAIT_SECONDS
        while self._child is not None:
            code = self._child.wait()
            if self._ending.is_set():
                return
            _log.warning("the worker ended with code %d; another starts in %.0f s", code, wait)
            if self._ending.wait(wait):
                return
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            self._child = self._start()
