"""A workspace with a small shop's history and a prediction that is not trained yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from predictive import EventColumns, Workspace, apply, import_events, import_users
from tests.shop import make_shop

DAYS = 70
NAME = "buys-14d"
BUYS = f"""
name: {NAME}
kind: event
target: {{within_days: 14, all: [{{did: purchase}}]}}
"""


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of 300 customers, to be copied."""
    folder = tmp_path_factory.mktemp("training-shop")
    events, facts = make_shop(customers=300, days=DAYS).write(folder / "files")
    columns = EventColumns("customer", "when", "what", amount="total", properties="all")
    with Workspace.create(folder / "workspace") as workspace:
        import_events(workspace, [events], columns)
        import_users(workspace, facts, "customer", "when")
        apply(workspace, BUYS)
    return folder / "workspace"


@pytest.fixture
def workspace(shop_folder: Path, tmp_path: Path):
    """A copy of it, to change."""
    shutil.copytree(shop_folder, tmp_path / "workspace")
    with Workspace.open(tmp_path / "workspace") as opened:
        yield opened
