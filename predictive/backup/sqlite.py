"""SQLite databases: each copied as it stood at one moment, while others write to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, create_engine

from predictive.progress import Progress

#: The queue, which is not copied: see `predictive.backup`.
QUEUE = "jobs.db"
#: First, because it speaks of what the others and the files hold.
STORE = "meta.db"
MLFLOW = "mlflow.db"

_PAGES_A_STEP = 4096
_BUSY_SECONDS = 30.0


def databases(folder: Path) -> list[Path]:
    """The databases of a workspace that are to be copied, in the order to do it."""
    found = sorted(folder.glob("*.db"))
    return sorted(
        (file for file in found if file.name != QUEUE), key=lambda file: file.name != STORE
    )


def copy_database(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database as it stands at one moment; nobody has to stop writing to it."""
    progress.stage(f"Copying {source.name}", total=source.stat().st_size)
    told = 0

    def tell(_status: int, remaining: int, total: int) -> None:
        nonlocal told
        done = (total - remaining) * page_bytes
        progress.advance(done - told)
        told = done

    with (
        closing(sqlite3.connect(source, timeout=_BUSY_SECONDS, isolation_level=None)) as reading,
        closing(sqlite3.connect(target)) as copy,
    ):
        page_bytes = int(reading.execute("PRAGMA page_size").fetchone()[0])
        # What is read from here on is of one moment; without this, each change by others
        # would make the copy begin anew.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reading.backup(copy, pages=_PAGES_A_STEP, progress=tell)


def reading(copy: Path) -> Engine:
    """To read a copy that nobody changes; leaves no files beside it."""
    address = f"{copy.resolve().as_uri()}?immutable=1"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))


def writing(copy: Path) -> Engine:
    """To change a copy before it is put in place."""
    return create_engine(f"sqlite:///{copy}")
