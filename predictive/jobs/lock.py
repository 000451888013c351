"""At most one worker a workspace: two would run the same job twice."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import Conflict

if TYPE_CHECKING:
    from predictive.workspace import Workspace

#: A worker makes sure this often that it is still the only one.
HOLD_SECONDS = 1.0
#: A connection on which PostgreSQL does not answer for so long is lost.
_SILENCE_SECONDS = 3.0
#: By then a worker whose connection, and with it the lock, was lost has noticed and ended.
_TAKEOVER_SECONDS = HOLD_SECONDS + _SILENCE_SECONDS + 1.0
#: Key of the advisory lock in PostgreSQL; any number, the same for ever.
_ADVISORY_KEY = 7_369_250_271
_TAKEN = "A worker of this workspace is running already. One is enough: it runs all jobs."


@contextmanager
def only_worker(workspace: Workspace) -> Iterator[Callable[[], None]]:
    """Be the workspace's one worker; yields a function that fails once that is lost.

    The lock goes with the process, however it ends.

    Raises
    ------
    Conflict
        Another process is the worker.
    """
    if workspace.jobs_url.startswith("sqlite"):
        with _file_lock(workspace.path / "worker.lock") as holds:
            yield holds
    else:
        with _database_lock(workspace.jobs_url) as holds:
            yield holds


@contextmanager
def _file_lock(file: Path) -> Iterator[Callable[[], None]]:
    with file.open("w") as stream:
        try:
            # lockf, not flock: a forked child that outlives the worker must not keep it.
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_TAKEN) from None
        yield lambda: None


@contextmanager
def _database_lock(url: str) -> Iterator[Callable[[], None]]:
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    silence = {"tcp_user_timeout": round(1000 * _SILENCE_SECONDS), "connect_timeout": 10}
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args=silence)
    try:
        with engine.connect() as connection:
            take = text("SELECT pg_try_advisory_lock(:key)")
            if not connection.execute(take, {"key": _ADVISORY_KEY}).scalar():
                raise Conflict(_TAKEN)
            time.sleep(_TAKEOVER_SECONDS)
            # The lock lives as long as its connection, so using that one tells both.
            yield lambda: connection.execute(text("SELECT 1")).close()
    finally:
        engine.dispose()
