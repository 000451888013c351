"""Measures of predictions: pure functions over NumPy arrays, with the sources of their formulas.

Labels are booleans or 0/1 of shape (n,), scores and probabilities floats of shape (n,). Nothing
here reads a file, and nothing depends on the order of the rows.
"""

from evaluation.alarms import Alarm, Watch, alarm
from evaluation.association import Association, Population, associations, benjamini_hochberg
from evaluation.bands import ScoreBand, score_bands
from evaluation.calibration import (
    CalibrationCurve,
    PerfectBand,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    ece_if_perfect,
    expected_calibration_error,
    observed_expected,
)
from evaluation.confusion import ConfusionMatrix, confusion_matrix
from evaluation.curves import (
    GainsCurve,
    LiftCurve,
    PrecisionRecallCurve,
    RocCurve,
    gains,
    lift,
    precision_recall,
    roc,
)
from evaluation.drift import Drift, EarlierChange, drift, population_stability, stability_by_chance
from evaluation.estimated import EstimatedQuality, estimated_confusion, estimated_quality
from evaluation.folds import Fold
from evaluation.histogram import ScoreHistogram
from evaluation.intervals import Estimate, Uncertainty
from evaluation.jumps import share_beyond, share_jumped
from evaluation.losses import brier, log_loss
from evaluation.money import Money
from evaluation.paired import PairedTest, paired_quality_test
from evaluation.profit import ProfitCurve, profit_curve
from evaluation.quality import (
    Quality,
    expected_quality,
    prediction_quality,
    quality_interval,
    quality_label,
)
from evaluation.ranking import auc, average_precision, lift_at, mean_lift_quality
from evaluation.report import quality_report
from evaluation.selection import Selection
from evaluation.shift import ShiftVariance, shift_variance
from evaluation.simulation import MoneyOutcome, Simulation, simulate, threshold_curve
from evaluation.steadiness import Steadiness, steadiness
from evaluation.volumes import VolumeFinding, volume_findings

__all__ = [
    "Alarm",
    "Association",
    "CalibrationCurve",
    "ConfusionMatrix",
    "Drift",
    "EarlierChange",
    "Estimate",
    "EstimatedQuality",
    "Fold",
    "GainsCurve",
    "LiftCurve",
    "Money",
    "MoneyOutcome",
    "PairedTest",
    "PerfectBand",
    "Population",
    "PrecisionRecallCurve",
    "ProfitCurve",
    "Quality",
    "RocCurve",
    "ScoreBand",
    "ScoreHistogram",
    "Selection",
    "ShiftVariance",
    "Simulation",
    "Steadiness",
    "Uncertainty",
    "VolumeFinding",
    "Watch",
    "alarm",
    "associations",
    "auc",
    "average_precision",
    "benjamini_hochberg",
    "brier",
    "calibration_curve",
    "calibration_intercept",
    "calibration_slope",
    "confusion_matrix",
    "drift",
    "ece_if_perfect",
    "estimated_confusion",
    "estimated_quality",
    "expected_calibration_error",
    "expected_quality",
    "gains",
    "lift",
    "lift_at",
    "log_loss",
    "mean_lift_quality",
    "observed_expected",
    "paired_quality_test",
    "population_stability",
    "precision_recall",
    "prediction_quality",
    "profit_curve",
    "quality_interval",
    "quality_label",
    "quality_report",
    "roc",
    "score_bands",
    "share_beyond",
    "share_jumped",
    "shift_variance",
    "simulate",
    "stability_by_chance",
    "steadiness",
    "threshold_curve",
    "volume_findings",
]
