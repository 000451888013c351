"""Answers on disk, one file a task, cut-off and method: whoever was killed goes on from here."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.quality.methods import Answer, Floats, Method, NotPossible, Question

_META = b"cell"


@dataclass(frozen=True, eq=False)
class Cell:
    """What one method answered to one task at one cut-off.

    Parameters
    ----------
    task, cutoff, method
        Which.
    key
        Names events, question, method and its version.
    values
        (n,) by user id, or None where it was not possible.
    about
        ``probability``, ``base_rate``, ``detail``, ``seconds``, ``not_possible``, ``version``.
    """

    task: str
    cutoff: datetime
    method: str
    key: str
    values: Floats | None
    about: dict[str, Any]


class Cells:
    """A folder of answers.

    Parameters
    ----------
    folder
        Where they are.
    kept
        Folders that are only read: answers that came with the repository.
    """

    def __init__(self, folder: Path, kept: Path | None = None) -> None:
        self.folder, self.kept = folder, kept

    def find(self, question: Question, method: Method) -> Cell | None:
        """The answer, if it was given before to the same question by the same version."""
        name = self._name(question, method)
        for folder in (self.folder, self.kept):
            if folder is not None and (folder / name).is_file():
                return _read(folder / name)
        return None

    def make(self, question: Question, method: Method) -> Cell:
        """Ask the method, and keep what it says before anything else is done."""
        began = time.monotonic()
        try:
            answer, reason = method.answer(question), None
        except NotPossible as error:
            answer, reason = Answer(np.empty(0), probability=False), str(error)
        cell = Cell(
            question.task.name,
            question.cutoff,
            method.name,
            cell_key(question, method),
            None if reason else answer.values,
            {
                "probability": answer.probability,
                "base_rate": answer.base_rate,
                "detail": answer.detail,
                "seconds": round(time.monotonic() - began, 1),
                "not_possible": reason,
                "version": method.version,
            },
        )
        write(cell, self.folder / self._name(question, method))
        return cell

    @staticmethod
    def _name(question: Question, method: Method) -> str:
        return (
            f"{question.task.name}/{question.cutoff:%Y-%m-%d}/"
            f"{method.name}-{cell_key(question, method)}.parquet"
        )


def cell_key(question: Question, method: Method) -> str:
    """Names the events, the question, the method and its version."""
    task = replace(question.task, cutoffs=())  # what else is asked changes no answer
    named = (question.log.digest, task, question.cutoff, question.seed)
    text = repr((*named, method.name, method.version))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def write(cell: Cell, path: Path, digits: type[np.floating[Any]] = np.float64) -> None:
    """Write a cell so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.empty(0) if cell.values is None else cell.values
    about = {
        "task": cell.task,
        "cutoff": cell.cutoff.isoformat(),
        "method": cell.method,
        "key": cell.key,
        "about": cell.about,
    }
    table = pa.table({"value": values.astype(digits)}).replace_schema_metadata(
        {_META: json.dumps(about)}
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    pq.write_table(table, draft, compression="zstd")
    draft.replace(path)


def _read(path: Path) -> Cell:
    table = pq.read_table(path)
    document = json.loads(table.schema.metadata[_META])
    about = document["about"]
    return Cell(
        document["task"],
        datetime.fromisoformat(document["cutoff"]),
        document["method"],
        document["key"],
        None if about["not_possible"] else table["value"].to_numpy().astype(np.float64),
        about,
    )
