from __future__ import annotations

from pathlib import Path

import pytest

from predictive.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake", 4, memory_mib=256)
    lake.create()
    return lake
