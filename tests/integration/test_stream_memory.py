"""The memory of a real server does not grow with the rows that it streams."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.service import filled_workspace, serving, stream_scores
from predictive.formats import MEDIA_TYPES

ROWS = 500_000
#: As text all rows have 40 MB, as Python objects 150 MB.
MOST_GROWTH_MIB = 24.0


def peak_mib(process: int) -> float:
    """The most memory that a process has held since `reset`."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("Linux tells the peak")


def reset(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


@pytest.mark.slow
def test_the_peak_is_that_of_a_third_of_the_rows(tmp_path: Path) -> None:
    key = filled_workspace(tmp_path / "workspace", ROWS)
    with serving(tmp_path / "workspace") as (address, process):
        assert stream_scores(address, key) == ROWS
        for form in MEDIA_TYPES:
            # Each reads the whole run; a third of it (more than
            # one row group of Parquet), and all of it, passes the range.
            peaks = []
            for highest in (33, 100):
                reset(process)
                stream_scores(address, key, format=form, max_score=highest)
                peaks.append(peak_mib(process))
            assert peaks[1] - peaks[0] < MOST_GROWTH_MIB, (form, peaks)
