"""A stream of scores over HTTP against reading the rows bare."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measures import Measure, at_least
from benchmarks.processes import workload

STREAMED_SCORES = 1_000_000


def streaming(folder: Path, _events: int) -> list[Measure]:
    """A million scores as NDJSON."""
    streamed = workload("streaming", folder / "streamed", STREAMED_SCORES)
    return [
        at_least(
            "streaming as NDJSON, rows a second / bare read",
            streamed["bare"] / streamed["seconds"],
            1 / 3,
        )
    ]
