"""The command line in a new process, beside Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.measures import Measure, at_most
from benchmarks.service import filled_workspace

_REPEATS = 9
#: What the installed script runs.
_PREDICTIVE = "from predictive.cli.main import run; run()"


def startup(folder: Path, _events: int) -> list[Measure]:
    """``predictive --help`` and ``predictive list``."""
    workspace = folder / "workspace"
    filled_workspace(workspace, rows=1_000)
    commands = {
        "python": ["pass"],
        "help": [_PREDICTIVE, "--help"],
        "list": [_PREDICTIVE, "--workspace", str(workspace), "list"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    # In turns, so that whatever else the machine does meets all of them.
    for _ in range(_REPEATS):
        for name, command in commands.items():
            taken[name].append(_seconds(command))
    bare, help_seconds, list_seconds = (median(taken[name]) for name in commands)
    return [
        at_most("predictive --help, seconds", help_seconds, 0.5),
        at_most("predictive list, seconds", list_seconds, 1),
        Measure("a bare python, seconds", bare),
    ]


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", *command], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
