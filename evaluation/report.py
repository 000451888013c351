"""Everything that is said about a backtest, as one JSON-ready report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from evaluation.arrays import FloatArray, weighted_mean
from evaluation.calibration import (
    calibration_intercept,
    calibration_slope,
    ece_if_perfect,
    expected_calibration_error,
    observed_expected,
)
from evaluation.folds import Fold
from evaluation.intervals import Estimate
from evaluation.losses import brier, log_loss
from evaluation.quality import expected_quality, quality_interval
from evaluation.ranking import Ranking
from evaluation.ratios import happened_per_expected, top_lift
from evaluation.steadiness import steadiness

_TOP = 0.1


def quality_report(
    folds: Sequence[Fold], as_ofs: Sequence[str], *, expects: bool = False
) -> dict[str, Any]:
    """Measure a model on its test snapshots, or a scoring run on its own.

    Parameters
    ----------
    folds
        The test snapshots, at least one.
    as_ofs
        Their moments of prediction as ISO 8601 texts, one for each fold.
    expects
        Whether the interval of the quality is of what the next snapshot will show
        (:func:`evaluation.quality.expected_quality`), as a backtest promises it; else of what
        these have shown (:func:`evaluation.quality.quality_interval`).

    Returns
    -------
    dict
        ``quality`` {value, low, high, label, interval_basis}; ``auc``, ``average_precision``,
        ``brier``, ``log_loss``, ``ece``, ``lift_top_decile``, ``mean_lift_quality``: means over
        the folds; ``calibration`` {slope, intercept, observed_expected, ece, ece_perfect {mean,
        high}} and ``base_rate``, the share of positives: of all folds pooled, because one
        snapshot is small for it; ``intervals``: of ``lift_top_decile`` and ``observed_expected``
        the {value, low, high} (:mod:`evaluation.ratios`), or None; ``n``, ``positives``: numbers
        of rows; ``folds``: [{as_of, n, positives, quality, auc}]; ``steadiness``: of quality,
        shift, slope and base rate how they vary by chance and between snapshots
        (:func:`evaluation.steadiness.steadiness`). Where rows have weights, all but the numbers
        are weighted.

    Raises
    ------
    ValueError
        When there is no fold or ``as_ofs`` has another length.

    Notes
    -----
    ``calibration.slope`` is None where none exists (:func:`calibration_slope`), and the quality's
    bounds where a fold is too small (:func:`quality_interval`). ``ece_perfect`` takes outcomes as
    independent given their probabilities. A pooled calibration error gains from its size, so the
    mean over the folds, ``ece``, is the larger one: compare the pooled one with its band.
    """
    quality = expected_quality(folds) if expects else quality_interval(folds)
    if len(as_ofs) != len(folds):
        raise ValueError(f"as_ofs has {len(as_ofs)} moments. Allowed: {len(folds)}, one a fold.")
    rankings = [Ranking.of(fold.labels, fold.probabilities, fold.weights) for fold in folds]
    areas = [ranking.auc() for ranking in rankings]
    return {
        "quality": quality.to_dict(),
        "auc": _mean(areas),
        "average_precision": _mean(ranking.average_precision() for ranking in rankings),
        "brier": _mean(brier(fold.labels, fold.probabilities, fold.weights) for fold in folds),
        "log_loss": _mean(
            log_loss(fold.labels, fold.probabilities, fold.weights) for fold in folds
        ),
        "ece": _mean(
            expected_calibration_error(fold.labels, fold.probabilities, weights=fold.weights)
            for fold in folds
        ),
        "lift_top_decile": _mean(ranking.lift_at(_TOP) for ranking in rankings),
        "mean_lift_quality": _mean(ranking.mean_lift_quality() for ranking in rankings),
        "calibration": _pooled_calibration(folds),
        "base_rate": _base_rate(folds),
        "intervals": {
            "lift_top_decile": _bounds(top_lift(folds, _TOP)),
            "observed_expected": _bounds(happened_per_expected(folds)),
        },
        "n": sum(len(fold.labels) for fold in folds),
        "positives": sum(_positives(fold) for fold in folds),
        "folds": [
            {
                "as_of": as_of,
                "n": len(fold.labels),
                "positives": _positives(fold),
                "quality": 100 * (2 * area - 1),
                "auc": area,
            }
            for as_of, fold, area in zip(as_ofs, folds, areas, strict=True)
        ],
        "steadiness": {
            name: measure and measure.to_dict() for name, measure in steadiness(folds).items()
        },
    }


def _bounds(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else estimate.to_dict()


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _pooled_calibration(folds: Sequence[Fold]) -> dict[str, Any]:
    labels = np.concatenate([fold.labels for fold in folds])
    probabilities = np.concatenate([fold.probabilities for fold in folds])
    weights = _pooled_weights(folds)
    perfect = ece_if_perfect(probabilities, weights=weights)
    return {
        "slope": calibration_slope(labels, probabilities, weights),
        "intercept": calibration_intercept(labels, probabilities, weights),
        "observed_expected": observed_expected(labels, probabilities, weights),
        "ece": expected_calibration_error(labels, probabilities, weights=weights),
        "ece_perfect": {"mean": perfect.mean, "high": perfect.high},
    }


def _pooled_weights(folds: Sequence[Fold]) -> FloatArray | None:
    if all(fold.weights is None for fold in folds):
        return None
    return np.concatenate([fold.amounts for fold in folds])


def _base_rate(folds: Sequence[Fold]) -> float:
    labels = np.concatenate([fold.labels for fold in folds])
    return weighted_mean(labels.astype(np.float64), _pooled_weights(folds))


def _positives(fold: Fold) -> int:
    return int(np.count_nonzero(fold.labels))
