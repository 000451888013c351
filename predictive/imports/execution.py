"""Running one long query while telling how far it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from predictive.progress import Progress

if TYPE_CHECKING:
    import duckdb

_INTERVAL_SECONDS = 0.25


def run(
    connection: duckdb.DuckDBPyConnection, query: str, progress: Progress, amount: float
) -> int:
    """Run a COPY, advance the progress by ``amount`` on the way; the number of rows copied."""
    done = threading.Event()
    told = 0.0

    def watch() -> None:
        nonlocal told
        while not done.wait(_INTERVAL_SECONDS):
            share = max(0.0, connection.query_progress()) / 100 * amount
            if share > told:
                progress.advance(share - told)
                told = share

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        rows = int(connection.execute(query).fetchall()[0][0])
    finally:
        done.set()
        watcher.join()
    progress.advance(amount - told)
    return rows
