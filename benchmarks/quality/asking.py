"""From what was typed to questions and methods."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks.quality.baselines import baselines
from benchmarks.quality.cells import Cells
from benchmarks.quality.event_log import EventLog
from benchmarks.quality.methods import Answer, Method, Question
from benchmarks.quality.peer import peers
from benchmarks.quality.runner import Asked, ask_all
from benchmarks.quality.sources import MissingLog, load_log
from benchmarks.quality.suite import suite
from benchmarks.quality.suite_steps import suite_steps
from benchmarks.quality.tasks import TASKS, Task, tasks_of
from benchmarks.quality.twins import FORESIGHT, Twin, twin

#: Moments of prediction on a log of one's own, unless told otherwise.
OWN_CUTOFFS = 3


def methods_named(names: str) -> list[Method]:
    """``quick``, ``all``, or the ones with these names.

    Raises
    ------
    SystemExit
        When there is no method of a name.
    """
    quick = [suite(), *baselines()]
    if names == "quick":
        return quick
    known = {method.name: method for method in [*quick, *peers()]}
    if names == "all":
        return list(known.values())
    unknown = [name for name in names.split(",") if name not in known]
    if unknown:
        raise SystemExit(f"--methods {unknown[0]}; allowed: quick, all, {', '.join(known)}")
    return [known[name] for name in names.split(",")]


def task_list(log: EventLog | None, chosen: argparse.Namespace) -> list[Task]:
    """The tasks of the list, or of a log; those whose names begin as asked.

    Raises
    ------
    SystemExit
        The log is too short for a window, or has no event of the name that is predicted.
    """
    tasks: Sequence[Task] = TASKS
    if log is not None:
        windows = [int(days) for days in chosen.windows.split(",")]
        try:
            tasks = tasks_of(log, windows, chosen.cutoffs or OWN_CUTOFFS, chosen.outcome)
        except ValueError as error:
            raise SystemExit(str(error)) from None
    elif chosen.cutoffs:
        tasks = [replace(task, cutoffs=task.cutoffs[-chosen.cutoffs :]) for task in tasks]
    if not chosen.tasks:
        return list(tasks)
    beginnings = tuple(chosen.tasks.split(","))
    return [task for task in tasks if task.name.startswith(beginnings)]


def questions_of(
    tasks: Sequence[Task], logs: Mapping[str, EventLog], data: Path, build: Path
) -> tuple[list[Question], list[str]]:
    """A question for each task and cut-off, and what was left out.

    That is what has no log, and what nobody can be right or wrong about: cut-offs at which the
    same came true of everybody who is asked about.
    """
    found, missing = dict(logs), {}
    for name in dict.fromkeys(task.log for task in tasks):
        if name not in found:
            try:
                found[name] = load_log(name, data)
            except MissingLog as error:
                missing[name] = f"the tasks on {name}, for {error}"
    questions = [
        Question(found[task.log], task, cutoff, build)
        for task in tasks
        if task.log in found
        for cutoff in task.cutoffs
    ]
    told = [(one, _no_question(one)) for one in questions]
    reasons = [
        f"{one.task.name} {one.cutoff:%Y-%m-%d}, for {reason}" for one, reason in told if reason
    ]
    return [one for one, reason in told if not reason], [*missing.values(), *reasons]


def _no_question(question: Question) -> str | None:
    """Why nobody could be right or wrong."""
    labels = question.scored.labels
    if not len(labels):
        return "it asks about nobody"
    return None if 0 < labels.sum() < len(labels) else f"all its {len(labels)} users do the same"


def ask_twins(count: int, build: Path, console: Console, *, known: bool) -> list[Asked]:
    """The suite's answers about so many twins, and each twin's foresight."""
    made = [twin(seed) for seed in range(count)]
    questions = [
        Question(one.log, task, cutoff, build)
        for one in made
        for task in one.tasks
        for cutoff in task.cutoffs
    ]
    methods = [suite_steps(), foresight(made)]
    return ask_all(questions, methods, Cells(build / "cells"), console, known=known)


def foresight(twins: Sequence[Twin]) -> Method:
    """Who knows these twins but for what the coming month does to everybody."""
    by_name = {one.log.name: one for one in twins}

    def answer(question: Question) -> Answer:
        return Answer(by_name[question.log.name].foresight(question.task, question.scored))

    return Method(FORESIGHT, "all but the coming month", answer, "1")
