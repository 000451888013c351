"""Answers are given once: found again, not shared between versions, and safe from a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks.quality.cells import Cells
from benchmarks.quality.kept import keep_peers
from benchmarks.quality.methods import Answer, Failed, Method, NotPossible, Question
from benchmarks.quality.runner import ask_all

QUIET = Console(quiet=True)


class Counting:
    """Answers at random, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, question: Question) -> Answer:
        self.asked += 1
        values = np.random.default_rng(self.asked).random(len(question.scored.users))
        return Answer(values, base_rate=0.5, detail={"asked": self.asked})


def test_an_answer_is_found_again_and_another_version_is_asked_anew(
    questions: list[Question], tmp_path: Path
) -> None:
    counting = Counting()
    method = Method("counting", "Counting", counting, "1")
    cells = Cells(tmp_path / "cells")
    first = ask_all(questions, [method], cells, QUIET)
    again = ask_all(questions, [method], cells, QUIET)
    assert counting.asked == len(questions)
    for one, other in zip(first, again, strict=True):
        mine, found = one.cells["counting"], other.cells["counting"]
        assert np.array_equal(mine.values, found.values)
        assert mine.about == found.about
    ask_all(questions, [replace(method, version="2")], cells, QUIET)
    assert counting.asked == 2 * len(questions)


def test_what_else_a_task_asks_changes_no_answer(questions: list[Question], tmp_path: Path) -> None:
    counting = Counting()
    method = Method("counting", "Counting", counting, "1")
    cells = Cells(tmp_path / "cells")
    ask_all(questions[1:2], [method], cells, QUIET)
    alone = replace(questions[1], task=replace(questions[1].task, cutoffs=(questions[1].cutoff,)))
    ask_all([alone], [method], cells, QUIET)
    assert counting.asked == 1


def test_what_is_not_possible_is_kept_and_what_failed_is_asked_again(
    questions: list[Question], tmp_path: Path
) -> None:
    cells, asked = Cells(tmp_path / "cells"), []

    def refuse(question: Question) -> Answer:
        asked.append(question)
        raise NotPossible("too few users")

    def fail(question: Question) -> Answer:
        asked.append(question)
        raise Failed("it broke")

    for answer, times in ((refuse, 1), (fail, 2)):
        asked.clear()
        method = Method(answer.__name__, "", answer, "1")
        for _ in range(2):
            found = ask_all(questions[:1], [method], cells, QUIET)[0]
        assert len(asked) == times
        if answer is refuse:
            assert found.cells["refuse"].about["not_possible"] == "too few users"
        else:
            assert "fail" not in found.cells


_KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from rich.console import Console
from benchmarks.quality.cells import Cells
from benchmarks.quality.methods import Answer, Method, Question
from benchmarks.quality.runner import ask_all
from benchmarks.quality.twins import twin

folder, last = Path(sys.argv[1]), int(sys.argv[2])
asked = folder / "asked"

def answer(question):
    before = len(asked.read_text()) if asked.exists() else 0
    asked.write_text("x" * (before + 1))
    if before + 1 == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return Answer(np.zeros(len(question.scored.users)))

one = twin(3, customers=200)
questions = [
    Question(one.log, task, cutoff, folder) for task in one.tasks for cutoff in task.cutoffs
]
ask_all(questions, [Method("m", "M", answer, "1")], Cells(folder / "cells"), Console(quiet=True))
"""


def test_a_run_that_is_killed_loses_only_the_answer_it_was_at(tmp_path: Path) -> None:
    def run(last: int) -> int:
        arguments = [sys.executable, "-c", _KILLED, str(tmp_path), str(last)]
        return subprocess.run(arguments, check=False).returncode

    assert run(last=5) == -signal.SIGKILL
    assert len(list((tmp_path / "cells").rglob("m-*.parquet"))) == 4
    assert run(last=0) == 0
    # Twelve answers, and the one that was lost.
    assert len((tmp_path / "asked").read_text()) == 13


def test_answers_of_peers_are_kept_beside_the_code(
    questions: list[Question], tmp_path: Path
) -> None:
    counting = Counting()
    slow = Method("slow", "Slow", counting, "1", peer=True)
    kept = tmp_path / "kept"
    for version in ("1", "2"):
        method = replace(slow, version=version)
        asked = ask_all(questions, [method], Cells(tmp_path / "cells"), QUIET)
        keep_peers(asked, [method], kept)
    elsewhere = ask_all(questions, [method], Cells(tmp_path / "other", kept), QUIET)
    assert counting.asked == 2 * len(questions)
    assert len(list(kept.rglob("slow-*.parquet"))) == len(questions)
    for one, other in zip(asked, elsewhere, strict=True):
        assert other.cells["slow"].values == pytest.approx(one.cells["slow"].values, abs=1e-6)
