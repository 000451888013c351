"""``make bench``: the table of ratios, and build/bench.json.

``python -m benchmarks --only service`` runs one section alone; ``--events`` sets the size of the
large log.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measures import Measure, hold, table, write
from benchmarks.processes import console
from benchmarks.sections.beside import beside
from benchmarks.sections.dashboard import dashboard
from benchmarks.sections.events import events
from benchmarks.sections.peers import peers
from benchmarks.sections.service import service
from benchmarks.sections.startup import startup
from benchmarks.sections.streaming import streaming

BUILD = Path("build")
LARGE_EVENTS = 20_000_000

Section = Callable[[Path, int], list[Measure]]
#: Each is given an empty folder and the size of the large log.
SECTIONS: dict[str, Section] = {
    section.__name__: section
    for section in (startup, events, service, beside, streaming, dashboard, peers)
}


def main() -> int:
    """Measure, print, write; 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--events", type=int, default=LARGE_EVENTS, help="size of the large log")
    parser.add_argument(
        "--only", action="append", choices=SECTIONS, help="this section; may be given repeatedly"
    )
    asked = parser.parse_args()
    measures: list[Measure] = []
    for name in asked.only or SECTIONS:
        console.print(f"\n{name}", style="bold")
        folder = BUILD / "bench" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        measures += SECTIONS[name](folder, asked.events)
        shutil.rmtree(folder)
        # After each section: what was measured is kept when a later one fails.
        write(measures, BUILD / "bench.json")
    console.print(table(measures, "Speed and memory"))
    return 0 if hold(measures) else 1


if __name__ == "__main__":
    sys.exit(main())
