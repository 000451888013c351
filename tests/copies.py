"""Copies of workspaces, also of those that a service of this process has open."""

from __future__ import annotations

from pathlib import Path

from predictive import Workspace
from predictive.backup import backup, restore


def copied(workspace: Path, to: Path) -> None:
    """Copy a workspace, though not file by file.

    Whoever opens and closes a database that this process has open takes away SQLite's locks on
    it (sqlite.org/howtocorrupt.html, 2.2), and the next process to close it deletes its log.
    """
    archive = to.with_name("backup.tar")
    with Workspace.open(workspace) as opened:
        backup(opened, archive)
    restore(archive, to)
    archive.unlink()
