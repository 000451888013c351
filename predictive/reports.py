"""The report of a training run: everything that is known of a model when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.quality import Fold
from evaluation.report import quality_report
from evaluation.shift import shift_variance
from models.backtest import Backtest
from models.propensity import PropensityModel
from predictive.windows import from_datetime64

if TYPE_CHECKING:
    from predictive.comparison import RecipeBacktest
    from predictive.opened_prediction import OpenPrediction
    from predictive.promotion import Decision


def build_report(
    prediction: OpenPrediction,
    made: RecipeBacktest,
    model: PropensityModel,
    decision: Decision,
    *,
    seed: int,
    code_version: str,
) -> dict[str, Any]:
    """What ``train`` tells, JSON-ready.

    Returns
    -------
    dict
        The measures of :func:`evaluation.report.quality_report` over the test snapshots;
        ``shift`` (how far the base rate moves between snapshots, for intervals);
        ``candidates`` and ``chosen``; ``counts``; and what traces the model: ``prediction``,
        ``definition_version``, ``as_of``, ``snapshots``, ``selection``, ``user_share``,
        ``data_version``, ``code_version``, ``seed``, ``base_rate``, ``features``. Of the recipe:
        ``recipe`` and its ``own_features``; ``promoted``, ``promotion_reason``, ``comparison``
        and ``data_broken`` (:class:`predictive.promotion.Decision`).
    """
    data, tested = made.data, made.tested
    folds, own = as_folds(tested), data.feature_plan.own
    shift = shift_variance(folds)
    moments = [from_datetime64(fold.as_of).isoformat() for fold in tested.folds]
    return quality_report(folds, moments, expects=True) | {
        "prediction": prediction.name,
        "kind": prediction.definition.kind,
        "window_days": prediction.definition.target.within_days,
        "definition_version": prediction.definition_version,
        "as_of": data.snapshots.data_end.isoformat(),
        "snapshots": [moment.isoformat() for moment in data.snapshots.snapshots],
        "selection": tested.selection,
        "candidates": tested.candidates,
        "chosen": tested.chosen,
        "counts": data.counts.to_dict(),
        "user_share": data.user_share,
        "features": len(data.dataset.feature_names),
        "recipe": made.recipe.identity,
        "own_features": list(own.columns) if own else [],
        "base_rate": model.base_rate,
        "shift": {"tau2": shift.tau2, "degrees": shift.degrees},
        "data_version": prediction.source.version,
        "code_version": code_version,
        "seed": seed,
        **decision.to_dict(),
    }


def as_folds(tested: Backtest) -> list[Fold]:
    """The test snapshots as the evaluation reads them."""
    return [Fold(fold.labels, fold.probabilities, np.asarray(fold.users)) for fold in tested.folds]
