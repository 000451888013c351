"""Whether the suite's own figures can be taken at their word: promised beside what came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.quality.calibrated import by_chance, by_chance_and_change, reach
from benchmarks.quality.measures import BOUNDS, answered, fold_of
from benchmarks.quality.methods import SUITE
from benchmarks.quality.results import suite_versions
from benchmarks.quality.runner import Asked
from benchmarks.quality.twins import FORESIGHT
from evaluation.folds import Fold
from evaluation.intervals import Uncertainty
from evaluation.quality import quality_interval
from evaluation.shift import ShiftVariance
from models.scale import scores_from_probabilities
from predictive.code_version import code_version

#: Level of the interval of true positives.
CONFIDENCE = 0.9
#: What is held to chance alone, and with what is held to the change that was promised too.
BY_CHANCE = ("slope_in_band", "ratio_in_band", "ece_in_band")
HELD = (
    *BY_CHANCE,
    "slope_in_band_with_change",
    "ratio_in_interval",
    "ece_in_band_with_change",
)
#: In so many of all pairs a figure must keep to its band.
SHARE = 0.9
#: A twin's names begin so.
TWIN = "twin-"


def honesty(asked: Sequence[Asked]) -> dict[str, Any]:
    """Every pair of task and cut-off that the suite answered, and what they add up to."""
    rows = [_pair(one) for one in answered(asked, SUITE)]
    real = [row for row in rows if not row["task"].startswith(TWIN)]
    return {
        "code_versions": suite_versions(asked),
        "judged_by": code_version(),
        "pairs": rows,
        "real": _summary(real),
        "twins": _summary([row for row in rows if row["task"].startswith(TWIN)]),
        "all": _summary(rows),
    }


def _pair(asked: Asked) -> dict[str, Any]:
    fold, detail = fold_of(asked, SUITE), asked.cells[SUITE].about["detail"]
    foreseen = by_chance(fold_of(asked, FORESIGHT)) if FORESIGHT in asked.cells else {}
    return {
        "task": asked.task.name,
        "cutoff": f"{asked.question.cutoff:%Y-%m-%d}",
        "n": len(fold.labels),
        "positives": int(fold.labels.sum()),
        **by_chance(fold),
        **by_chance_and_change(fold, _shift(detail)),
        **{f"foreseen_{name}": value for name, value in foreseen.items()},
        "quality": _quality(fold, detail["quality"]),
        "true_positives": [_true_positives(fold, detail, bound) for bound in BOUNDS],
    }


def _shift(detail: dict[str, Any]) -> ShiftVariance:
    return ShiftVariance(detail["shift"]["tau2"], detail["shift"]["degrees"])


def _quality(fold: Fold, expected: dict[str, Any]) -> dict[str, Any]:
    """Expected beside actual; they agree within the root of their squared half intervals."""
    actual = quality_interval([fold])
    found = {
        "expected": expected["value"],
        "actual": actual.value,
        "agrees": None,
    }
    bounds = (expected["low"], expected["high"], actual.low, actual.high)
    if any(bound is None for bound in bounds):
        return found
    middle = expected["value"]
    above = actual.value >= middle
    promised = expected["high"] - middle if above else middle - expected["low"]
    assert actual.low is not None
    assert actual.high is not None
    measured = actual.value - actual.low if above else actual.high - actual.value
    reach = math.hypot(promised, measured)
    return found | {"agrees": abs(actual.value - middle) <= reach, "reach": reach}


def _true_positives(fold: Fold, detail: dict[str, Any], bound: float) -> dict[str, Any]:
    """Expected from a score on, with its interval as a simulation tells it, and actual."""
    rows = scores_from_probabilities(fold.probabilities, detail["base_rate"]) >= bound
    chosen = fold.probabilities[rows]
    chance = float(np.sum(chosen * (1 - chosen)))
    uncertainty = Uncertainty(_shift(detail), CONFIDENCE)
    found = uncertainty.of_count(float(chosen.sum()), chance, float(rows.sum()))
    actual = int(fold.labels[rows].sum())
    return {
        "threshold": bound,
        "reached": int(rows.sum()),
        "expected": found.value,
        "low": found.low,
        "high": found.high,
        "actual": actual,
        "covered": found.low <= actual <= found.high,
        "chance_width": 2 * reach(CONFIDENCE) * math.sqrt(chance),
        "basis": uncertainty.basis,
    }


def _summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    agreeing = [row["quality"]["agrees"] for row in rows if row["quality"]["agrees"] is not None]
    return {
        "pairs": len(rows),
        **{held: _share([row[held] for row in rows]) for held in HELD},
        "foreseen": {held: _share([row[f"foreseen_{held}"] for row in rows]) for held in BY_CHANCE}
        if all(f"foreseen_{BY_CHANCE[0]}" in row for row in rows)
        else None,
        "quality_agrees": _share(agreeing),
        "mean_quality": {
            name: float(np.mean([row["quality"][name] for row in rows]))
            for name in ("expected", "actual")
        },
        "true_positives": [_coverage(rows, number) for number in range(len(BOUNDS))],
    }


def _share(held: Sequence[bool]) -> dict[str, Any]:
    """How many held, and whether that is nine of ten or more."""
    return {"holds": int(sum(held)), "of": len(held), "nine_of_ten": sum(held) >= SHARE * len(held)}


def _coverage(rows: Sequence[dict[str, Any]], number: int) -> dict[str, Any]:
    """Of the pairs in which somebody is reached: how often the interval held, and how wide."""
    found = [row["true_positives"][number] for row in rows]
    found = [one for one in found if one["reached"]]
    covered = sum(one["covered"] for one in found)
    widths = np.array([one["high"] - one["low"] for one in found])
    p = float(binomtest(covered, len(found), CONFIDENCE).pvalue) if found else None
    return {
        "threshold": BOUNDS[number],
        "pairs": len(found),
        "covered": covered,
        "share": covered / len(found) if found else None,
        "binomial_p": p,
        "mean_width": float(widths.mean()) if found else None,
        "mean_width_of_expected": float(
            widths.sum() / sum(one["expected"] for one in found)
        ) if found else None,
        "width_over_chance": float(
            widths.sum() / sum(one["chance_width"] for one in found)
        ) if found else None,
        "expected": float(sum(one["expected"] for one in found)),
        "actual": int(sum(one["actual"] for one in found)),
    }  # fmt: skip
