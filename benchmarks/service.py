"""The service as a real process over a store of a given size, and what it is measured against."""

from __future__ import annotations

import json
import os
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

from evaluation.histogram import ScoreHistogram
from predictive import Workspace
from predictive.definitions import Definition

NAME = "churn"
_AS_OF = datetime(2025, 1, 1, tzinfo=UTC)
SCOPES = ["read", "simulate", "manage"]
_REPORT = {
    "quality": {"value": 48.0, "low": 37.0, "high": 57.0, "label": "good"},
    "shift": {"tau2": 0.04, "degrees": 3},
}
_DEFINITION = f"{{name: {NAME}, kind: churn, target: {{within_days: 28, all: [{{did_not: buy}}]}}}}"
#: Nobody is refused for asking often; the requests are counted all the same.
_LIMITS = {f"PREDICTIVE_RATE_LIMIT_{scope}": "100000000" for scope in ("READ", "SIMULATE")}
#: As many as a reader would fetch at once.
_FETCHED = 10_000
_START_SECONDS = 60.0


def filled_workspace(folder: Path, rows: int) -> str:
    """A new workspace with one published run of so many scores; a key that may use them."""
    with Workspace.create(folder) as workspace:
        fill(workspace, rows)
        return workspace.store.keys.create("bench", SCOPES).secret


def fill(workspace: Workspace, rows: int) -> None:
    """Add a prediction with a model and one published run of so many scores."""
    random, store = np.random.default_rng(0), workspace.store
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
        report=_REPORT,
        folder="none",
    )
    store.models.set_champion(NAME, 1)
    store.predictions.set_state(NAME, "active")
    run_id = store.runs.begin(NAME, 1, _AS_OF)
    ids = pa.array([user_id(number) for number in range(rows)])
    probabilities = random.beta(2, 2.5, rows)
    scores = np.round(100 * probabilities, 2)
    store.scores.write_batch(run_id, ids, probabilities, scores)
    histogram = ScoreHistogram.from_scores(scores, probabilities)
    store.runs.finish(run_id, histogram=histogram.to_bytes(), users=rows)
    store.runs.publish(run_id)


def user_id(number: int) -> str:
    """The id of a user who has a score."""
    return f"user-{number:07d}"


@contextmanager
def serving(folder: Path, *, worker: bool = False) -> Iterator[tuple[str, int]]:
    """``predictive serve`` in a process of its own: its address and its process id.

    Its log goes to a file, as a service's does: a terminal would be waited for.
    """
    options = ["--json", "--port", "0", "--workspace", str(folder)]
    command = [
        *(sys.executable, "-m", "benchmarks.server", "serve", *options),
        "--worker" if worker else "--no-worker",
    ]
    with (
        (folder / "serve.log").open("w") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | _LIMITS
        ) as process,
    ):
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            while lines[-1].rstrip() != "}":
                assert lines[-1], f"serve ended before it said where it is: {log.name}"
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
