"""All figures of a run as one JSON document."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.hindsight import against_best
from benchmarks.quality.measures import answered, fold_of, task_measures
from benchmarks.quality.methods import SUITE, Method
from benchmarks.quality.pairs import difference, ranks, signed_ranks
from benchmarks.quality.runner import Asked
from benchmarks.quality.tasks import TASKS
from evaluation.ranking import auc

_LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


def results(asked: Sequence[Asked], methods: Sequence[Method]) -> dict[str, Any]:
    """Measure every method on every task, and compare."""
    names = [method.name for method in methods]
    by_task: dict[str, list[Asked]] = {}
    for one in asked:
        by_task.setdefault(one.task.name, []).append(one)
    return {
        "suite_versions": suite_versions(asked),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "list": {"tasks": len(TASKS), "cutoffs": sum(len(task.cutoffs) for task in TASKS)},
        "methods": {method.name: method.label for method in methods},
        "tasks": [_task(cutoffs, names) for cutoffs in by_task.values()],
        "ranks": _ranks(by_task, names),
        "cutoffs": against_best(asked, names) if SUITE in names else None,
        "not_possible": [
            {"task": one.task.name, "cutoff": f"{one.question.cutoff:%Y-%m-%d}", "method": name,
             "reason": one.cells[name].about["not_possible"]}
            for one in asked for name in names
            if name in one.cells and one.cells[name].values is None
        ],
    }  # fmt: skip


def suite_versions(asked: Sequence[Asked]) -> list[str]:
    """Releases and source digests that the suite answered with."""
    found = {
        one.cells[SUITE].about["detail"].get("code_version", "unknown")
        for one in answered(asked, SUITE)
    }
    return sorted(found)


def with_answers(document: dict[str, Any]) -> list[str]:
    """The methods that have answered anything."""
    return [
        name
        for name in document["methods"]
        if any(task["methods"][name] is not None for task in document["tasks"])
    ]


def _task(asked: Sequence[Asked], names: Sequence[str]) -> dict[str, Any]:
    task = asked[0].task
    measured = {name: task_measures(_to_compare(asked), name) for name in names}
    return {
        "name": task.name,
        "question": task.question,
        "cutoffs": [f"{one.question.cutoff:%Y-%m-%d}" for one in asked],
        "users": [len(one.labels) for one in asked],
        "positives": [int(one.labels.sum()) for one in asked],
        "methods": measured,
        "suite_minus": {
            name: found
            for name in names
            if name != SUITE and SUITE in names
            if (found := _compared(asked, SUITE, name)) is not None
        },
    }


def _to_compare(asked: Sequence[Asked]) -> Sequence[Asked]:
    """The cut-offs that the suite answered: means over others would compare unlike with unlike."""
    return answered(asked, SUITE) or asked


def _compared(asked: Sequence[Asked], first: str, second: str) -> dict[str, Any] | None:
    """The paired difference over the cut-offs that both answered."""
    both = [one for one in answered(asked, first) if answered([one], second)]
    if not both:
        return None
    found = difference(
        [fold_of(one, first) for one in both], [fold_of(one, second) for one in both]
    )
    return found.to_dict() | {"cutoffs": len(both)}


def _ranks(by_task: dict[str, list[Asked]], names: Sequence[str]) -> dict[str, Any]:
    """Over the cut-offs answered by the suite and all who answered half of those or more."""
    by_task = {task: _to_compare(asked) for task, asked in by_task.items()}
    everything = _to_compare([one for asked in by_task.values() for one in asked])
    whole = [name for name in names if 2 * len(answered(everything, name)) >= len(everything)]
    common = {
        task: [one for one in asked if all(answered([one], name) for name in whole)]
        for task, asked in by_task.items()
    }
    common = {task: asked for task, asked in common.items() if asked}
    left_out = [name for name in names if name not in whole]
    if not common or not whole:
        return {"mean": {}, "tasks": 0, "cutoffs": 0, "left_out": left_out}
    table = {
        name: [_mean_auc(asked, name) for asked in common.values()] for name in whole
    }  # fmt: skip
    found = ranks(table).to_dict() | {
        "left_out": left_out,
        "cutoffs": sum(len(asked) for asked in common.values()),
    }
    if SUITE in table and len(common) > 1:
        others = {name: row for name, row in table.items() if name != SUITE}
        found["wilcoxon_p"] = signed_ranks(table[SUITE], others)
    return found


def _mean_auc(asked: Sequence[Asked], name: str) -> float:
    folds = [fold_of(one, name) for one in asked]
    return float(np.mean([auc(fold.labels, fold.probabilities) for fold in folds]))


def write_results(document: dict[str, Any], path: Path) -> None:
    """Write a document with few enough digits to be the same anywhere."""
    text = json.dumps(_rounded(document), indent=1, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
