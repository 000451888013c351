"""``make bench-large``: a hundred million events of a million users, and a tenth of them.

Each step is a process of its own, so that its peak memory is its own. A machine is not equally
fast all hour, so the small size is measured before the large one and again after it. The figures of
a run are kept in ``build/bench-large``, so that all can be taken up again: ``--events`` does one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.measures import Measure, at_most, hold, table, write
from benchmarks.processes import console, workload
from benchmarks.sections.events import EVENTS_A_USER
from benchmarks.synthetic import write_events

FOLDER = Path("build/bench-large")
SMALL, LARGE = 10_000_000, 100_000_000
MOST_MIB = 12 * 1024
#: What an event may cost at the large size, against the small one.
MOST_GROWTH = 1.2

_STEPS = ("import_events", "training_run", "scoring_run")

Steps = dict[str, dict[str, Any]]


def main() -> int:
    """Measure what is not measured yet; with both sizes compare, print, write."""
    parser = argparse.ArgumentParser(prog="make bench-large", description=__doc__)
    parser.add_argument("--events", type=int, action="append", help="only this size")
    sizes = parser.parse_args().events or [SMALL, LARGE]
    runs = {size: [_measured(size, 1)] for size in sizes}
    if len(sizes) > 1:
        runs[min(sizes)].append(_measured(min(sizes), 2))
    measured = {size: _together(runs[size]) for size in sizes}
    measures = [measure for size in sizes for measure in _memory(size, measured[size])]
    if len(sizes) > 1:
        measures += _growth(min(sizes), max(sizes), measured)
    console.print(table(measures, "Large"))
    write(measures, FOLDER.parent / "bench-large.json")
    return 0 if hold(measures) else 1


def _measured(events: int, turn: int) -> Steps:
    kept = FOLDER / f"{events}-{turn}.json"
    if not kept.exists():
        folder = FOLDER / str(events)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        steps = _run(folder, events)
        shutil.rmtree(folder)
        kept.write_text(json.dumps(steps, indent=1), encoding="utf-8")
    found: Steps = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _together(runs: list[Steps]) -> Steps:
    """The means of all runs of a size, and the most memory that any of them held."""
    return {
        step: {
            "peak_mib": max(run[step]["peak_mib"] for run in runs),
            "seconds": mean(run[step]["seconds"] for run in runs),
            "processor_seconds": mean(run[step]["processor_seconds"] for run in runs),
        }
        for step in _STEPS
    }


def _run(folder: Path, events: int) -> Steps:
    console.print(f"{events:,} events of {events // EVENTS_A_USER:,} users", style="bold")
    file, workspace = folder / "events.parquet", folder / "workspace"
    write_events(file, events, events // EVENTS_A_USER)
    return {
        "import_events": workload("import_events", workspace, file),
        "training_run": workload("training_run", workspace),
        "scoring_run": workload("scoring_run", workspace),
    }


def _memory(events: int, steps: Steps) -> list[Measure]:
    return [
        at_most(f"{step}, {events:,} events: peak MiB", steps[step]["peak_mib"], MOST_MIB)
        for step in _STEPS
    ] + [Measure(f"{step}, {events:,} events: seconds", steps[step]["seconds"]) for step in _STEPS]


def _growth(small: int, large: int, measured: dict[int, Steps]) -> list[Measure]:
    def cost(size: int, step: str, of: str) -> float:
        return float(measured[size][step][of]) / size

    return [
        at_most(
            f"{step}, seconds an event, {large:,} / {small:,}",
            cost(large, step, "seconds") / cost(small, step, "seconds"),
            MOST_GROWTH,
        )
        for step in _STEPS
    ] + [
        Measure(
            f"{step}, processor seconds an event, {large:,} / {small:,}",
            cost(large, step, "processor_seconds") / cost(small, step, "processor_seconds"),
        )
        for step in _STEPS
    ]


if __name__ == "__main__":
    sys.exit(main())
