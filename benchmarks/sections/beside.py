"""Look-ups while the service's own worker trains on the same cores."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import httpx
import numpy as np

from benchmarks.load import Answered, put_load, request
from benchmarks.measures import Measure, at_most
from benchmarks.processes import console
from benchmarks.service import NAME, SCOPES, fill, serving, user_id
from benchmarks.synthetic import write_events
from benchmarks.workloads import DEFINITION, EVENT_COLUMNS
from predictive import Workspace, apply, import_events

_SCORES = 100_000
_EVENTS, _USERS = 2_000_000, 20_000
_TRAINED = "trained-beside"
_SECONDS = 3.0
_ROUNDS = 6


def beside(folder: Path, _events: int) -> list[Measure]:
    """The slowest of a hundred look-ups, with a training job beside them and without."""
    workspace = folder / "workspace"
    key = _prepared(workspace, folder / "events.parquet")
    with serving(workspace, worker=True) as (address, _):
        base = f"{address}/v1/predictions"
        drawn = np.random.default_rng(0).choice(_SCORES, 4_000, replace=False)
        asked = [request("GET", f"{base}/{NAME}/scores/{user_id(int(n))}", key) for n in drawn]
        look_up = lambda: put_load(address, asked, seconds=_SECONDS)  # noqa: E731
        look_up()
        idle = [look_up() for _ in range(_ROUNDS)]
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}) as client:
            client.post(f"/{_TRAINED}/builds").raise_for_status()
            training = []
            while len(training) < _ROUNDS and (state := _state(client)) != "succeeded":
                found = look_up()
                if state == _state(client) == "running":
                    training.append(found)
    if not training:
        raise RuntimeError("the training job was over before a look-up was made beside it")
    return [
        at_most(
            "one score, 99th percentile, while training / idle", _tail(training) / _tail(idle), 3
        ),
        Measure(
            "one score, requests a second, while training / idle", _rate(training) / _rate(idle)
        ),
    ]


def _prepared(workspace: Path, file: Path) -> str:
    write_events(file, _EVENTS, _USERS)
    with Workspace.create(workspace) as opened:
        import_events(opened, [file], EVENT_COLUMNS)
        apply(opened, DEFINITION.replace("name: churn", f"name: {_TRAINED}"))
        fill(opened, _SCORES)
        return opened.store.keys.create("bench", SCOPES).secret


def _state(client: httpx.Client) -> str:
    state: str = client.get(f"/{_TRAINED}/builds").raise_for_status().json()["builds"][0]["state"]
    if state == "failed":
        raise RuntimeError("the training job failed")
    return state


def _tail(answered: list[Answered]) -> float:
    tail = median(each.p99_ms for each in answered)
    console.print(f"  99 % within {tail:.1f} ms")
    return tail


def _rate(answered: list[Answered]) -> float:
    return median(each.rate for each in answered)
