"""What a soak found, as the page of the documentation that keeps it with its commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_BETWEEN = "between jobs"
_STATES = {"succeeded": "succeeded", "cancelled": "were cancelled, as asked for"}
_INTRODUCTION = """\
# The worker, killed again and again

Written by `make soak`. Round after round it adds a day of events, asks for jobs, and kills
[the worker](operations.md#the-worker) at a random moment with SIGKILL. In the end every job
has to be over: none lost, none done twice or by halves, while readers saw whole runs only.
"""


def soak_page(report: Mapping[str, Any]) -> str:
    """The page, in Markdown.

    Parameters
    ----------
    report
        What `tests.integration.soak.main` writes as JSON.
    """
    found = report["databases"]
    changed = report["changed_files"]
    files = f", with {changed} changed files" if changed else ""
    lines = [
        _INTRODUCTION,
        f"At commit `{report['commit']}`{files}, {report['began'][:10]}, seed {report['seed']}:",
        "",
        *_table(["", *(_NAMES[name] for name in found)], _figures(list(found.values()))),
        "",
        "Where the worker was killed, and how often:",
        "",
        *_table(["killed in", *(_NAMES[name] for name in found)], _places(list(found.values()))),
    ]
    for name, one in found.items():
        lines += ["", *(f"- {_NAMES[name]}: {each}" for each in one["violations"])]
    return "\n".join(lines).rstrip() + "\n"


def _figures(found: list[Mapping[str, Any]]) -> Iterator[list[str]]:
    yield ["rounds", *(str(one["rounds"]) for one in found)]
    yield ["kills that met a job", *(str(_met(one)) for one in found)]
    for state, words in _STATES.items():
        yield [f"jobs that {words}", *(str(_ended(one, state)) for one in found)]
    yield [
        "looks at the published scores",
        *(f"{one['reads_of_published_scores']:,}" for one in found),
    ]
    yield ["minutes", *(f"{one['seconds'] / 60:.0f}" for one in found)]
    yield ["**broken promises**", *(f"**{len(one['violations'])}**" for one in found)]


def _places(found: list[Mapping[str, Any]]) -> Iterator[list[str]]:
    places = {place for one in found for place in one["killed_in"]}
    for place in sorted(places, key=lambda each: (each == _BETWEEN, each)):
        yield [place, *(str(one["killed_in"].get(place, 0)) for one in found)]


def _met(one: Mapping[str, Any]) -> int:
    return int(one["kills"] - one["killed_in"].get(_BETWEEN, 0))


def _ended(one: Mapping[str, Any], state: str) -> int:
    return sum(number for how, number in one["ended"].items() if how.endswith(f" {state}"))


def _table(head: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---", *("--:" for _ in head[1:])])
    yield from map(_row, rows)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
