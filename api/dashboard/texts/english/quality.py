"""English: how good a prediction is."""

from __future__ import annotations

QUALITY = {
    "quality.excellent": "excellent",
    "quality.good": "good",
    "quality.fair": "fair",
    "quality.poor": "poor",
    "quality.matured": "Scores compared with what happened",
    "quality.matured.term": "Matured scoring runs: those whose window has passed, so that what "
    "happened is known.",
    "quality.of": "{some} of {all}",
    "quality.estimate": "Estimated for now",
    "quality.estimate.term": "What the quality of the newest scores should be by their own "
    "probabilities. What it really is will be known from {moment}.",
    "quality.compared": "Promised, and what came",
    "quality.compared.about": "Promised by the backtest: past periods, each predicted with "
    "nothing but what was known at the time. What came is of the newest scores whose window has "
    "passed.",
    "quality.measure": "Measure",
    "quality.of.quality": "Quality",
    "quality.of.quality.term": "Prediction Quality: 0 is guessing, 100 is perfect. 60 excellent, "
    "40 good, 20 fair.",
    "quality.of.auc": "Told apart rightly",
    "quality.of.auc.term": "AUC, area under the ROC curve: how often somebody who did it scores "
    "higher than somebody who did not. 0.5 is guessing.",
    "quality.of.lift": "Best tenth against the average",
    "quality.of.lift.term": "Lift in the top decile.",
    "quality.of.base_rate": "It came true for",
    "quality.of.base_rate.term": "Base rate: the share of customers who did it.",
    "quality.of.observed_expected": "Happened for each one promised",
    "quality.of.observed_expected.term": "Observed over expected: 1 is right, below 1 promises "
    "too much.",
    "quality.of.n": "Measured on",
    "quality.of.n.term": "Customers that the figures are of, and how many of them did it. The "
    "backtest counts a customer once in each period.",
    "quality.of.n.value": "{users}, of whom {positives} did it",
    "quality.gains": "How many you find",
    "quality.gains.term": "Gains curve of the backtest: the share of all who did it, among the "
    "highest scores. Dashed: by chance.",
    "quality.lift": "How much better than chance",
    "quality.lift.term": "Lift curve of the backtest. Dashed: by chance.",
    "quality.calibration": "Do promises hold",
    "quality.calibration.term": "Calibration curve of the backtest: predicted against observed "
    "rates. Dashed: perfect.",
    "quality.reached": "Customers reached, %",
    "quality.found": "Found, %",
    "quality.times": "Times the average",
    "quality.promised": "Predicted, %",
    "quality.came": "Came true, %",
    "quality.confusion": "Right and wrong at a threshold",
    "quality.confusion.term": "Confusion matrix of the backtest, all test snapshots together.",
    "quality.predicted": "Predicted",
    "quality.did": "Did it",
    "quality.did_not": "Did not",
    "quality.above": "At or above the threshold",
    "quality.below": "Below it",
    "quality.cell.true_positives": "True positives: predicted, and it came.",
    "quality.cell.false_positives": "False positives: predicted, but it did not come.",
    "quality.cell.false_negatives": "False negatives: missed.",
    "quality.cell.true_negatives": "True negatives: rightly left out.",
    "quality.rate.precision": "Of those reached, did it",
    "quality.rate.precision.term": "Precision, positive predictive value. Range: Wilson's "
    "interval, chance alone.",
    "quality.rate.recall": "Of all who did it, found",
    "quality.rate.recall.term": "Recall, sensitivity, true positive rate.",
    "quality.rate.false_positive_rate": "Of all others, reached for nothing",
    "quality.rate.false_positive_rate.term": "False positive rate: 1 − specificity.",
    "quality.rate.specificity": "Of all others, left alone",
    "quality.rate.specificity.term": "Specificity, true negative rate.",
    "quality.rate.accuracy": "Right in all",
    "quality.rate.accuracy.term": "Accuracy. Says little where few do it.",
    "quality.rate.lift": "Better than chance",
    "quality.rate.lift.term": "Lift: precision over the base rate.",
    "quality.rates": "All rates by their usual names",
    "quality.rate": "Rate",
    "quality.history": "History",
    "quality.history.empty": "No scores yet.",
    "quality.as_of": "Scored as of",
    "quality.model": "Model",
    "quality.expected": "Expected",
    "quality.actual": "Actual",
    "quality.matures": "Known from",
}
