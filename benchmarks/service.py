"""The service as a real process over a store of a given size, and what it is measured against."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa

from predictive import Workspace
from predictive.definitions import Definition

NAME = "churn"
_AS_OF = datetime(2025, 1, 1, tzinfo=UTC)
_DEFINITION = f"{{name: {NAME}, kind: churn, target: {{within_days: 28, all: [{{did_not: buy}}]}}}}"
_SERVE = "import sys; from predictive.cli.main import run; run(sys.argv[1:])"
#: As many as a reader would fetch at once.
_FETCHED = 10_000
_START_SECONDS = 60.0


def filled_workspace(folder: Path, rows: int) -> str:
    """A new workspace with one published run of so many scores; a key that may read them."""
    random = np.random.default_rng(0)
    with Workspace.create(folder) as workspace:
        store = workspace.store
        # Not by `apply`, which wants the events to be there.
        store.predictions.create_or_update(Definition.from_text(_DEFINITION))
        store.models.add_version(
            NAME,
            definition_version=1,
            as_of=_AS_OF,
            seed=0,
            data_version="1",
            code_version="bench",
            base_rate=0.3,
            report={},
            folder="none",
        )
        store.models.set_champion(NAME, 1)
        store.predictions.set_state(NAME, "active")
        run_id = store.runs.begin(NAME, 1, _AS_OF)
        ids = pa.array([f"user-{number:07d}" for number in range(rows)])
        scores = np.round(100 * random.random(rows), 2)
        store.scores.write_batch(run_id, ids, random.random(rows), scores)
        store.runs.finish(run_id, histogram=b"", users=rows)
        store.runs.publish(run_id)
        return store.keys.create("bench", ["read"]).secret


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """``predictive serve`` in a process of its own: its address and its process id."""
    arguments = ["serve", "--no-worker", "--json", "--port", "0", "--workspace", str(folder)]
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            while lines[-1].rstrip() != "}":
                assert lines[-1], "serve ended before it said where it is"
                lines.append(process.stdout.readline())
            address = json.loads("".join(lines))["url"]
            _wait_for(f"{address}/health")
            yield address, process.pid
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(url, timeout=_START_SECONDS)
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def stream_scores(address: str, key: str, **asked: float | str) -> int:
    """Read scores, as NDJSON or as asked, and throw them away; how many line breaks there were."""
    path = f"{address}/v1/predictions/{NAME}/score-stream"
    headers = {"Authorization": f"Bearer {key}"}
    lines = 0
    with httpx.stream("GET", path, params=asked, headers=headers, timeout=120) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            lines += piece.count(b"\n")
    return lines


def read_bare(folder: Path) -> int:
    """Fetch the same rows from the database file, nothing else; how many there were."""
    rows = 0
    with sqlite3.connect(folder / "meta.db") as connection:
        found = connection.execute(
            "SELECT user_id, probability, score_hundredths FROM scores WHERE run_number = "
            "(SELECT current_run_number FROM predictions) ORDER BY user_id"
        )
        while batch := found.fetchmany(_FETCHED):
            rows += len(batch)
    return rows
