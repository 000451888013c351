"""Keep-alive load on an HTTP service: ``python -m benchmarks.load`` with its orders on stdin.

In a process of its own, so that asking and answering don't share an interpreter. A client of
this kind asks several times faster than the service answers.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import numpy as np

CONNECTIONS = 16
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Answered:
    """What came of some load.

    Parameters
    ----------
    rate
        Requests a second.
    median_ms, p99_ms
        Of the time from asking to the whole answer.
    size
        Bytes of the body of the last answer.
    """

    rate: float
    median_ms: float
    p99_ms: float
    size: int


def request(method: str, url: str, key: str, body: dict[str, Any] | None = None) -> str:
    """One request as it goes over the wire."""
    parts = urlsplit(url)
    content = "" if body is None else json.dumps(body)
    lines = [
        f"{method} {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Authorization: Bearer {key}",
        *([f"Content-Type: application/json\r\nContent-Length: {len(content)}"] if content else []),
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + content


def put_load(
    address: str,
    requests: Sequence[str],
    *,
    connections: int = CONNECTIONS,
    count: int | None = None,
    seconds: float | None = None,
) -> Answered:
    """Ask over some connections, each at once again, ``count`` times or for some seconds."""
    parts = urlsplit(address)
    orders = {
        "host": parts.hostname,
        "port": parts.port,
        "connections": connections,
        "count": count,
        "seconds": seconds,
        "requests": list(requests),
    }
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(orders),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Answered(**json.loads(finished.stdout))


class _Connection(asyncio.Protocol):
    """Asks, waits for the whole answer, asks again."""

    def __init__(self, load: _Load) -> None:
        self._load, self._received, self._wanted = load, b"", 0
        self._began = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted:
            head, found, _ = self._received.partition(_HEAD_END)
            if not found:
                return
            self._load.check(head)
            self._size = _content_length(head)
            self._wanted = len(head) + len(_HEAD_END) + self._size
        if len(self._received) >= self._wanted:
            self._load.answered(time.perf_counter() - self._began, self._size)
            self._received, self._wanted = b"", 0
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._load.lost()

    def _ask(self) -> None:
        message = self._load.next()
        if message is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(message)


class _Load:
    def __init__(self, orders: dict[str, Any]) -> None:
        self._messages: Iterator[bytes] = cycle([text.encode() for text in orders["requests"]])
        self._left = orders["count"] if orders["count"] is not None else sys.maxsize
        self._until = time.perf_counter() + (orders["seconds"] or float("inf"))
        self._orders, self._open = orders, orders["connections"]
        self._latencies: list[float] = []
        self._size = 0

    async def run(self) -> Answered:
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        began = time.perf_counter()
        for _ in range(self._orders["connections"]):
            await loop.create_connection(
                lambda: _Connection(self), self._orders["host"], self._orders["port"]
            )
        await self._done
        taken = time.perf_counter() - began
        median, p99 = 1000 * np.quantile(self._latencies, [0.5, 0.99])
        return Answered(len(self._latencies) / taken, float(median), float(p99), self._size)

    def next(self) -> bytes | None:
        if self._left == 0 or time.perf_counter() > self._until:
            return None
        self._left -= 1
        return next(self._messages)

    def answered(self, seconds: float, size: int) -> None:
        self._latencies.append(seconds)
        self._size = size

    def check(self, head: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 200"):
            print(head.decode(errors="replace"), file=sys.stderr)
            sys.exit(1)

    def lost(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._done.set_result(None)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("the answer does not tell its length")


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_Load(json.load(sys.stdin)).run()))))
