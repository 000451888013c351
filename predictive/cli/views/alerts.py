"""Alerts and checks, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, next_steps, older_ones, sentence, title
from predictive.cli.views.words import count, counted, decimal, interval, moment, on_screen

_STYLES = {"critical": "red", "warning": "yellow"}


def view_alerts(console: Console, report: dict[str, Any]) -> None:
    """Each alert in two lines: what, since when, and in a sentence."""
    of = f" of {report['prediction']}" if report["prediction"] else ""
    if not report["alerts"]:
        sentence(console, f"No alerts{of}.")
        return
    for alert in report["alerts"]:
        _headline(console, alert)
        sentence(console, alert["message"])
    older_ones(console, report)
    newest = report["alerts"][0]["id"]
    next_steps(console, [(f"predictive alerts show {newest}", "the figures behind it")])


def view_alert(console: Console, alert: dict[str, Any]) -> None:
    """One alert, its course and its figures."""
    _headline(console, alert)
    sentence(console, alert["message"])
    if alert["meaning"]:
        sentence(console, alert["meaning"], "dim")
    console.print()
    facts(
        console,
        [
            ("opened", moment(alert["opened_at"])),
            ("last seen", f"{moment(alert['last_seen_at'])} ({count(alert['times_seen'])} times)"),
            ("resolved", moment(alert["resolved_at"])),
            *_details(alert["details"]),
        ],
    )


def view_check(console: Console, report: dict[str, Any]) -> None:
    """What is wrong now, what is right again, and what was looked at."""
    title(console, "Checked", f"data until {moment(report['as_of'])}")
    if report["as_of"] is None:
        sentence(console, "There are no events yet.")
        return
    for found in report["found"]:
        _headline(console, found | {"id": found["alert"]})
        sentence(console, found["message"])
    if not report["found"]:
        sentence(console, "Nothing is wrong.", "green")
    if report["resolved"]:
        numbers = ", ".join(str(number) for number in report["resolved"])
        sentence(console, f"No longer so: alert {numbers}.", "green")
    console.print()
    facts(console, _looked_at(report))
    next_steps(console, [("predictive alerts list", "what is open now")])


def _headline(console: Console, alert: Mapping[str, Any]) -> None:
    about = alert["prediction"] or "data"
    words = f"{alert['id']}  {alert['kind']}  {alert['subject']}  ({about})"
    if alert.get("resolved_at"):
        sentence(console, f"\n{words}  resolved {moment(alert['resolved_at'])}", "dim")
    else:
        sentence(console, f"\n{words}", _STYLES[alert["severity"]])


def _details(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in details.items():
        if name == "said":
            continue  # the message again, for other languages
        if isinstance(value, list):
            for row in value:
                yield name, _in_words(row)
        else:
            yield name.replace("_", " "), _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(inner)}" for name, inner in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _looked_at(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    volumes = report["data"].get("volumes")
    if volumes:
        yield "events", _events(volumes)
    for name, looked in report["predictions"].items():
        yield name, "; ".join(_prediction(looked)) or "no scores yet"


def _events(volumes: Mapping[str, Any]) -> str:
    if volumes["days"] < volumes["days_needed"]:
        return (
            f"{count(volumes['days'])} whole days; their rhythm is known from "
            f"{count(volumes['days_needed'])} on"
        )
    return f"{len(volumes['events'])} names over {count(volumes['days'])} days"


def _prediction(looked: Mapping[str, Any]) -> Iterator[str]:
    drift, estimate = looked.get("drift"), looked.get("estimate")
    if drift:
        furthest = drift["features"][0]
        yield (
            f"the feature that moved most, {furthest['name']}: {decimal(furthest['psi'], 2)} of "
            f"{decimal(furthest['threshold'], 2)}"
        )
    quality = looked.get("quality")
    if quality:
        yield f"{counted(quality['tested_runs'], 'matured run')} held against what was promised"
    if estimate:
        yield (
            f"Prediction Quality of the current scores, an estimate: "
            f"{on_screen(estimate['value'])} ({interval(estimate)})"
        )
