"""A workspace with a trained prediction, and commands on it that must be refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from api.app import create_app
from predictive import EventColumns, Workspace, apply, import_events, import_users, score, train
from predictive.settings import Settings
from tests.api.conftest import serving
from tests.integration.refusals import refused
from tests.shop import START, Shop, make_shop

DAYS = 60
END = START + timedelta(days=DAYS)
NAME = "buys-14d"
BUYS = f"""
name: {NAME}
kind: event
target: {{within_days: 14, all: [{{did: purchase}}]}}
audience: {{all: [{{did: visit, at_least: 2, within_days: 14}}]}}
"""
#: Ids that look like mistakes and are none.
ODD_IDS = [
    "line\nbreak",
    "carriage\rreturn",
    "quotes \"'` \\",
    "a,b;c\td",
    "שלום-عربي",
    "\u202eturned",
    "🙂👩‍👩‍👧",
    "../../etc/passwd",
    "50%?x=1#y",
    "'; DROP TABLE scores; --",
    "00017",
    "null",
    "x" * 256,
]
Refused = Callable[..., dict[str, Any]]


def odd_shop() -> Shop:
    """A small shop; some of its customers have odd ids and were there lately."""
    shop = make_shop(customers=250, days=DAYS)
    recent = [
        {"customer": user, "what": "visit", "when": END - timedelta(days=day, hours=1)}
        for user in ODD_IDS
        for day in range(3)
    ]
    return Shop(pd.concat([shop.events, pd.DataFrame(recent)], ignore_index=True), shop.facts)


@pytest.fixture(scope="session")
def odd_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a trained prediction, published scores, and one without a model."""
    folder = tmp_path_factory.mktemp("shop")
    made = odd_shop()
    events, facts = made.write(folder / "files")
    # A carriage return has to be quoted, which pandas does when told to.
    made.events.to_csv(events, index=False, quoting=csv.QUOTE_NONNUMERIC)
    columns = EventColumns("customer", "when", "what", amount="total", properties="all")
    with Workspace.create(folder / "workspace") as workspace:
        import_events(workspace, [events], columns)
        import_users(workspace, facts, "customer", "when")
        apply(workspace, BUYS)
        train(workspace, NAME)
        score(workspace, NAME, out=folder / "scores.parquet")
    return folder / "workspace"


@pytest.fixture
def refuse(odd_workspace: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    def run(*arguments: object, workspace: Path = odd_workspace) -> dict[str, Any]:
        return refused(capsys, workspace, *arguments)

    return run


@pytest.fixture(scope="session")
def http(odd_workspace: Path) -> Iterator[httpx.Client]:
    """The service over the same workspace."""
    app = create_app(Settings(workspace=odd_workspace))
    key = app.state.workspace.store.keys.create("test", ["admin"]).secret
    headers = {"Authorization": f"Bearer {key}"}
    with (
        serving(app) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60) as client,
    ):
        yield client
