"""Rows exactly once through connections that are cut and services that are killed."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from predictive.settings import Settings
from predictive.workspace import Workspace
from predictive_client import Client, ConnectionLost
from tests.api.conftest import Service, add_scores, publish
from tests.client.conftest import USERS, Both, url_of
from tests.client.cutting import cutting

NAME = "churn-28d"
SERVE = "import sys; from predictive.cli.main import run; run(sys.argv[1:])"
#: More than the buffers of a connection hold, so that a killed service has not sent it all.
MANY = 300_000


def everyone(service: Service) -> list[dict[str, object]]:
    with Client(url_of(service), service.keys["read"]) as client:
        return sorted(client.scores.list(NAME), key=lambda row: row["user_id"].encode())


@pytest.mark.parametrize(
    "cuts", [[0], [1, 200, 450], [2_000, 40_000, 100_000, 3], [600] * 5], ids=str
)
def test_a_stream_that_is_cut_brings_every_row_once(
    crowd: Service, both: Both, cuts: list[int]
) -> None:
    with cutting(url_of(crowd), cuts) as proxy:
        found = both.items(proxy.url, crowd.keys["read"], lambda client: client.scores.stream(NAME))
    assert proxy.connections == len(cuts) + 1
    assert found == everyone(crowd)
    assert len(found) == USERS


def test_a_connection_that_is_always_cut_is_given_up(crowd: Service, both: Both) -> None:
    with cutting(url_of(crowd), [300] * 10) as proxy, pytest.raises(ConnectionLost):
        both.items(
            proxy.url, crowd.keys["read"], lambda client: client.scores.stream(NAME), attempts=3
        )


def test_a_range_goes_on_within_its_bounds(crowd: Service, both: Both) -> None:
    with cutting(url_of(crowd), [5_000, 9_000]) as proxy:
        found = both.items(
            proxy.url,
            crowd.keys["read"],
            lambda client: client.scores.stream(NAME, min_score=20, max_score=60),
        )
    assert found == [row for row in everyone(crowd) if 20 <= row["score"] <= 60]


def test_nothing_is_read_that_nobody_asks_for(crowd: Service) -> None:
    with Client(url_of(crowd), crowd.keys["read"]) as client:
        stream = client.scores.stream(NAME)
        first = next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert first == everyone(crowd)[0]
        assert client.scores.get(NAME, "user 00001\n")["user_id"] == "user 00001\n"


def test_a_file_that_is_cut_is_an_error(crowd: Service, both: Both) -> None:
    key = crowd.keys["read"]
    whole = b"".join(both.items(url_of(crowd), key, lambda client: client.scores.file(NAME, "csv")))
    assert whole.count(b"user 0") == USERS
    with cutting(url_of(crowd), [50_000]) as proxy, pytest.raises(ConnectionLost):
        both.items(proxy.url, key, lambda client: client.scores.file(NAME, "csv"))


@contextmanager
def served(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ["serve", "--no-worker", "--port", str(port), "--workspace", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


@pytest.mark.slow
def test_a_killed_service_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with Workspace.create(folder, settings=Settings()) as workspace:
        add_scores(workspace)
        scores = [(f"user-{number:06d}", 0.5, 50.0) for number in range(MANY)]
        publish(workspace, NAME, scores)
        key = workspace.store.keys.create("reader", ["read"]).secret
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", key, attempts=60) as client:
        with served(folder, port) as service:
            stream = client.scores.stream(NAME)
            seen = [next(stream)["user_id"] for _ in range(1_000)]
            service.kill()
        with served(folder, port):
            seen += [row["user_id"] for row in stream]
    assert seen == [user for user, _, _ in scores]
