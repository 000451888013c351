"""An import that is killed leaves the lake as it was, and the next one clears up after it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive.imports import EventColumns, import_events
from tests.predictive.imports.conftest import Folder

ROWS = 50_000
COLUMNS = EventColumns("who", "at", event_name="x")

# The progress is where the child can be stopped at a known place without touching the code.
CHILD = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from predictive.imports import EventColumns, import_events
    from predictive.progress import NoProgress
    from tests.predictive.imports.conftest import Folder

    class Killer(NoProgress):
        at = None
        def stage(self, name, total=None):
            self.at = name
        def advance(self, amount=1.0):
            if self.at == sys.argv[3]:
                os.kill(os.getpid(), signal.SIGKILL)

    folder = Folder(Path(sys.argv[1]))
    columns = EventColumns("who", "at", event_name="x")
    import_events(folder, [Path(sys.argv[2])], columns, progress=Killer())
    """
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    users = [f"u{i}" for i in rng.integers(0, 500, ROWS)]
    times = pa.array(1_700_000_000_000_000 + np.arange(ROWS), pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"who": users, "at": times}), tmp_path / "events.parquet")
    return tmp_path / "events.parquet"


@pytest.mark.parametrize("stage", ["Reading", "Sorting"])
def test_kill(workspace: Folder, file: Path, tmp_path: Path, stage: str) -> None:
    (tmp_path / "first.csv").write_text("who,at\nu1,2024-01-01\n")
    import_events(workspace, [tmp_path / "first.csv"], COLUMNS)
    version = workspace.lake.version

    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(workspace.path), str(file), stage],
        cwd=Path(__file__).parents[3],
        timeout=120,
        check=False,
    )

    assert child.returncode == -signal.SIGKILL
    assert workspace.lake.version == version
    assert workspace.lake.tables().events.count().to_pyarrow().as_py() == 1
    assert list(workspace.lake.staging.iterdir()) != []

    report = import_events(workspace, [file], COLUMNS)

    assert (report.imported, report.duplicates) == (ROWS, 0)
    assert workspace.lake.tables().events.count().to_pyarrow().as_py() == ROWS + 1
    assert list(workspace.lake.staging.iterdir()) == []
