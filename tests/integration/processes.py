"""Services as processes of their own, over one workspace on a real database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

SERVE = "import sys; from predictive.cli.main import run; run(sys.argv[1:])"
ARGUMENTS = ("serve", "--no-worker", "--json", "--port", "0")


@contextmanager
def started(folder: Path, url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that finds the workspace in its environment; killed at the end."""
    environment = os.environ | {
        "PREDICTIVE_DATABASE_URL": url,
        "PREDICTIVE_LOG_LEVEL": "warning",
        "PREDICTIVE_RATE_LIMIT_READ": "0",
        "PREDICTIVE_WORKSPACE": str(folder),
    }
    with (
        (folder.parent / "log").open("a") as log,
        subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def address_of(service: subprocess.Popen[str]) -> str:
    """The address in the one JSON document that ``serve`` prints."""
    assert service.stdout is not None
    lines = [service.stdout.readline()]
    while lines[-1].rstrip() != "}":
        assert lines[-1], "serve ended before it said where it is"
        lines.append(service.stdout.readline())
    return str(json.loads("".join(lines))["url"])


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/ready", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited too long, {datetime.now(UTC)}"
        time.sleep(0.1)
