from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from predictive.configuration import WorkspaceConfig
from predictive.lake import Lake


@dataclass(frozen=True)
class Folder:
    """What an import needs of a workspace."""

    path: Path
    config = WorkspaceConfig(format_version=1)

    @property
    def lake(self) -> Lake:
        return Lake(self.path / "lake", 4, memory_mib=256)

    @property
    def store(self) -> SimpleNamespace:
        """Keeps no record of imports; that one is kept is tested with a real store."""
        return SimpleNamespace(imports=SimpleNamespace(add=lambda *_: None))

    @property
    def rejects_path(self) -> Path:
        return self.path / "rejects"


@pytest.fixture
def workspace(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "workspace")
    folder.rejects_path.mkdir(parents=True)
    folder.lake.create()
    return folder
