"""Answers that came with the repository, because they take minutes each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality.cells import write
from benchmarks.quality.methods import Method
from benchmarks.quality.runner import Asked


def keep_peers(asked: Sequence[Asked], methods: Sequence[Method], kept: Path) -> None:
    """Put the answers that took minutes beside the code, in place of older ones."""
    for one in asked:
        for method in methods:
            if not method.peer or method.name not in one.cells:
                continue
            folder = kept / one.task.name / f"{one.question.cutoff:%Y-%m-%d}"
            path = folder / f"{method.name}-{one.cells[method.name].key}.parquet"
            for older in folder.glob(f"{method.name}-*.parquet"):
                if older != path:
                    older.unlink()
            if not path.is_file():
                write(one.cells[method.name], path, digits=np.float32)
