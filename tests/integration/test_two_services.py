"""Two services and a worker on one real PostgreSQL: no reader ever sees two runs in one answer.

Every run gives everybody the same score, so that a single row of another run is found. The
worker is the real one; only what a model would compute is made up.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from predictive.definitions import Definition
from predictive.jobs.queue import request_job
from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, add_model
from tests.integration.processes import ARGUMENTS, SERVE, address_of, is_ready, started, until

NAME = "churn-28d"
DEFINITION = f"""
name: {NAME}
kind: churn
schedule: none
target: {{within_days: 28, all: [{{did_not: purchase}}]}}
"""
USERS = [f"user-{number:04d}" for number in range(2_000)]
RUNS = 8
PAGE = 150

WORKER = """
import sys

def score(workspace, name, *, as_of, progress, **_):
    runs, scores = workspace.store.runs, workspace.store.scores
    users = [f"user-{number:04d}" for number in range(2_000)]
    value = float(as_of.day)
    run = runs.begin(name, 1, as_of)
    for start in range(0, len(users), 250):
        part = users[start:start + 250]
        scores.write_batch(run, part, [value / 100] * len(part), [value] * len(part))
    runs.finish(run, histogram=b"", users=len(users))
    runs.publish(run)
    return {"run_id": run, "users": len(users)}

import predictive.jobs.score as module
from predictive.worker import main

module.score = score
sys.exit(main(sys.argv[1:]))
"""


class Readers:
    """Ask both services in turn until told to stop; keep what they saw and what was wrong."""

    def __init__(self, addresses: list[str], key: str) -> None:
        self._addresses, self._headers = addresses, {"Authorization": f"Bearer {key}"}
        self.stopping = threading.Event()
        self.failures: list[str] = []
        self.seen: dict[str, Counter[float]] = {}
        kinds: list[Callable[[Iterator[httpx.Client]], float]] = [
            *(self.many, self.walk, self.stream, self.one)
        ]
        self.threads = [threading.Thread(target=self._run, args=(kind,)) for kind in kinds]
        self.seen = {kind.__name__: Counter() for kind in kinds}
        for thread in self.threads:
            thread.start()

    def _run(self, kind: Callable[[Iterator[httpx.Client]], float]) -> None:
        with ExitStack() as stack:
            clients = [
                stack.enter_context(httpx.Client(base_url=each, headers=self._headers, timeout=60))
                for each in self._addresses
            ]
            turns = itertools.cycle(clients)
            last = 0.0
            try:
                while not self.stopping.is_set():
                    value = kind(turns)
                    self.seen[kind.__name__][value] += 1
                    assert value >= last, "an older run came back"
                    last = value
            except Exception as error:  # noqa: BLE001 — told by the test
                self.failures.append(f"{kind.__name__}: {error!r}")

    def many(self, turns: Iterator[httpx.Client]) -> float:
        """A thousand ids in one call."""
        answer = (
            next(turns)
            .post(f"/v1/predictions/{NAME}/scores", json={"user_ids": USERS[::2]})
            .raise_for_status()
        )
        rows = answer.json()["scores"]
        assert len(rows) == 1000
        return only({row["score"] for row in rows})

    def walk(self, turns: Iterator[httpx.Client]) -> float:
        """All pages, each asked of the other service."""
        found: list[tuple[str, float]] = []
        cursor: str | None = None
        while True:
            asked = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = next(turns).get(f"/v1/predictions/{NAME}/scores", params=asked)
            body = page.raise_for_status().json()
            found += [(row["user_id"], row["score"]) for row in body["scores"]]
            cursor = body["next_cursor"]
            if cursor is None:
                break
        assert sorted(user for user, _ in found) == USERS
        return only({score for _, score in found})

    def stream(self, turns: Iterator[httpx.Client]) -> float:
        """The whole run as NDJSON."""
        answer = (
            next(turns)
            .get(f"/v1/predictions/{NAME}/score-stream", params={"format": "ndjson"})
            .raise_for_status()
        )
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert [row["user_id"] for row in rows] == USERS
        return only({row["score"] for row in rows})

    def one(self, turns: Iterator[httpx.Client]) -> float:
        """One user."""
        answer = next(turns).get(f"/v1/predictions/{NAME}/scores/{USERS[7]}").raise_for_status()
        return float(answer.json()["score"])


def only(values: set[float]) -> float:
    """The one value there is."""
    assert len(values) == 1, f"a mixture: {values}"
    return float(values.pop())


def prepared(folder: Path, url: str) -> str:
    """A workspace with an active prediction and a first run; returns a key."""
    with Workspace.create(settings=Settings(workspace=folder, database_url=url)) as workspace:
        store = workspace.store
        store.predictions.create_or_update(Definition.from_text(DEFINITION))
        add_model(workspace, NAME)
        store.predictions.set_state(NAME, "active")
        run = store.runs.begin(NAME, 1, AS_OF)
        store.scores.write_batch(run, USERS, [0.01] * len(USERS), [1.0] * len(USERS))
        store.runs.finish(run, histogram=b"", users=len(USERS))
        store.runs.publish(run)
        return store.keys.create("readers", ["read"]).secret


@pytest.mark.slow
def test_no_reader_sees_a_mixture_while_runs_are_published(
    tmp_path: Path, postgres_url: str
) -> None:
    folder, script = tmp_path / "workspace", tmp_path / "worker.py"
    key = prepared(folder, postgres_url)
    script.write_text(WORKER)
    with ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen[str]:
            return stack.enter_context(started(folder, postgres_url, *arguments))

        services = [start("-c", SERVE, *ARGUMENTS) for _ in "ab"]
        worker = start(str(script))
        addresses = [address_of(each) for each in services]
        for address in addresses:
            until(lambda address=address: is_ready(address))
        readers = Readers(addresses, key)
        settings = Settings(workspace=folder, database_url=postgres_url)
        with Workspace.open(settings=settings) as workspace:
            for day in range(1, RUNS + 1):
                as_of = (AS_OF + timedelta(days=day)).isoformat()
                job = request_job(workspace, "score", NAME, {"as_of": as_of}, by="test")
            until(lambda: workspace.store.jobs.get(job).finished_at is not None)
            assert {each.state for each in workspace.store.jobs.list()} == {"succeeded"}
        last = float(1 + RUNS)
        until(lambda: bool(readers.failures) or all(seen[last] for seen in readers.seen.values()))
        readers.stopping.set()
        for thread in readers.threads:
            thread.join()
        assert readers.failures == []
        # Runs changed under each of them.
        assert all(len(seen) >= 2 for seen in readers.seen.values()), readers.seen
        for process in (worker, *services):
            process.terminate()
        assert [process.wait(timeout=60) for process in (worker, *services)] == [0, 0, 0]
