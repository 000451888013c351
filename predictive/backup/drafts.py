"""Folders for unfinished work: gone when it ends, and cleared by the next one when killed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new hidden folder that nobody else may read; removed at the end, however it comes.

    Parameters
    ----------
    parent
        Where it stands.
    prefix
        Beginning of its name.
    """
    folder = parent / f"{prefix}{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        with _held(folder, wait=True):
            yield folder
    finally:
        shutil.rmtree(folder)


def abandoned(parent: Path, prefix: str) -> list[Path]:
    """Draft folders whose process has died."""
    name = re.compile(re.escape(prefix) + "[0-9a-f]{32}")
    return [
        entry
        for entry in parent.iterdir()
        if name.fullmatch(entry.name) and entry.is_dir() and not _is_held(entry)
    ]


def _is_held(folder: Path) -> bool:
    try:
        with _held(folder, wait=False):
            return False
    except BlockingIOError:
        return True


@contextmanager
def _held(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold the folder's lock, which goes with the process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
