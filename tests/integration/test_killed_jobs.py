"""Ten rounds of the soak on each database; `make soak` does a hundred."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROUNDS = 10
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make soak` writes; it soaks both databases side by side."""
    folder = tmp_path_factory.mktemp("soak")
    files = ["--out", folder / "soak.json", "--page", folder / "soak.md"]
    command = [sys.executable, "-m", "tests.integration.soak", "--rounds", ROUNDS, *files]
    ended = subprocess.run(
        list(map(str, command)), cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_job_is_lost_doubled_or_half_done(database: str, folder: Path) -> None:
    report: dict[str, Any] = json.loads((folder / "soak.json").read_text(encoding="utf-8"))
    found = report["databases"][database]
    assert found["violations"] == [], found
    assert found["rounds"] == ROUNDS
    # Not a test of nothing: on any machine some kill meets a job, and the reader was there.
    assert found["kills"] > found["killed_in"].get("between jobs", 0)
    assert found["reads_of_published_scores"] > ROUNDS
    page = (folder / "soak.md").read_text(encoding="utf-8")
    assert f"| rounds | {ROUNDS} | {ROUNDS} |" in page
    assert "| **broken promises** | **0** | **0** |" in page
