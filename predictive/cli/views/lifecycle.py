"""States, history and the end of predictions, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, older_ones, sentence, title
from predictive.cli.views.words import NOTHING, count, moment

_MEANING = {
    "draft": "Nothing is done on a schedule. Its first model makes it active.",
    "preview": "It is built and measured on its schedule; its scores are not offered.",
    "active": "It is built and scored on its schedule, and its scores are offered.",
    "archived": "It is no longer trained, scored or evaluated; history and models stay.",
}
_PURPOSE = {
    "draft": "set it aside",
    "preview": "measure it without offering its scores",
    "active": "offer its scores",
    "archived": "stop it and keep its history",
}


def view_state(console: Console, report: dict[str, Any]) -> None:
    """The state, what it means and what may follow."""
    name, state = report["name"], report["state"]
    title(console, name, f"is {state}" + (f", was {report['before']}" if report["changed"] else ""))
    sentence(console, _MEANING[state])
    next_steps(
        console,
        [(f"predictive state {name} {each}", _PURPOSE[each]) for each in report["may_become"]],
    )


def view_history(console: Console, report: dict[str, Any]) -> None:
    """A line for each change, newest first."""
    title(console, report["prediction"], "history")
    grid(
        console,
        ["When", "What", "Change", "By", "Note"],
        [
            [
                moment(change["at"]),
                "champion" if change["kind"] == "model" else change["kind"],
                _change(change),
                change["by"],
                change["note"],
            ]
            for change in report["changes"]
        ],
        rest="left",
    )
    older_ones(console, report)


def view_deleted(console: Console, report: dict[str, Any]) -> None:
    """What went with a prediction."""
    title(console, "Deleted", report["name"])
    facts(console, [(name, count(report[name])) for name in ("models", "runs", "archives")])


def _change(change: Mapping[str, Any]) -> str:
    """``draft → active``: what was, and what is."""
    before, after = (_values(change[side]) for side in ("before", "after"))
    return after if change["before"] is None else f"{before} → {after}"


def _values(side: Mapping[str, Any] | None) -> str:
    if side is None:
        return NOTHING
    return ", ".join(
        f"version {value}" if name.endswith("version") else str(value)
        for name, value in side.items()
    )
