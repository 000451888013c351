"""What tests of every part share: a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import new_database, running_server

# How long an example takes depends on what else the machine is doing.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Folder of the socket of a running PostgreSQL server."""
    with running_server() as socket:
        yield socket


@pytest.fixture
def postgres_url(postgres: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database."""
    with new_database(postgres) as url:
        yield url
