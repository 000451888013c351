"""Figures against their bars, as the table and ``build/bench.json`` show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True)
class Measure:
    """One figure against its bar; without a bar it is only reported."""

    name: str
    value: float
    bar: str = "reported"
    holds: bool | None = None


def at_most(name: str, value: float, bar: float) -> Measure:
    """A figure that must not be larger."""
    return Measure(name, value, f"at most {bar:g}", value <= bar)


def at_least(name: str, value: float, bar: float) -> Measure:
    """A figure that must not be smaller."""
    return Measure(name, value, f"at least {bar:.3g}", value >= bar)


def table(measures: Sequence[Measure], title: str) -> Table:
    """The figures for people."""
    shown = Table(title=title)
    for heading in ("measure", "value", "bar", "holds"):
        shown.add_column(heading, justify="left" if heading == "measure" else "right")
    for measure in measures:
        holds = {True: "yes", False: "NO", None: ""}[measure.holds]
        shown.add_row(measure.name, f"{measure.value:,.2f}", measure.bar, holds)
    return shown


def write(measures: Sequence[Measure], path: Path) -> None:
    """The figures for programs."""
    document = json.dumps([asdict(measure) for measure in measures], indent=1)
    path.write_text(document + "\n", encoding="utf-8")


def hold(measures: Sequence[Measure]) -> bool:
    """Whether every bar holds."""
    return all(measure.holds is not False for measure in measures)
