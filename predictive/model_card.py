"""The model card of a version: what it is, what it was made from, and where it ends.

Mitchell and others, Model cards for model reporting, 2019. One document, written when the model is
made: ``model_card.json`` for programs and ``model_card.md`` for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.calibration import calibration_curve
from evaluation.curves import gains, lift, precision_recall, roc
from evaluation.quality import Fold
from predictive.model_card_text import card_text
from predictive.windows import from_datetime64

if TYPE_CHECKING:
    from models.propensity import PropensityModel
    from predictive.comparison import RecipeBacktest
    from predictive.opened_prediction import OpenPrediction

CARD_JSON, CARD_TEXT = "model_card.json", "model_card.md"
FORMAT_VERSION = 1
#: Points of each curve: enough to draw it.
CURVE_POINTS = 101
#: Test snapshots from which the spread between them can be told.
_FEW_TESTS = 3
#: Positive users in all test snapshots below which measures are rough.
_FEW_POSITIVES = 100
#: A swing of the base rate between test snapshots by more than this share is worth a word.
_UNSTEADY = 0.25
_MEASURES = (
    "auc",
    "average_precision",
    "lift_top_decile",
    "mean_lift_quality",
    "brier",
    "log_loss",
    "ece",
)


def model_card(
    prediction: OpenPrediction,
    made: RecipeBacktest,
    model: PropensityModel,
    report: Mapping[str, Any],
) -> dict[str, Any]:
    """Put the card of a new model together.

    Parameters
    ----------
    prediction
        What it predicts, and the source it learnt from.
    made
        What it learnt, and its backtest.
    model
        The deployed model.
    report
        The training report.

    Returns
    -------
    dict
        JSON-ready: ``prediction`` and ``definition``; ``model`` (recipe, candidates, what traces
        it); ``data`` (range, version, moments, counts); ``features``; ``quality``, ``measures``
        and ``folds``; ``calibration`` with its ``points``; ``curves`` of each test snapshot;
        ``importance`` and ``leakage``; ``promotion``; ``limits``, in sentences.
    """
    return {
        "format_version": FORMAT_VERSION,
        "prediction": prediction.name,
        "kind": report["kind"],
        "window_days": report["window_days"],
        "definition_version": report["definition_version"],
        "definition": prediction.definition.to_yaml(),
        "model": _model(report, model),
        "data": _data(prediction, report),
        "features": _features(prediction, made),
        "quality": report["quality"],
        "measures": {name: report[name] for name in _MEASURES},
        "folds": report["folds"],
        "calibration": report["calibration"],
        "curves": {
            from_datetime64(tested.as_of).isoformat(): _curves(fold)
            for tested, fold in zip(made.tested.folds, made.folds, strict=True)
        },
        "importance": report["importance"],
        "leakage": report["leakage"],
        "promotion": {
            name: report[name] for name in ("promoted", "promotion_reason", "comparison")
        },
        "limits": list(_limits(report)),
    }


def write_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Keep a card beside its model, for programs and for people."""
    (folder / CARD_JSON).write_text(json.dumps(card, indent=1), encoding="utf-8")
    (folder / CARD_TEXT).write_text(card_text(card), encoding="utf-8")


def read_card(folder: Path) -> dict[str, Any] | None:
    """The card of a model; None for one made before there were cards."""
    file = folder / CARD_JSON
    if not file.is_file():
        return None
    card: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return card


def _model(report: Mapping[str, Any], model: PropensityModel) -> dict[str, Any]:
    kept = ("as_of", "recipe", "chosen", "candidates", "selection", "seed", "code_version")
    return {name: report[name] for name in kept} | {
        "base_rate": model.base_rate,
        "calibrator": model.calibrator.to_json(),
    }


def _data(prediction: OpenPrediction, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "from": prediction.source.history_start().isoformat(),
        "until": report["as_of"],
        "version": report["data_version"],
        "snapshots": report["snapshots"],
        "user_share": report["user_share"],
        "counts": report["counts"],
        "broken": report["data_broken"],
    }


def _features(prediction: OpenPrediction, made: RecipeBacktest) -> dict[str, Any]:
    plan = made.data.feature_plan
    return {
        "count": len(made.data.dataset.feature_names),
        "names": list(made.data.dataset.feature_names),
        "lookback_days": list(plan.lookback_days),
        "events": list(plan.events),
        "properties": sorted({*plan.number_properties, *plan.text_properties}),
        "attributes": sorted({*plan.number_attributes, *plan.text_attributes}),
        "own": list(plan.own.columns) if plan.own else [],
        "excluded": list(prediction.definition.exclude_features),
    }


def _curves(fold: Fold) -> dict[str, list[list[float]]]:
    labels, probabilities = fold.labels, fold.probabilities
    gained = gains(labels, probabilities, CURVE_POINTS)
    lifted = lift(labels, probabilities, CURVE_POINTS)
    rates = roc(labels, probabilities, CURVE_POINTS)
    precise = precision_recall(labels, probabilities, CURVE_POINTS)
    honest = calibration_curve(labels, probabilities)
    return {
        "gains": _points(gained.share, gained.captured),
        "lift": _points(lifted.share, lifted.lift),
        "roc": _points(rates.false_positive_rate, rates.true_positive_rate),
        "precision_recall": _points(precise.recall, precise.precision),
        "calibration": _points(honest.expected, honest.observed, honest.low, honest.high),
    }


def _points(*columns: Any) -> list[list[float]]:
    return [[round(float(value), 6) for value in point] for point in zip(*columns, strict=True)]


def _limits(report: Mapping[str, Any]) -> Iterator[str]:
    """What whoever reads the figures must know, in sentences."""
    folds = report["folds"]
    yield (
        f"It says how likely this is within {report['window_days']} days of a scoring run, for "
        "customers of the definition's audience; not why, and not what a message would change."
    )
    if len(folds) < _FEW_TESTS:
        yield f"Tested on {len(folds)} past period(s) only: how it varies between them is unknown."
    if report["positives"] < _FEW_POSITIVES:
        yield f"Measured on {report['positives']} positive cases only: the figures are rough."
    if report["selection"] == "cross-validation":
        yield "History is a window short, so choices were made by cross-validation over users."
    yield from _unsteady(folds)
    if report["quality"]["label"] in {"poor", "fair"}:
        yield (
            f"Its Prediction Quality is {report['quality']['label']}: "
            "single scores say little, shares of large groups more."
        )
    if report["user_share"] < 1:
        yield f"Trained on a random {report['user_share']:.0%} of the customers, for their number."
    if report["own_features"]:
        yield "It uses features that the recipe computes itself; they are checked less than ours."
    for finding in report["leakage"]:
        yield f"{finding['words']} {finding['advice']}"
    yield from report["data_broken"]


def _unsteady(folds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rates = [fold["positives"] / fold["n"] for fold in folds]
    if max(rates) - min(rates) > _UNSTEADY * (sum(rates) / len(rates)):
        yield (
            f"The share of positives moved between {min(rates):.1%} and {max(rates):.1%} over the "
            "test periods, so totals may be off by as much."
        )
