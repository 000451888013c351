from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from evaluation import Fold, ece_if_perfect, quality_report
from tests.evaluation.conftest import simulated_fold

MOMENTS = ["2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"]


def test_report_holds_means_over_folds_and_pooled_calibration(rng) -> None:
    folds = [simulated_fold(rng, 800), simulated_fold(rng, 1200)]
    report = quality_report(folds, MOMENTS)
    pairs = [(fold.labels, fold.probabilities) for fold in folds]
    areas = [metrics.roc_auc_score(*pair) for pair in pairs]
    assert report["auc"] == pytest.approx(np.mean(areas))
    assert report["quality"]["value"] == pytest.approx(100 * (2 * np.mean(areas) - 1))
    assert report["quality"]["low"] < report["quality"]["value"] < report["quality"]["high"]
    assert report["brier"] == pytest.approx(
        np.mean([metrics.brier_score_loss(*pair) for pair in pairs])
    )
    assert report["log_loss"] == pytest.approx(np.mean([metrics.log_loss(*pair) for pair in pairs]))
    assert (report["n"], report["positives"]) == (2000, sum(int(pair[0].sum()) for pair in pairs))
    assert [fold["as_of"] for fold in report["folds"]] == MOMENTS
    assert [fold["auc"] for fold in report["folds"]] == pytest.approx(areas)
    calibration = report["calibration"]
    assert 0.8 < calibration["slope"] < 1.2
    pooled = np.concatenate([pair[1] for pair in pairs])
    assert calibration["ece_perfect"]["high"] == ece_if_perfect(pooled).high
    assert calibration["ece"] < calibration["ece_perfect"]["high"]
    assert calibration["observed_expected"] == pytest.approx(report["positives"] / pooled.sum())


def test_report_is_json_even_for_a_perfect_model() -> None:
    labels = np.arange(30) < 10
    fold = Fold(labels, labels.astype(float), np.arange(30))
    report = quality_report([fold], MOMENTS[:1])
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["calibration"]["slope"] is None
    assert report["quality"]["label"] == "excellent"


def test_every_fold_needs_its_moment(rng) -> None:
    with pytest.raises(ValueError, match=r"as_ofs has 2 moments. Allowed: 1"):
        quality_report([simulated_fold(rng, 50)], MOMENTS)
