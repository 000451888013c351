"""``make bench``: the table of ratios, and build/bench.json."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.synthetic import write_events

BUILD = Path("build")
#: Both sizes have a hundred events a user.
LARGE_EVENTS, TENTH = 20_000_000, 10
EVENTS_A_USER = 100
STREAMED_SCORES = 1_000_000
#: The dataset's conditions run in DuckDB on every core; so does the yardstick.
YARDSTICK_THREADS = 2

console = Console(highlight=False)


@dataclass(frozen=True)
class Measure:
    """One figure against its bar."""

    name: str
    value: float
    bar: str
    holds: bool | None


def at_most(name: str, value: float, bar: float) -> Measure:
    """A figure that must not be larger."""
    return Measure(name, value, f"at most {bar:g}", value <= bar)


def at_least(name: str, value: float, bar: float) -> Measure:
    """A figure that must not be smaller."""
    return Measure(name, value, f"at least {bar:.3g}", value >= bar)


def main() -> int:
    """Measure, print, write; 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--events", type=int, default=LARGE_EVENTS, help="size of the large log")
    events = parser.parse_args().events
    folder = BUILD / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    small = measure_size(folder / "small", events // TENTH)
    large = measure_size(folder / "large", events)
    streamed = workload("streaming", str(folder / "streamed"), str(STREAMED_SCORES))
    measures = [*compare(small, large), compare_stream(streamed)]
    console.print(table(measures, events))
    (BUILD / "bench.json").write_text(
        json.dumps([asdict(measure) for measure in measures], indent=1), encoding="utf-8"
    )
    shutil.rmtree(folder)
    return 0 if all(measure.holds is not False for measure in measures) else 1


def measure_size(folder: Path, events: int) -> dict[str, dict[str, Any]]:
    """Every workload at one size."""
    folder.mkdir()
    users = events // EVENTS_A_USER
    file, workspace = folder / "events.parquet", folder / "workspace"
    console.print(f"{events:,} events of {users:,} users", style="bold")
    write_events(file, events, users)
    run: Callable[..., dict[str, Any]] = lambda *arguments: workload(*map(str, arguments))  # noqa: E731
    measured = {
        "import": run("import_events", workspace, file),
        "one": run("dataset", workspace, "one"),
        "aggregates": run("aggregates", workspace, YARDSTICK_THREADS),
        "eight": run("dataset", workspace, "eight"),
        "scoring": run("scoring", workspace),
    }
    run("training", workspace)
    measured["run"] = run("scoring_run", workspace)
    measured["publishing"] = run("publishing", workspace, users)
    return measured


def workload(*arguments: str) -> dict[str, Any]:
    """One workload in a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.workloads", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(finished.stdout)
    console.print(
        f"  {arguments[0]:15} {document['seconds']:8.2f} s {document['peak_mib']:7.0f} MiB"
    )
    return document


def compare(small: dict[str, dict[str, Any]], large: dict[str, dict[str, Any]]) -> list[Measure]:
    """The figures that have a bar, and those reported beside them."""
    one, sql = large["one"]["seconds"], large["aggregates"]
    scoring, publishing = large["scoring"], large["publishing"]
    stages = ("import", "one", "run")
    peaks = {stage: large[stage]["peak_mib"] for stage in stages}
    return [
        at_most("dataset, one snapshot / the same aggregates in SQL", one / sql["seconds"], 2),
        Measure("dataset, one snapshot / bare group-by", one / sql["group_by"], "reported", None),
        at_most("dataset, eight snapshots / one", large["eight"]["seconds"] / one, 4),
        at_least(
            "scoring, rows a second / Booster.predict", scoring["bare"] / scoring["seconds"], 0.5
        ),
        at_least(
            "publishing, rows a second / bare insert",
            publishing["bare"] / publishing["seconds"],
            0.5,
        ),
        *(at_most(f"peak memory of {stage}, MiB", peaks[stage], 4096) for stage in stages),
        *(
            at_most(f"peak memory of {stage}, ten times the users / one", growth, TENTH)
            for stage, growth in (
                (stage, peaks[stage] / small[stage]["peak_mib"]) for stage in stages
            )
        ),
        *(
            at_most(
                f"time of {stage}, ten times the events / one",
                large[stage]["seconds"] / small[stage]["seconds"],
                12,
            )
            for stage in stages
        ),
    ]


def compare_stream(streamed: dict[str, Any]) -> Measure:
    """A stream over HTTP against the rows bare."""
    return at_least(
        "streaming as NDJSON, rows a second / bare read",
        streamed["bare"] / streamed["seconds"],
        1 / 3,
    )


def table(measures: list[Measure], events: int) -> Table:
    """The figures for people."""
    shown = Table(title=f"{events:,} events, {events // EVENTS_A_USER:,} users")
    for heading in ("measure", "value", "bar", "holds"):
        shown.add_column(heading, justify="left" if heading == "measure" else "right")
    for measure in measures:
        holds = {True: "yes", False: "NO", None: ""}[measure.holds]
        shown.add_row(measure.name, f"{measure.value:,.2f}", measure.bar, holds)
    return shown


if __name__ == "__main__":
    sys.exit(main())
