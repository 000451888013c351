"""Matured runs against what their models promised, and an estimate for those that have not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from scipy.special import expit

from evaluation.alarms import WATCHES, Alarm, alarm, change
from evaluation.estimated import EstimatedQuality, estimated_quality
from evaluation.histogram import ScoreHistogram
from evaluation.steadiness import Steadiness
from predictive.store.run import Run
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("quality_fell", "calibration_off", "base_rate_moved")
#: Earlier runs that tell how much a healthy prediction moves.
_REMEMBERED = 12
_DAYS_A_YEAR = 365.0
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Tested:
    """A matured run whose window overlaps none of those tested before it."""

    report: Mapping[str, Any]
    alarms: Mapping[str, Alarm]


def quality_watch(workspace: Workspace, prediction: str) -> Verdict:
    """Hold the newest matured run against what was promised.

    Only runs whose windows do not overlap are tested, each once, and only those that can be
    compared: sends without a holdout make a run say nothing of the model.

    Parameters
    ----------
    workspace
        Where the evaluations are kept.
    prediction
        Whose.
    """
    reports = _comparable(workspace, prediction)
    tested = _tested(reports)
    counted = {"comparable_runs": len(reports), "tested_runs": len(tested)}
    if not tested:
        return Verdict((), report={"quality": counted})
    newest = tested[-1]
    raised = {name: one for name, one in newest.alarms.items() if one.raised}
    findings = [_finding(prediction, newest.report, name, one) for name, one in raised.items()]
    report = counted | {
        "run_id": newest.report["run_id"],
        "as_of": newest.report["as_of"],
        "measures": {name: one.to_dict() for name, one in newest.alarms.items()},
    }
    return Verdict(KINDS, findings, {"quality": report})


def estimated(workspace: Workspace, run: Run) -> dict[str, Any] | None:
    """What a run's quality should be by its own probabilities.

    Returns
    -------
    dict or None
        ``label`` ("estimate"), ``run_id``, ``as_of``, ``matures_at``, and the fields of
        :class:`evaluation.estimated.EstimatedQuality`; None where nothing can be said.
    """
    quality = _estimate(workspace.store.runs.histogram(run.run_id))
    if quality is None:
        return None
    return {
        "label": "estimate",
        "run_id": run.run_id,
        "as_of": run.as_of.isoformat(),
        "matures_at": run.matures_at.isoformat(),
    } | quality.to_dict()


@lru_cache(maxsize=100)
def _estimate(histogram: bytes) -> EstimatedQuality | None:
    """Drawn again and again to have an interval; a run is checked many times and stays the same."""
    return estimated_quality(ScoreHistogram.from_bytes(histogram))


def _comparable(workspace: Workspace, prediction: str) -> list[Mapping[str, Any]]:
    """The newest evaluation of each run that can be compared, oldest run first."""
    newest: dict[str, Mapping[str, Any]] = {}
    for kept in workspace.store.evaluations.list(prediction):
        newest.setdefault(kept.run_id, kept.report)
    return [
        report
        for report in reversed(newest.values())
        # Versions and runs of before there were alarms kept nothing to measure against.
        if report.get("comparable", True)
        and "steadiness" in report["expected"]
        and "steadiness" in report["actual"]
    ]


def _tested(reports: Sequence[Mapping[str, Any]]) -> list[_Tested]:
    tested: list[_Tested] = []
    usual: dict[str, list[float]] = {name: [] for name in WATCHES}
    free_from: datetime | None = None
    for report in reports:
        as_of, end = (datetime.fromisoformat(report[key]) for key in ("as_of", "matured_at"))
        if free_from is None or as_of >= free_from:
            free_from = end
            before = tested[-1].alarms if tested else {}
            tested.append(_Tested(report, _alarms(report, (end - as_of) / _DAY, usual, before)))
    return tested


def _alarms(
    report: Mapping[str, Any],
    window_days: float,
    usual: dict[str, list[float]],
    before: Mapping[str, Alarm],
) -> dict[str, Alarm]:
    """The alarms of one run; what it tells of usual change is added to ``usual``."""
    alarms = {}
    for name, watch in WATCHES.items():
        expected, actual = (_steadiness(report[side], name) for side in ("expected", "actual"))
        if expected is None or actual is None:
            continue
        alarms[name] = alarm(
            watch,
            expected,
            actual,
            checks_a_year=_DAYS_A_YEAR / window_days,
            false_alerts_a_year=FALSE_ALERTS_A_YEAR[name],
            earlier=usual[name][-_REMEMBERED:],
            before=before.get(name),
        )
        if not alarms[name].raised:
            usual[name].append(change(watch, expected, actual))
    return alarms


def _steadiness(block: Mapping[str, Any], name: str) -> Steadiness | None:
    figures = block["steadiness"][name]
    return None if figures is None else Steadiness(**figures)


def _finding(prediction: str, report: Mapping[str, Any], measure: str, one: Alarm) -> Finding:
    kind, say = _SAID[measure]
    as_of = datetime.fromisoformat(report["as_of"])
    return Finding(
        kind,
        measure,
        Sentence(
            "Of the customers scored on {day}: {found}.",
            day=f"{as_of:%Y-%m-%d}",
            found=say(report, one),
        ),
        {
            "run_id": report["run_id"],
            "model_version": report["model_version"],
            "as_of": report["as_of"],
            "matured_at": report["matured_at"],
        }
        | one.to_dict(),
        prediction=prediction,
    )


def _say_quality(_: Mapping[str, Any], one: Alarm) -> Sentence:
    return Sentence(
        "the actual Prediction Quality was {actual:.0f} where the backtest lets expect "
        "{expected:.0f}, which is more than chance and usual change explain",
        actual=one.actual,
        expected=one.expected,
    )


def _say_shift(report: Mapping[str, Any], _: Alarm) -> Sentence:
    ratio = report["actual"]["calibration"]["observed_expected"]
    return Sentence(
        "it came true {ratio:.2f} times as often as the probabilities added up to", ratio=ratio
    )


def _say_slope(_: Mapping[str, Any], one: Alarm) -> Sentence:
    return Sentence(
        "the probabilities were too extreme (calibration slope {slope:.2f}, 1 is right)"
        if one.actual < one.expected
        else "the probabilities were not decided enough (calibration slope {slope:.2f}, 1 is "
        "right)",
        slope=one.actual,
    )


def _say_base_rate(_: Mapping[str, Any], one: Alarm) -> Sentence:
    return Sentence(
        "it came true for {actual:.1%}, in the snapshots of the backtest for {expected:.1%}",
        actual=float(expit(one.actual)),
        expected=float(expit(one.expected)),
    )


_SAID: Mapping[str, tuple[AlertKind, Callable[[Mapping[str, Any], Alarm], Sentence]]] = {
    "quality": ("quality_fell", _say_quality),
    "shift": ("calibration_off", _say_shift),
    "slope": ("calibration_off", _say_slope),
    "base_rate": ("base_rate_moved", _say_base_rate),
}
