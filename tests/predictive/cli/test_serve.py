"""``predictive serve`` as a real process."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.integration.processes import address_of
from tests.predictive.cli.runner import CommandLine

COMMAND = "import sys; from predictive.cli.main import run; run(sys.argv[1:])"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with Workspace.create(tmp_path / "workspace", settings=Settings()) as made:
        return made.path


@pytest.fixture
def service(workspace: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = ["--json", "serve", "--port", "0", "--workspace", str(workspace)]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def wait_for(url: str) -> httpx.Response:
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, timeout=30)
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the service did not answer"
            time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_in_order_with_its_worker(
    service: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert wait_for(f"{address_of(service)}/health").status_code == 200
    children = psutil.Process(service.pid).children()
    assert any("predictive.worker" in " ".join(child.cmdline()) for child in children)
    service.send_signal(number)
    assert service.wait(timeout=30) == 0
    assert psutil.wait_procs(children, timeout=10)[1] == []


@pytest.mark.slow
def test_it_stops_although_somebody_follows_a_job(workspace: Path) -> None:
    with Workspace.open(workspace) as opened:
        job_id = opened.store.jobs.create("check", None, {})
        key = opened.store.keys.create("test", ["read"]).secret
    arguments = ["serve", "--no-worker", "--json", "--port", "0", "--workspace", str(workspace)]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        events = f"{address_of(process)}/v1/jobs/{job_id}/events"
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.stream("GET", events, headers=headers, timeout=60) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: progress"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0


#: Asks over and over, over several connections that are kept; tells what went wrong.
CLIENT = """
import sys, threading, httpx
address, key = sys.argv[1:]
counts, failures = {}, []

def ask():
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        while True:
            try:
                status = client.get("/v1/predictions").status_code
            except httpx.ConnectError:
                return  # nobody listens any more: this request was never taken
            except httpx.TransportError as error:
                failures.append(repr(error))
                return
            counts[status] = counts.get(status, 0) + 1

threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
while not counts:
    pass
print("asking", flush=True)
for thread in threads:
    thread.join()
print(counts, failures, flush=True)
"""


@pytest.mark.slow
def test_told_to_end_under_load_it_fails_no_request_it_has_taken(
    workspace: Path, tmp_path: Path
) -> None:
    with Workspace.open(workspace) as opened:
        key = opened.store.keys.create("test", ["read"]).secret
    # Limits are another matter.
    environment = os.environ | {"PREDICTIVE_RATE_LIMIT_READ": "0"}
    arguments = ["serve", "--no-worker", "--json", "--port", "0", "--workspace", str(workspace)]
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            text=True,
        ) as process,
    ):
        address = address_of(process)
        wait_for(f"{address}/ready")
        with subprocess.Popen(
            [sys.executable, "-c", CLIENT, address, key], stdout=subprocess.PIPE, text=True
        ) as client:
            assert client.stdout is not None
            assert client.stdout.readline() == "asking\n"
            process.send_signal(signal.SIGTERM)
            # It goes on answering, and says that it is not ready.
            answered = [httpx.get(f"{address}/ready").status_code for _ in range(3)]
            assert answered[-1] == 503
            assert process.wait(timeout=60) == 0
            told, _ = client.communicate(timeout=60)
    counts, _, failures = told.partition(" [")
    assert failures.strip() == "]", told
    assert set(ast.literal_eval(counts)) == {200}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) == ast.literal_eval(counts)[200]


@pytest.mark.slow
def test_a_request_under_way_is_answered_before_it_ends(workspace: Path) -> None:
    with Workspace.open(workspace) as opened:
        key = opened.store.keys.create("test", ["manage"]).secret
    arguments = ["serve", "--no-worker", "--json", "--port", "0", "--workspace", str(workspace)]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        address = address_of(process)
        wait_for(f"{address}/health")
        port = int(address.rpartition(":")[2])
        body = b"name: x"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                + key.encode()
                + b"\r\nContent-Type: application/yaml\r\nContent-Length: 7\r\n\r\nna"
            )
            wait_for(f"{address}/health")  # by now the server has read the beginning
            process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 30
            while True:  # until it takes no new connection
                try:
                    httpx.get(f"{address}/health")
                except httpx.TransportError:
                    break
                assert time.monotonic() < deadline
            assert process.poll() is None
            connection.sendall(body[2:])
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 422"), answer
        assert process.wait(timeout=30) == 0


@pytest.mark.slow
def test_killed_it_leaves_no_worker_behind(service: subprocess.Popen[str]) -> None:
    wait_for(f"{address_of(service)}/health")
    children = psutil.Process(service.pid).children()
    assert children
    service.kill()
    assert psutil.wait_procs(children, timeout=30)[1] == []


def test_a_port_in_use_is_told_before_anything_starts(
    predictive: CommandLine, workspace: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = predictive("serve", "--port", taken.getsockname()[1], "--json")
    assert ran.code == 2
    assert ran.document["error"]["field"] == "--host, --port"


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_an_impossible_port_is_refused(predictive: CommandLine, workspace: Path, port: str) -> None:
    assert predictive("serve", "--port", port).code == 2
