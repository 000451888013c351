"""Files that are replaced whole or not at all."""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of ``path`` when the block ends well."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def replacing_held(path: Path) -> Iterator[Path]:
    """Like `replacing`; `clear_abandoned` tells the draft from one that nobody writes."""
    with replacing(path) as draft, draft.open("ab") as held:
        # Goes with the process, however it ends: who gets it knows the draft is abandoned.
        fcntl.flock(held, fcntl.LOCK_EX)
        yield draft


def clear_abandoned(folder: Path, pattern: str) -> None:
    """Remove the drafts that killed processes left half-written."""
    for draft in folder.glob(pattern):
        try:
            with draft.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink(missing_ok=True)
        except (BlockingIOError, FileNotFoundError):
            continue  # Another process writes it, or has just finished.


def write_text(path: Path, text: str) -> None:
    """Replace the content of a file."""
    with replacing(path) as draft:
        draft.write_text(text)
