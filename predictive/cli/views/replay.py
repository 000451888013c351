"""A replayed year, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.words import count, counted, decimal, moment, percent


def view_replay(console: Console, report: dict[str, Any]) -> None:
    """What was found when, every alert, and quality as expected and as it came."""
    title(console, "Replayed", f"{count(report['days'])} days from {report['from']}")
    for incident in report["incidents"]:
        _incident(console, incident)
    _alerts(console, report)
    for prediction in report["predictions"]:
        _prediction(console, prediction)
    facts(
        console,
        [
            *((f"{kind} jobs", _states(states)) for kind, states in report["jobs"].items()),
            (
                "time",
                ", ".join(f"{kind} {spent:.0f} s" for kind, spent in report["seconds"].items()),
            ),
        ],
    )
    next_steps(
        console,
        [
            (f"predictive list --workspace {report['workspace']}", "look around in the workspace"),
            (
                f"predictive alerts list --resolved --workspace {report['workspace']}",
                "what each alert said",
            ),
        ],
    )


def _incident(console: Console, incident: Mapping[str, Any]) -> None:
    sentence(console, f"From {incident['day']}: {incident['description']}.")
    found = incident["named_by"]
    if not found:
        sentence(console, "No alert named it.", "red")
        return
    grid(
        console,
        ["Found by", "About", "Days after"],
        [[each["kind"], each["subject"], count(each["days"])] for each in found],
    )


def _alerts(console: Console, report: Mapping[str, Any]) -> None:
    alerts = report["alerts"]
    if not alerts:
        sentence(console, "No alert was raised.", "green")
        return
    grid(
        console,
        ["Alert", "About", "Raised", "Gone", "Meaning"],
        [
            [
                alert["kind"],
                alert["subject"],
                moment(alert["opened_at"]),
                moment(alert["resolved_at"]) if alert["resolved_at"] else "open",
                _MEANINGS[alert["meaning"]],
            ]
            for alert in alerts
        ],
    )
    years = f"{decimal(report['quiet_prediction_years'], 2)} quiet prediction-years."
    if report["false_alerts"] is None:
        sentence(console, "Only you know what was wrong on these days, and what was not.")
    else:
        sentence(console, f"{counted(report['false_alerts'], 'false alert')} in {years}")


_MEANINGS = {
    "names": "names the incident",
    "after": "after the incident",
    "false": "false alert",
    "unknown": "not known",
}


def _prediction(console: Console, prediction: Mapping[str, Any]) -> None:
    title(
        console,
        prediction["prediction"],
        f"{counted(prediction['models'], 'model')}, {count(prediction['promoted'])} of them "
        f"promoted; {counted(prediction['runs'], 'scoring run')}, "
        f"{count(prediction['evaluated'])} evaluated",
    )
    grid(
        console,
        ["Scored in", "Runs", "Quality expected", "Actual", "It comes true for", "Actual"],
        [
            [
                month["month"],
                count(month["runs"]),
                decimal(month["expected_quality"], 0),
                decimal(month["actual_quality"], 0),
                percent(month["expected_share"]),
                percent(month["actual_share"]),
            ]
            for month in prediction["months"]
        ],
    )


def _states(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count(number)} {state}" for state, number in states.items())
