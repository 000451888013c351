"""At most one worker a workspace: two would run the same job twice."""

from __future__ import annotations

import fcntl
import struct
import sys
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
#: ``struct flock`` and the place of its type: on macOS start, length and process come first.
_FLOCK, _FLOCK_TYPE = ("@qqihh", 3) if sys.platform == "darwin" else ("@hhqqi", 0)
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


def is_worker_running(workspace: Workspace) -> bool:
    """Whether some process is the worker; asks without taking part.

    Raises
    ------
    Unavailable
        The database does not answer.
    """
    if workspace.jobs_url.startswith("sqlite"):
        return _is_held(workspace.path / "worker.lock")
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    here = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    key = f" AND classid = {_ADVISORY_KEY >> 32} AND objid = {_ADVISORY_KEY & 0xFFFFFFFF}"
    with workspace.store.database.read() as connection:
        return bool(connection.exec_driver_sql(held + here + key).scalar())


def _is_held(file: Path) -> bool:
    """Whether another process has the lock; taking it to find out would keep a worker away."""
    try:
        stream = file.open("r+b")
    except FileNotFoundError:
        return False
    with stream:
        wanted = struct.pack(_FLOCK, *_flock(fcntl.F_WRLCK))
        found = struct.unpack(_FLOCK, fcntl.fcntl(stream, fcntl.F_GETLK, wanted))
    return bool(found[_FLOCK_TYPE] != fcntl.F_UNLCK)


def _flock(kind: int) -> list[int]:
    """The whole file, as the platform's ``struct flock``."""
    fields = [0] * 5
    fields[_FLOCK_TYPE] = kind
    return fields


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
