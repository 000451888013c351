"""A real workspace behind a real application; scores are written as a scoring run would."""

from __future__ import annotations

import io
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from predictive.definitions import Definition
from predictive.logs import configure
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.copies import copied

AS_OF = datetime(2025, 11, 1, tzinfo=UTC)
CHURN = """
name: churn-28d
kind: churn
target: {within_days: 28, all: [{did_not: purchase}]}
"""
#: User, probability, score; two share a score, one id needs escaping.
SCORES = [
    ("anna", 0.81, 92.5),
    ("ben", 0.55, 75.0),
    ("cleo/2 ü", 0.55, 75.0),
    ("dora", 0.30, 50.0),
    ("emil", 0.02, 4.25),
]


@dataclass
class Service:
    """A client of the service, the workspace behind it, and a key for every scope."""

    client: httpx.Client
    workspace: Workspace
    app: FastAPI
    keys: dict[str, str] = field(default_factory=dict)

    def headers(self, scope: str = "admin") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[scope]}"}


def publish(workspace: Workspace, name: str, scores: list[tuple[str, float, float]]) -> str:
    """Write and publish a run of these scores; returns its id."""
    runs = workspace.store.runs
    run_id = runs.begin(name, 1, AS_OF)
    users, probabilities, values = zip(*scores, strict=True)
    workspace.store.scores.write_batch(run_id, list(users), list(probabilities), list(values))
    runs.finish(run_id, histogram=b"", users=len(scores))
    runs.publish(run_id)
    return run_id


def add_model(workspace: Workspace, name: str) -> None:
    workspace.store.models.add_version(
        name,
        definition_version=1,
        as_of=AS_OF,
        seed=0,
        data_version="1",
        code_version="test",
        base_rate=0.3,
        report={
            "quality": {"value": 48.0, "low": 37.0, "high": 57.0, "label": "good"},
            "shift": {"tau2": 0.04, "degrees": 3},
        },
        folder="none",
    )
    workspace.store.models.set_champion(name, 1)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A real server on a free port, for as long as the block lasts; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        # The socket listens already: the first request waits until the server takes it.
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def running(folder: Path, database_url: str | None = None, **more: Any) -> Iterator[Service]:
    """A service over a new workspace in this folder."""
    settings = Settings(workspace=folder, database_url=database_url, **more)
    Workspace.create(settings=settings).close()
    with opened(settings) as built:
        yield built


@contextmanager
def opened(settings: Settings) -> Iterator[Service]:
    """A service over a workspace that is there, with a key of each scope."""
    app = create_app(settings)
    workspace: Workspace = app.state.workspace
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        built = Service(client, workspace, app)
        for scope in ("read", "simulate", "events", "manage", "admin"):
            built.keys[scope] = workspace.store.keys.create(scope, [scope]).secret
        yield built


def add_scores(workspace: Workspace) -> None:
    """A prediction with a model and published scores."""
    workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    add_model(workspace, "churn-28d")
    publish(workspace, "churn-28d", SCORES)


def add_purchase(workspace: Workspace) -> None:
    """One purchase, so that definitions may speak of purchases."""
    times = pa.array([AS_OF.replace(hour=1)], pa.timestamp("us", "UTC"))
    workspace.lake.append_events(
        pa.table({"event_id": ["1"], "user_id": ["anna"], "name": ["purchase"], "time": times})
    )


def add_events(workspace: Workspace) -> None:
    """Two hundred days of purchases: each user buys at a pace of their own."""
    random = np.random.default_rng(7)
    users, times = [], []
    for user in range(600):
        gaps = random.exponential(random.gamma(2.0, 12.0) + 1, size=300)
        days = np.cumsum(gaps)
        days = days[days < 200]
        users += [f"user-{user:03d}"] * len(days)
        times += [AS_OF - timedelta(days=200) + timedelta(days=float(day)) for day in days]
    workspace.lake.append_events(
        pa.table(
            {
                "event_id": [str(number) for number in range(len(users))],
                "user_id": users,
                "name": ["purchase"] * len(users),
                "time": pa.array(times, pa.timestamp("us", "UTC")),
                "amount": random.gamma(3.0, 10.0, size=len(users)).round(2),
            }
        )
    )
    workspace.lake.set_complete_through(AS_OF)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose prediction was really trained and scored; change nothing in it."""
    with running(tmp_path_factory.mktemp("trained") / "workspace") as built:
        add_events(built.workspace)
        built.workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
        for command in ("train", "score"):
            # In a process of its own, as a worker does it beside a running service.
            code = "from predictive.cli.main import run; run()"
            where = ["--workspace", str(built.workspace.path)]
            subprocess.run(
                [sys.executable, "-c", code, command, "churn-28d", *where, "--json"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield built


@pytest.fixture
def expendable(trained: Service, tmp_path: Path) -> Iterator[Service]:
    """A copy of the trained service, whose prediction a test may ruin."""
    copied(trained.workspace.path, tmp_path / "workspace")
    # Made-up requests come with made-up keys, more than a service would look at.
    with opened(Settings(workspace=tmp_path / "workspace", rate_limit_wrong_keys=0)) as built:
        yield built


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the processes of a real service would write to stderr, from debug upwards."""
    loggers = [logging.getLogger(name) for name in (None, "predictive", "api", "models", "uvicorn")]
    before = [(each, each.level, each.handlers[:]) for each in loggers]
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path / "workspace") as built:
        yield built


@pytest.fixture
def scored(service: Service) -> Service:
    add_scores(service.workspace)
    return service


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Like ``scored``, one for all tests that change nothing."""
    with running(tmp_path_factory.mktemp("shared") / "workspace") as built:
        add_scores(built.workspace)
        yield built
