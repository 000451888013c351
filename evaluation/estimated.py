"""What a ranking is worth before outcomes are known: an estimate from calibrated probabilities.

Whoever is given 30 % is taken to come true in 30 of 100 cases. That holds as long as the
probabilities are calibrated: a change in who the customers are shows in the estimate, a change in
how they behave does not. It is an estimate, never an alarm.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evaluation.arrays import FloatArray, require_fraction
from evaluation.histogram import BINS_PER_POINT, ScoreHistogram

#: Outcomes that are drawn for an interval; always the same ones.
_DRAWS = 400


@dataclass(frozen=True)
class EstimatedQuality:
    """Prediction Quality as the probabilities themselves promise it.

    Parameters
    ----------
    value
        The estimate; −100 to 100, 0 is random.
    low, high
        What chance alone lets the actual quality be.
    auc
        The same as an area under the ROC curve.
    base_rate
        Share of positives to expect.
    """

    value: float
    low: float
    high: float
    auc: float
    base_rate: float

    def to_dict(self) -> dict[str, Any]:
        """Every field by its name."""
        return asdict(self)


def estimated_quality(
    histogram: ScoreHistogram, confidence: float = 0.95
) -> EstimatedQuality | None:
    """Estimate the Prediction Quality of a run whose outcomes are not known yet.

    Parameters
    ----------
    histogram
        Users, expected positives and their variance at each score.
    confidence
        Level of the interval, in (0, 1).

    Returns
    -------
    EstimatedQuality or None
        None where the histogram expects less than one positive or one negative.

    Raises
    ------
    ValueError
        When ``confidence`` is outside (0, 1).

    Notes
    -----
    Confidence-based performance estimation, as NannyML documents it (How it works: Estimation of
    performance, CBPE): every user is a positive with weight p and a negative with weight 1 − p,
    and the measure is taken of these. A user is not compared with itself, which leaves
    Σ_i<j p_i(1 − p_j) over all pairs in order of score; users of one score share their rank. For
    the interval the positives at each score are drawn: users of one score have one probability.
    """
    require_fraction("confidence", confidence)
    used = histogram.counts > 0
    rows = histogram.counts[used].astype(np.float64)
    positives, chance = histogram.sum_p[used], histogram.sum_v[used]
    total = float(rows.sum())
    if not 1 <= float(positives.sum()) <= total - 1:
        return None
    area = float(_areas(positives[None], rows, chance[None])[0])
    drawn = _drawn(rows, positives)
    areas = _areas(drawn, rows, np.zeros_like(drawn))
    low, high = np.quantile(areas, [(1 - confidence) / 2, (1 + confidence) / 2])
    return EstimatedQuality(
        _quality(area),
        _quality(float(low)),
        _quality(float(high)),
        area,
        float(positives.sum()) / total,
    )


def estimated_confusion(histogram: ScoreHistogram, threshold: float) -> dict[str, float]:
    """The four counts to expect when users with at least a score are predicted positive.

    Parameters
    ----------
    histogram
        Users and expected positives at each score.
    threshold
        From 0 to 100.

    Raises
    ------
    ValueError
        When ``threshold`` is outside 0 to 100.
    """
    if not 0 <= threshold <= 100:
        raise ValueError(f"threshold is {threshold}. Allowed: a score from 0 to 100.")
    first = int(np.ceil(threshold * BINS_PER_POINT - 1e-9))
    hits, missed = float(histogram.sum_p[first:].sum()), float(histogram.sum_p[:first].sum())
    return {
        "true_positives": hits,
        "false_positives": int(histogram.counts[first:].sum()) - hits,
        "false_negatives": missed,
        "true_negatives": int(histogram.counts[:first].sum()) - missed,
    }


def _areas(positives: FloatArray, rows: FloatArray, within: FloatArray) -> FloatArray:
    """(draws,) areas under the ROC curve of (draws, b) positives among ``rows`` of rising score.

    ``within`` is what the pairs of a user with itself add to each bin's product of positives and
    negatives: Σp(1 − p) where users are fractions of both, 0 where each is one of them.
    """
    negatives = rows - positives
    below = np.cumsum(negatives, axis=1) - negatives
    won = np.sum(positives * below + (positives * negatives - within) / 2, axis=1)
    pairs = positives.sum(axis=1) * negatives.sum(axis=1) - within.sum(axis=1)
    return np.asarray(won / pairs, dtype=np.float64)


def _drawn(rows: FloatArray, positives: FloatArray) -> FloatArray:
    """(draws, b) numbers of positives, in each draw at least one of both classes."""
    shares = np.clip(positives / rows, 0.0, 1.0)
    random = np.random.default_rng(0)
    drawn = random.binomial(rows.astype(np.int64), shares, size=(_DRAWS, len(rows)))
    totals = drawn.sum(axis=1)
    both = (totals > 0) & (totals < rows.sum())
    return np.asarray(drawn[both], dtype=np.float64)


def _quality(area: float) -> float:
    return 100 * (2 * area - 1)
