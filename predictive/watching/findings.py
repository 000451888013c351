"""What a check finds, and how often it may be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

AlertKind = Literal[
    "event_stopped",
    "event_fell",
    "event_appeared",
    "duplicates_jumped",
    "rejects_jumped",
    "late_data",
    "feature_drift",
    "score_drift",
    "quality_fell",
    "calibration_off",
    "base_rate_moved",
    "data_broken",
    "job_failed",
]

#: Every kind of alert, in a sentence; predictive.wording.korean has each in Korean.
ALERT_KINDS: Mapping[AlertKind, str] = {
    "event_stopped": "An event no longer comes in, or hardly.",
    "event_fell": "An event comes in far less than its weekly rhythm promises.",
    "event_appeared": "Many customers do something that a model has not learned from yet.",
    "duplicates_jumped": "An import held far more rows than usual that were there already.",
    "rejects_jumped": "An import held far more rows than usual that could not be read.",
    "late_data": "Events come later than they used to, or nothing comes at all.",
    "feature_drift": "The customers who are scored differ from those the model learned from.",
    "score_drift": "The scores are spread differently than in the backtest.",
    "quality_fell": "The actual Prediction Quality is below what the backtest lets expect.",
    "calibration_off": "What happens is more, less, or less decided than the probabilities say.",
    "base_rate_moved": "The outcome comes true for far more or far fewer than it used to.",
    "data_broken": "A training found the recent data broken and kept the champion.",
    "job_failed": "A job of the schedule failed.",
}

#: False alerts that each family of checks may give in a year, on average, while nothing is
#: wrong: half of the one that a prediction is allowed, because no model of what is usual is right.
FALSE_ALERTS_A_YEAR: Mapping[str, float] = {
    "volumes": 0.06,
    "newcomers": 0.02,
    "imports": 0.04,
    "arrival": 0.04,
    "features": 0.06,
    "scores": 0.04,
    "quality": 0.06,
    "shift": 0.04,
    "slope": 0.04,
    "base_rate": 0.08,
}


@dataclass(frozen=True)
class Finding:
    """Something that people should be told.

    Parameters
    ----------
    kind, subject
        What went wrong, and with what.
    message
        In a sentence: a :class:`~predictive.wording.sentence.Sentence`, to be told in any language.
    details
        The figures behind it, JSON-ready.
    prediction
        What it is about; None for the data of the whole workspace.
    severity
        ``critical`` where scores can't be trusted until it is mended.
    """

    kind: AlertKind
    subject: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    prediction: str | None = None
    severity: Literal["warning", "critical"] = "warning"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "prediction": self.prediction,
            "severity": self.severity,
            "message": self.message,
            "details": dict(self.details),
        }


@dataclass(frozen=True)
class Verdict:
    """What one family of checks came to.

    Parameters
    ----------
    kinds
        The kinds of alerts that were judged: those that are open and were not found again are
        resolved. Nothing can be said of the others, so they stay as they are.
    findings
        What was found.
    report
        What was looked at, JSON-ready.
    """

    kinds: Sequence[AlertKind]
    findings: Sequence[Finding] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
