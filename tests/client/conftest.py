"""Both clients of real services; what they share is tested with each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from predictive_client import AsyncClient, Client
from tests.api.conftest import Service, add_scores, publish, running

#: More than two pages and three chunks of ids.
USERS = 3_500


def run(asked: Coroutine[Any, Any, Any]) -> Any:
    """Await in a thread of its own: browser tests keep a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


class Both:
    """The same calls with the blocking and with the awaited client.

    Parameters
    ----------
    kind
        ``sync`` or ``async``.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def call(self, url: str, key: str, ask: Callable[[Any], Any], **more: Any) -> Any:
        """What one call brings."""
        if self.kind == "sync":
            with Client(url, key, **more) as client:
                return ask(client)

        async def asked() -> Any:
            async with AsyncClient(url, key, **more) as client:
                return await ask(client)

        return run(asked())

    def items(self, url: str, key: str, ask: Callable[[Any], Any], **more: Any) -> list[Any]:
        """All that an iterator brings."""
        if self.kind == "sync":
            with Client(url, key, **more) as client:
                return list(ask(client))

        async def asked() -> list[Any]:
            async with AsyncClient(url, key, **more) as client:
                found: AsyncIterator[Any] = ask(client)
                return [each async for each in found]

        return run(asked())


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Scores of many users, whose ids end in what a line or an address may stumble over."""
    with running(tmp_path_factory.mktemp("crowd") / "workspace") as built:
        add_scores(built.workspace)
        values = np.random.default_rng(3).integers(0, 10_001, USERS) / 100
        ends = ["é", "\n", '"', "/", "\u2028", "%2F", "\u202e"]
        ids = [f"user {number:05d}{ends[number % len(ends)]}" for number in range(USERS)]
        publish(
            built.workspace,
            "churn-28d",
            [(user, value / 100, value) for user, value in zip(ids, values.tolist(), strict=True)],
        )
        yield built


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The scores of `SCORES`; change nothing in it."""
    with running(tmp_path_factory.mktemp("few") / "workspace") as built:
        add_scores(built.workspace)
        yield built


def url_of(service: Service) -> str:
    return str(service.client.base_url).rstrip("/")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "workspace") as built:
        yield built
