"""Workloads in processes of their own, each told on the console."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from rich.console import Console

console = Console(highlight=False)


def workload(name: str, *arguments: object) -> dict[str, Any]:
    """One workload of :mod:`benchmarks.workloads`: what it prints, time and peak memory in it."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.workloads", name, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(finished.stdout)
    console.print(f"  {name:15} {document['seconds']:8.2f} s {document['peak_mib']:7.0f} MiB")
    return document
