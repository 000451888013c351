"""A few buckets at a time: sorting uses every core, writing a Parquet file only one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: More buckets at a time would need more memory and win nothing.
_MOST_WORKERS = 4


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None
) -> Iterator[Result]:
    """The results of the work on each item, as they become ready.

    An error, or leaving the loop, cancels what has not begun and waits for what has.
    """
    workers = min(_MOST_WORKERS, threads or os.cpu_count() or 1)
    pool = ThreadPoolExecutor(workers)
    try:
        for future in as_completed([pool.submit(work, item) for item in items]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)
