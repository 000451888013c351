from __future__ import annotations

from pathlib import Path

import pytest

from tests.predictive.cli.runner import CommandLine


@pytest.fixture
def predictive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The command line over a workspace that does not exist yet."""
    monkeypatch.delenv("PREDICTIVE_WORKSPACE", raising=False)
    return CommandLine(tmp_path / "workspace", capsys)
