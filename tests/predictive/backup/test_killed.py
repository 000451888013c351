"""Backups and restores killed by ``kill -9``: nothing half is left under any name asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from predictive.backup import backup, restore
from predictive.settings import Settings
from predictive.workspace import Workspace

#: Runs one of the two and hangs at a stage, having said so.
SCRIPT = """
import os, sys
from predictive.backup import backup, restore
from predictive.workspace import Workspace

def hang(*_):
    print("there", flush=True)
    sys.stdin.read()

class Hanging:
    def stage(self, name, total=None):
        self.name = name
    def advance(self, amount=1.0):
        if self.name == sys.argv[1]:
            hang()

if sys.argv[1] == "in place":
    os.sync = hang
if sys.argv[2] == "backup":
    backup(Workspace.open(sys.argv[3]), sys.argv[4], Hanging())
else:
    restore(sys.argv[3], sys.argv[4], None, Hanging())
"""


def kill_at(stage: str, *arguments: object) -> None:
    command = [sys.executable, "-c", SCRIPT, stage, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"there\n"
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL


@pytest.mark.parametrize("stage", ["Copying meta.db", "Copying files"])
def test_a_killed_backup_leaves_no_file(workspace: Workspace, tmp_path: Path, stage: str) -> None:
    archive = tmp_path / "kept.tar"
    kill_at(stage, "backup", workspace.path, archive)
    assert not archive.exists()
    assert len(list(tmp_path.glob(".backup-*"))) == 1

    assert backup(workspace, archive)["missing"] == []
    # What the killed one had copied of people is gone with the next.
    assert not list(tmp_path.glob(".backup-*"))
    restore(archive, tmp_path / "copy", Settings())


def test_a_running_backup_is_left_alone(workspace: Workspace, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, "Copying files", "backup"]
    paths = [str(workspace.path), str(tmp_path / "first.tar")]
    with subprocess.Popen(
        [*command, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"there\n"
        backup(workspace, tmp_path / "second.tar")
        assert len(list(tmp_path.glob(".backup-*"))) == 1
        first.kill()


@pytest.mark.parametrize("stage", ["Unpacking", "in place"])
def test_a_killed_restore_leaves_no_workspace_and_can_be_repeated(
    workspace: Workspace, tmp_path: Path, stage: str
) -> None:
    backup(workspace, tmp_path / "kept.tar")
    kill_at(stage, "restore", tmp_path / "kept.tar", tmp_path / "copy")
    assert not (tmp_path / "copy" / "workspace.toml").exists()
    assert (tmp_path / "copy" / "meta.db").exists() == (stage == "in place")

    restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    assert not list((tmp_path / "copy").glob(".restore-*"))
    with Workspace.open(tmp_path / "copy") as copy:
        assert copy.lake.data_end() == workspace.lake.data_end()


def test_files_put_there_since_are_not_taken_away(workspace: Workspace, tmp_path: Path) -> None:
    backup(workspace, tmp_path / "kept.tar")
    kill_at("in place", "restore", tmp_path / "kept.tar", tmp_path / "copy")
    (tmp_path / "copy" / "mine").write_text("mine")
    with pytest.raises(Exception, match="is not empty"):
        restore(tmp_path / "kept.tar", tmp_path / "copy", Settings())
    assert (tmp_path / "copy" / "mine").read_text() == "mine"
