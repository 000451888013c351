"""A small log and the questions asked about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.methods import Question
from benchmarks.quality.twins import Twin, twin


@pytest.fixture(scope="session")
def small_twin() -> Twin:
    return twin(3, customers=500)


@pytest.fixture
def questions(small_twin: Twin, tmp_path: Path) -> list[Question]:
    return newest_questions(small_twin, tmp_path)


def newest_questions(one: Twin, folder: Path) -> list[Question]:
    """Silence and another purchase, at the two newest cut-offs each."""
    return [
        Question(one.log, replace(task, cutoffs=task.cutoffs[-2:]), cutoff, folder)
        for task in one.tasks
        for cutoff in task.cutoffs[-2:]
    ]
