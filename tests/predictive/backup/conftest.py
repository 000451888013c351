"""Workspaces worth keeping, and the check that a copy of one is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from predictive import EventColumns, Workspace, apply, import_events, score, train
from predictive.backup import backup, restore
from predictive.definitions import Definition
from predictive.settings import Settings
from tests.predictive.cli.runner import CommandLine
from tests.shop import make_shop

NAME = "buys-14d"
BUYS = f"{{name: {NAME}, kind: event, target: {{within_days: 14, all: [{{did: purchase}}]}}}}"
DEFINITION = Definition.from_text(BUYS)
COLUMNS = EventColumns(user="customer", time="when", event="what", amount="total")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a model and published scores; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    events, _ = make_shop(customers=250, days=60).write(folder / "files")
    with Workspace.create(folder / "workspace", timezone="Europe/Berlin") as made:
        import_events(made, [events], COLUMNS)
        apply(made, BUYS)
        train(made, NAME)
        score(made, NAME)
    return folder / "workspace"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with some events and a prediction, without a model."""
    events, _ = make_shop(customers=20, days=30).write(tmp_path / "files")
    with Workspace.create(tmp_path / "workspace", settings=Settings(), buckets=4) as made:
        import_events(made, [events], COLUMNS)
        made.store.predictions.create_or_update(DEFINITION)
        yield made


@pytest.fixture(scope="session")
def kept(trained: Path) -> Path:
    """A backup of the trained workspace."""
    with Workspace.open(trained, Settings()) as opened:
        backup(opened, trained.with_name("kept.tar"))
    return trained.with_name("kept.tar")


@pytest.fixture
def copied(kept: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The trained workspace, to be changed at will."""
    restore(kept, tmp_path / "trained", Settings())
    with Workspace.open(tmp_path / "trained") as opened:
        yield opened


@pytest.fixture
def predictive(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The command line over the small workspace."""
    monkeypatch.delenv("PREDICTIVE_WORKSPACE", raising=False)
    return CommandLine(workspace.path, capsys)
