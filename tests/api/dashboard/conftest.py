"""A dashboard as people meet it: ``predictive serve`` in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pyarrow as pa
import pytest

from evaluation.histogram import ScoreHistogram
from predictive.definitions import Definition
from predictive.imports import EventColumns, import_events, import_users
from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, CHURN, add_events

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMMAND = "from predictive.cli.main import run; run()"
NAME = "churn-28d"


@dataclass
class Dashboard:
    """Where it answers, and a key for every scope."""

    url: str
    path: Path
    keys: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def signed_in(self, scope: str = "admin") -> Iterator[httpx.Client]:
        """A client with a session."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            assert sign_in(client, self.keys[scope]).status_code == 303
            yield client


def token_of(page: str) -> str:
    return page.partition('name="token" value="')[2].partition('"')[0]


def sign_in(client: httpx.Client, key: str, **headers: str) -> httpx.Response:
    token = token_of(client.get("/sign-in").text)
    return client.post("/sign-in", data={"token": token, "key": key}, headers=headers)


def add_prediction(workspace: Workspace) -> None:
    """A prediction with a model and published scores, as training and scoring would leave them."""
    store, random = workspace.store, np.random.default_rng(3)
    store.predictions.create_or_update(Definition.from_text(CHURN))
    quality = {"value": 48.0, "low": 37.0, "high": 57.0, "label": "good"}
    store.models.add_version(
        NAME,
        definition_version=1,
        as_of=AS_OF,
        seed=0,
        data_version="1",
        code_version="test",
        base_rate=0.3,
        report={"quality": quality, "shift": {"tau2": 0.04, "degrees": 3}},
        folder="none",
    )
    store.models.set_champion(NAME, 1)
    store.predictions.set_state(NAME, "active", "test", AS_OF)
    scores = random.beta(2, 2.5, size=600).round(4) * 100
    probabilities = scores / 100
    run_id = store.runs.begin(NAME, 1, AS_OF)
    users = [f"user-{number:03d}" for number in range(600)]
    store.scores.write_batch(run_id, users, probabilities.tolist(), scores.tolist())
    columns = {"user_id": users, "score": scores, "probability": probabilities}
    workspace.lake.scores.write(run_id, pa.table(columns).to_batches())
    histogram = ScoreHistogram.from_scores(scores, probabilities)
    store.runs.finish(run_id, histogram=histogram.to_bytes(), users=600)
    store.runs.publish(run_id)


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The address of ``predictive serve`` on a free port."""
    arguments = ["serve", "--workspace", str(path), "--port", "0", "--json"]
    # As a service runs it: NiceGUI behaves otherwise where it finds pytest.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("}"):
                break
        url = json.loads(said)["url"]
        # The address is told before the service listens.
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=60) as client:
            client.get(f"{url}/health").raise_for_status()
        yield url
        process.terminate()


@contextmanager
def dashboard_on(
    path: Path, *, scored: bool = False, files: tuple[Path, Path] | None = None
) -> Iterator[Dashboard]:
    """A served workspace: with a scored prediction, or with imported files, or empty."""
    with Workspace.create(path) as workspace:
        keys = {
            scope: workspace.store.keys.create(scope, [scope]).secret
            for scope in ("read", "simulate", "events", "manage", "admin")
        }
        keys["analyst"] = workspace.store.keys.create("analyst", ["read", "simulate"]).secret
        if scored:
            add_events(workspace)
            add_prediction(workspace)
        if files:
            events, facts = files
            named = EventColumns(user="customer", time="when", event="what", amount="total")
            import_events(workspace, [events], named)
            import_users(workspace, facts, user="customer", time="when")
    with served(path) as url:
        yield Dashboard(url, path, keys)


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One with a scored prediction."""
    with dashboard_on(tmp_path_factory.mktemp("dashboard") / "workspace", scored=True) as built:
        yield built


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """A browser of this machine."""
    found = os.environ.get("PREDICTIVE_TEST_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        pytest.skip("no Chromium: install one or name it in PREDICTIVE_TEST_CHROMIUM")
    return found
