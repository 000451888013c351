"""A real store on each database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from predictive.store import Store
from tests.postgresql import as_admin, new_database, url_of


@pytest.fixture(scope="session")
def migrated(postgres: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A SQLite file and the name of a PostgreSQL database, both with the store's tables."""
    file = tmp_path_factory.mktemp("migrated") / "meta.db"
    Store(f"sqlite:///{file}").close()
    as_admin(postgres, "CREATE DATABASE migrated")
    Store(url_of(postgres, "migrated")).close()
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
        with new_database(postgres, f"TEMPLATE {template}") as url:
            yield url


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    with Store(migrated_url) as opened:
        yield opened
