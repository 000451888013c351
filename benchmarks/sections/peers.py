"""The same features by Featuretools, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from benchmarks.measures import Measure
from benchmarks.processes import console, workload
from benchmarks.quality.peer import PEERS, environment
from benchmarks.synthetic import write_events
from benchmarks.workloads import AS_OF

EVENTS, USERS = 2_000_000, 20_000
_SCRIPT = Path(__file__).parents[1] / "featuretools_features.py"
_ENVIRONMENT = Path("build/environments/featuretools")


def peers(folder: Path, _events: int) -> list[Measure]:
    """How many times as long Featuretools takes; nothing where it can't be installed."""
    try:
        python = environment(PEERS / "featuretools.txt", _ENVIRONMENT)
    except subprocess.CalledProcessError:
        console.print("  left out: the packages of featuretools.txt can't be installed here")
        return []
    file, workspace = folder / "events.parquet", folder / "workspace"
    write_events(file, EVENTS, USERS)
    workload("import_events", workspace, file)
    ours = workload("dataset", workspace, "one")
    asked = [_SCRIPT, file, AS_OF.isoformat(), *ours["lookbacks"]]
    finished = subprocess.run(
        [str(python), *map(str, asked)],
        # Its warnings are many, and this project's packages are none of its own.
        env=os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    theirs = json.loads(finished.stdout)
    return [
        Measure("Featuretools / dataset, the same rows", theirs["seconds"] / ours["seconds"]),
        Measure("Featuretools, features a row", theirs["columns"]),
        Measure("dataset, features a row", ours["columns"]),
    ]
