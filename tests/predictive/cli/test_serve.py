"""``predictive serve`` as a real process."""

from __future__ import annotations

import json
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


def address_of(service: subprocess.Popen[str]) -> str:
    """The address in the one JSON document that ``serve`` prints."""
    assert service.stdout is not None
    lines = [service.stdout.readline()]
    while lines[-1].rstrip() != "}":
        assert lines[-1], "serve ended before it said where it is"
        lines.append(service.stdout.readline())
    url = json.loads("".join(lines))["url"]
    assert isinstance(url, str)
    return url


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
