"""Real databases to run conditions on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest

from tests.postgresql import new_database


@pytest.fixture(scope="module")
def duckdb() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect(threads=1)
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def postgresql(postgres: Path) -> Iterator[ibis.BaseBackend]:
    with new_database(postgres) as url:
        connection = ibis.connect(url.replace("+psycopg", ""))
        yield connection
        connection.disconnect()
