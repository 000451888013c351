"""The life of a prediction that is really trained and scored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from predictive import Workspace, lifecycle, score, train
from predictive.errors import Conflict, NotFound
from predictive.jobs.simulate import simulate
from predictive.predictions import show
from predictive.quality import quality

from .conftest import BUYS, NAME

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)


def to(workspace: Workspace, state: str) -> None:
    lifecycle.set_state(workspace, NAME, state, by="test", now=NOW)


@pytest.fixture(scope="module")
def built(workspace_folder: Path) -> Path:
    """A preview, trained and scored; opened by each test for itself."""
    with Workspace.open(workspace_folder) as workspace:
        to(workspace, "preview")
        train(workspace, NAME)
        score(workspace, NAME)
    return workspace_folder


def test_a_draft_becomes_active_with_its_first_training(workspace: Workspace) -> None:
    train(workspace, NAME, by="command line")
    assert workspace.store.predictions.get(NAME).state == "active"
    kinds = [(c.kind, c.by) for c in workspace.store.history.list(NAME)]
    assert kinds[0] == ("state", "command line")
    run = score(workspace, NAME, out=workspace.path / "scores.parquet")
    assert run["users"] > 0
