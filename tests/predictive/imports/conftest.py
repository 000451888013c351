from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from predictive.lake import Lake


@dataclass(frozen=True)
class Folder:
    """What an import needs of a workspace."""

    path: Path

    @property
    def lake(self) -> Lake:
        return Lake(self.path / "lake", 4, memory_mib=256)

    @property
    def rejects_path(self) -> Path:
        return self.path / "rejects"


@pytest.fixture
def workspace(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "workspace")
    folder.rejects_path.mkdir(parents=True)
    folder.lake.create()
    return folder
