"""What the answers to one task are worth, by the formulas of ``evaluation``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from benchmarks.quality.cells import Cell
from benchmarks.quality.runner import Asked
from evaluation.calibration import (
    calibration_slope,
    ece_if_perfect,
    expected_calibration_error,
    observed_expected,
)
from evaluation.folds import Fold
from evaluation.report import quality_report
from models.scale import scores_from_probabilities

#: The lowest scores of medium and high.
BOUNDS = (50.0, 75.0)
_OF_PROBABILITIES = ("brier", "log_loss", "ece", "calibration")


def fold_of(asked: Asked, method: str) -> Fold:
    """Labels and answers of a method at one cut-off; rankings are spread over (0, 1)."""
    cell = asked.cells[method]
    assert cell.values is not None
    values = cell.values
    if not cell.about["probability"]:
        values = (rankdata(values) - 0.5) / len(values)
    return Fold(asked.labels, np.clip(values, 0.0, 1.0), asked.users)


def answered(asked: Sequence[Asked], method: str) -> list[Asked]:
    """The cut-offs that a method answered."""
    return [one for one in asked if method in one.cells and one.cells[method].values is not None]


def task_measures(asked: Sequence[Asked], method: str) -> dict[str, Any] | None:
    """Measures of a method on the cut-offs of one task, or None where it answered none."""
    of_it = answered(asked, method)
    if not of_it:
        return None
    folds = [fold_of(one, method) for one in of_it]
    report = quality_report(folds, [f"{one.question.cutoff:%Y-%m-%d}" for one in of_it])
    cells = [one.cells[method] for one in of_it]
    found = {
        "quality": report["quality"],
        "auc": report["auc"],
        "lift_top_decile": report["lift_top_decile"],
        "mean_lift_quality": report["mean_lift_quality"],
        "brier": report["brier"],
        "log_loss": report["log_loss"],
        "ece": report["ece"],
        "n": report["n"],
        "positives": report["positives"],
        "cutoffs": [
            row | calibration(fold, cell) for row, fold, cell in zip(
                report["folds"], folds, cells, strict=True
            )
        ],
        "seconds": sum(cell.about["seconds"] for cell in cells),
        "version": cells[0].about["version"],
    }  # fmt: skip
    if not all(cell.about["probability"] for cell in cells):
        found |= dict.fromkeys(_OF_PROBABILITIES)
    return found


def calibration(fold: Fold, cell: Cell) -> dict[str, Any]:
    """Whether the probabilities of one cut-off can be taken at their word."""
    if not cell.about["probability"]:
        return {}
    labels, probabilities = fold.labels, fold.probabilities
    found: dict[str, Any] = {
        "slope": calibration_slope(labels, probabilities),
        "observed_expected": observed_expected(labels, probabilities),
        "ece": expected_calibration_error(labels, probabilities),
        "ece_perfect_high": ece_if_perfect(probabilities).high,
    }
    if cell.about["base_rate"] is not None:
        scores = scores_from_probabilities(probabilities, cell.about["base_rate"])
        found["true_positives"] = [
            {
                "threshold": bound,
                "reached": int((scores >= bound).sum()),
                "expected": float(probabilities[scores >= bound].sum()),
                "actual": int(labels[scores >= bound].sum()),
            }
            for bound in BOUNDS
        ]
    return found
