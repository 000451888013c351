"""Against the best of each cut-off, chosen with hindsight.

Of several methods that are equally good one is ahead on any few hundred customers, by luck. So
beside how often the suite is no worse than the best other one stands how often each other method
is no worse than the best of *its* others, and how often the suite would be if what it says were
the truth: no method can be expected to do better than that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.quality.measures import answered, fold_of
from benchmarks.quality.methods import SUITE
from benchmarks.quality.pairs import Difference, difference
from benchmarks.quality.runner import Asked
from evaluation.folds import Fold

#: Below another method by no more than this, or one paired standard error, is a draw.
TOLERATED_AUC = 0.005
#: Sets of outcomes drawn for each cut-off, as if the suite's probabilities were the truth.
DRAWS = 20

Held = dict[str, Any]


def against_best(asked: Sequence[Asked], names: Sequence[str]) -> dict[str, Any]:
    """The suite against each other method and the best of them, at the cut-offs it answered.

    Parameters
    ----------
    asked
        Tasks at their cut-offs.
    names
        The methods, the suite among them.

    Returns
    -------
    dict
        ``rows``: a cut-off each with its ``best`` other method; ``cutoffs``, ``holds`` and
        ``mean_difference`` over them; ``by_method`` the same against each other method;
        ``best_of_others`` the same of each other method against the best of *its* others;
        ``all_knowing`` the same of a suite whose probabilities are the truth.
    """
    rows: list[Held] = []
    by_method: dict[str, list[Held]] = {name: [] for name in names if name != SUITE}
    of_others: dict[str, list[Held]] = {name: [] for name in by_method}
    all_knowing: list[Held] = []
    for one in answered(asked, SUITE):
        folds = {name: fold_of(one, name) for name in names if answered([one], name)}
        if len(folds) == 1:
            continue
        for name, held in _each(folds, SUITE).items():
            by_method[name].append(held)
        best, held = _best(folds, SUITE)
        where = {"task": one.task.name, "cutoff": f"{one.question.cutoff:%Y-%m-%d}"}
        rows.append(where | {"best": best} | held)
        for name in folds.keys() - {SUITE}:
            of_others[name].append(_best(folds, name)[1])
        all_knowing += [_best(drawn, SUITE)[1] for drawn in _as_if_true(folds, where)]
    return (
        {"rows": rows}
        | _summary(rows)
        | {
            "by_method": _summaries(by_method),
            "best_of_others": _summaries(of_others),
            "all_knowing": _summary(all_knowing),
        }
    )


def _each(folds: Mapping[str, Fold], name: str) -> dict[str, Held]:
    return {
        other: _held(difference([folds[name]], [fold]))
        for other, fold in folds.items()
        if other != name
    }


def _best(folds: Mapping[str, Fold], name: str) -> tuple[str, Held]:
    found = _each(folds, name)
    best = min(found, key=lambda other: found[other]["auc"])
    return best, found[best]


def _as_if_true(folds: Mapping[str, Fold], where: Mapping[str, str]) -> list[dict[str, Fold]]:
    """The same answers with outcomes drawn from the suite's probabilities, of both classes."""
    seed = hashlib.blake2b(repr(sorted(where.items())).encode(), digest_size=8).digest()
    random = np.random.default_rng(int.from_bytes(seed, "big"))
    truth = folds[SUITE].probabilities
    drawn = [random.random(len(truth)) < truth for _ in range(DRAWS)]
    return [
        {name: Fold(labels, fold.probabilities, fold.users) for name, fold in folds.items()}
        for labels in drawn
        if 0 < labels.sum() < len(labels)
    ]


def _held(found: Difference) -> Held:
    return found.to_dict() | {"holds": bool(found.auc >= -max(TOLERATED_AUC, found.error))}


def _summaries(held: Mapping[str, Sequence[Held]]) -> dict[str, Any]:
    return {name: _summary(many) for name, many in held.items() if many}


def _summary(held: Sequence[Held]) -> dict[str, Any]:
    return {
        "cutoffs": len(held),
        "holds": sum(one["holds"] for one in held),
        "mean_difference": float(np.mean([one["auc"] for one in held])) if held else None,
    }
