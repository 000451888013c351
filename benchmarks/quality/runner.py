"""Asks every method every question, with a bar, one answer after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.quality.cells import Cell, Cells
from benchmarks.quality.methods import Failed, Method, Question
from benchmarks.quality.tasks import Task


@dataclass(frozen=True, eq=False)
class Asked:
    """A task at one cut-off with all answers.

    Parameters
    ----------
    question
        Which task, when.
    users
        (n,) codes, the same for a user at every cut-off.
    labels
        (n,) bool, what happened.
    cells
        The answers by method.
    """

    question: Question
    users: npt.NDArray[np.int64]
    labels: npt.NDArray[np.bool_]
    cells: dict[str, Cell]

    @property
    def task(self) -> Task:
        """The task."""
        return self.question.task


def ask_all(
    questions: Sequence[Question],
    methods: Sequence[Method],
    cells: Cells,
    console: Console,
    *,
    known: bool = False,
) -> list[Asked]:
    """Find or make every answer; with ``known`` only find those that there are.

    Cheap methods come first, and a method's newest cut-offs first, so that a run that is cut
    short leaves whole columns.
    """
    found: dict[tuple[int, str], Cell] = {}
    waiting = []
    for method in methods:
        for number, question in enumerate(questions):
            cell = cells.find(question, method)
            if cell is None:
                waiting.append((method.peer, -_rank(question), number, method))
            else:
                found[number, method.name] = cell
    waiting = [] if known else sorted(waiting, key=lambda each: each[:3])
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        bar = progress.add_task("", total=len(found) + len(waiting), completed=len(found))
        for _, _, number, method in waiting:
            question = questions[number]
            progress.update(
                bar, description=f"{question.task.name} {question.cutoff:%Y-%m-%d} {method.name}"
            )
            try:
                found[number, method.name] = cells.make(question, method)
                said = f"{found[number, method.name].about['seconds']} s"
            except Failed as error:
                said = f"[red]{error}"
            if not console.is_terminal or said.startswith("["):
                console.print(f"{progress.tasks[bar].description}: {said}")
            progress.advance(bar)
    return [
        _asked(
            question,
            {
                method.name: found[number, method.name]
                for method in methods
                if (number, method.name) in found
            },
        )
        for number, question in enumerate(questions)
    ]


def _rank(question: Question) -> int:
    """Place of the cut-off in its task, from the newest one."""
    return question.task.cutoffs.index(question.cutoff) - len(question.task.cutoffs)


def _asked(question: Question, cells: dict[str, Cell]) -> Asked:
    scored = question.scored
    codes = _codes(question)
    return Asked(question, codes, scored.labels, cells)


def _codes(question: Question) -> npt.NDArray[np.int64]:
    everybody = np.sort(question.log.events["user_id"].unique().astype(object))
    users = question.scored.users.to_numpy().astype(object)
    return np.searchsorted(everybody, users).astype(np.int64)
