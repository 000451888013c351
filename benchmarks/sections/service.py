"""Look-ups and simulations over HTTP, against a route of the same app that returns a constant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.load import Answered, put_load, request
from benchmarks.measures import Measure, at_least, at_most
from benchmarks.processes import console
from benchmarks.server import CONSTANT
from benchmarks.service import NAME, filled_workspace, serving, user_id

MANY_USERS, FEW_USERS = 1_000_000, 1_000
IDS = 1_000
_ROUNDS = 5
_ASKED = 4_000

Load = Callable[[], Answered]


def service(folder: Path, _events: int) -> list[Measure]:
    """Each route in turns with the constant one; a round of all, several times over."""
    many, few = folder / "many", folder / "few"
    keys = {many: filled_workspace(many, MANY_USERS), few: filled_workspace(few, FEW_USERS)}
    with serving(many) as (large, _), serving(few) as (small, _):
        loads = {
            "constant": _load(large, [request("GET", large + CONSTANT, keys[many])]),
            "one score": _load(large, _look_ups(large, keys[many])),
            "simulation": _load(large, _simulations(large, keys[many]), _ASKED // 2),
            "simulation, few": _load(small, _simulations(small, keys[few]), _ASKED // 2),
            "one id": _load(large, _by_ids(large, keys[many], 1), 200, connections=1),
            "many ids": _load(large, _by_ids(large, keys[many], IDS), 40, connections=1),
        }
        found = _in_turns(loads)
    constant = found["constant"]
    score, simulation = found["one score"], found["simulation"]
    growth = _rate(found["simulation, few"], simulation)
    calls = _time(found["many ids"], found["one id"])
    return [
        at_least("one score, requests a second / constant", _rate(score, constant), 0.75),
        at_most("one score, 99th percentile / constant", _tail(score, constant), 3),
        at_most("simulation, time of a request / constant", _rate(constant, simulation), 2),
        at_most("simulation, time at a million users / at a thousand", growth, 1.2),
        at_most("a thousand ids / one id, time of a call", calls, 20),
        Measure("constant, requests a second", median(each.rate for each in constant)),
    ]


def _load(address: str, requests: list[str], count: int = _ASKED, connections: int = 16) -> Load:
    return lambda: put_load(address, requests, count=count, connections=connections)


def _in_turns(loads: dict[str, Load]) -> dict[str, list[Answered]]:
    for load in loads.values():
        load()  # whatever is slow the first time
    found: dict[str, list[Answered]] = {name: [] for name in loads}
    for _ in range(_ROUNDS):
        for name, load in loads.items():
            found[name].append(load())
    for name, each in found.items():
        rate, tail = median(one.rate for one in each), median(one.p99_ms for one in each)
        console.print(f"  {name:16} {rate:8.0f} requests a second, 99 % within {tail:.1f} ms")
    return found


def _rate(ours: list[Answered], other: list[Answered]) -> float:
    return median(one.rate / bare.rate for one, bare in zip(ours, other, strict=True))


def _tail(ours: list[Answered], other: list[Answered]) -> float:
    return median(one.p99_ms / bare.p99_ms for one, bare in zip(ours, other, strict=True))


def _time(ours: list[Answered], other: list[Answered]) -> float:
    return median(one.median_ms / bare.median_ms for one, bare in zip(ours, other, strict=True))


def _look_ups(address: str, key: str) -> list[str]:
    base = f"{address}/v1/predictions/{NAME}/scores"
    return [request("GET", f"{base}/{user}", key) for user in _users(_ASKED)]


def _by_ids(address: str, key: str, count: int) -> list[str]:
    url = f"{address}/v1/predictions/{NAME}/scores"
    return [request("POST", url, key, {"user_ids": _users(count, seed)}) for seed in range(20)]


def _simulations(address: str, key: str) -> list[str]:
    url = f"{address}/v1/predictions/{NAME}/simulations"
    return [request("POST", url, key, {"min_score": score}) for score in range(100)]


def _users(count: int, seed: int = 0) -> list[str]:
    drawn = np.random.default_rng(seed).choice(MANY_USERS, count, replace=False)
    return [user_id(int(number)) for number in drawn]
