"""A real workspace behind a real application; scores are written as a scoring run would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from predictive.definitions import Definition
from predictive.settings import Settings
from predictive.workspace import Workspace

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

    client: TestClient
    workspace: Workspace
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
        report={},
        folder="none",
    )
    workspace.store.models.set_champion(name, 1)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = Settings(workspace=tmp_path / "workspace")
    Workspace.create(settings=settings).close()
    app = create_app(settings)
    workspace: Workspace = app.state.workspace
    with TestClient(app, raise_server_exceptions=False) as client:
        built = Service(client, workspace)
        for scope in ("read", "simulate", "events", "manage", "admin"):
            built.keys[scope] = workspace.store.keys.create(scope, [scope]).secret
        yield built


@pytest.fixture
def scored(service: Service) -> Service:
    workspace = service.workspace
    workspace.store.predictions.create_or_update(Definition.from_text(CHURN))
    add_model(workspace, "churn-28d")
    publish(workspace, "churn-28d", SCORES)
    return service
