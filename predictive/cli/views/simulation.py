"""A simulation, as people read it: a green bar, a red bar, money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, labelled_bar, next_steps, sentence, title
from predictive.cli.views.words import count, decimal, interval, moment, money, percent

_ESTIMATE = "--share-caused is your estimate of that, and a holdout measures it."
_CAUSED = {
    "churn": f"The score says who may leave, not whom a message would keep: {_ESTIMATE}",
    "purchase": f"Some would buy anyway, and only the others are your gain: {_ESTIMATE}",
    "event": f"Some would do it anyway, and only the others are your gain: {_ESTIMATE}",
}
_WILL = {"churn": "churn", "purchase": "buy", "event": "do it"}


def view_simulation(console: Console, report: dict[str, Any]) -> None:
    """Whom a selection reaches, whom it hits and misses, what it costs and earns."""
    will = _WILL[report["kind"]]
    within = f" of segment {report['segment']['name']}" if report["segment"] else ""
    title(
        console,
        report["prediction"],
        f"scores as of {moment(report['as_of'])}, {count(report['users'])} customers{within}",
    )
    if not report["reached"]:
        sentence(console, _nobody(report), "yellow")
        return
    sentence(
        console,
        f"Scores {report['min_score']:g} to {report['max_score']:g} reach "
        f"{count(report['reached'])} customers, {percent(report['reached_share'])} of all.\n",
    )
    _bars(console, report, will)
    _hits(console, report, will)
    if report["money"] is not None:
        _money(console, report)
    elif report["kind"] == "churn":
        sentence(console, "The score says who may leave, not whom a message would keep.", "dim")
    next_steps(
        console,
        [
            (f"predictive simulate {report['prediction']} --top-share 0.1", "or the best 10 %"),
            (f"predictive evaluate {report['prediction']}", "once the window has passed"),
        ],
    )


def _bars(console: Console, report: Mapping[str, Any], will: str) -> None:
    hits, misses = report["true_positive_share"], report["false_positive_share"]
    labelled_bar(console, f"who will {will}", hits["value"], percent(hits["value"]), "green")
    missed = misses["value"] if misses else 0.0
    labelled_bar(console, f"who will not {will}", missed, percent(missed), "red")
    sentence(console, "of all in the audience who will, and of all who will not\n", "dim")


def _hits(console: Console, report: Mapping[str, Any], will: str) -> None:
    hits, misses = report["expected_true_positives"], report["expected_false_positives"]
    lift = report["lift"]
    facts(
        console,
        [
            (f"expected to {will}", f"{count(hits['value'])} ({_range(report, hits)})"),
            (f"expected not to {will}", f"{count(misses['value'])} ({interval(misses)})"),
            ("of those reached", f"{_share(report['precision'])} will {will}"),
            ("against the average", f"{decimal(lift['value'], 1)} times ({interval(lift, 1)})"),
        ],
    )


def _nobody(report: Mapping[str, Any]) -> str:
    """Why nobody is reached, and what to do."""
    lowest, highest = report["lowest_score"], report["highest_score"]
    match report["nobody_because"]:
        case "no_users":
            return "Nobody there has a score: choose another segment, or score again."
        case "limit":
            return "That pays for nobody: raise --messages or --budget."
        case _ if report["min_score"] > highest:
            return (
                f"No customer scores {report['min_score']:g} or more; the highest score is "
                f"{highest:g}. Take --min-score {highest:g} or less, or --top-share 0.1."
            )
        case _:
            return (
                f"No customer scores from {report['min_score']:g} to {report['max_score']:g}; "
                f"scores go from {lowest:g} to {highest:g}. Widen the range."
            )


def _share(estimate: Mapping[str, Any]) -> str:
    low, high = percent(estimate["low"]), percent(estimate["high"])
    return f"{percent(estimate['value'])} ({low} to {high})"


def _range(report: Mapping[str, Any], estimate: Mapping[str, Any]) -> str:
    basis = report.get("interval_basis")
    return f"95 % interval {interval(estimate)}" + (f", from {basis}" if basis else "")


def _money(console: Console, report: Mapping[str, Any]) -> None:
    spent = report["money"]
    console.print()
    if not spent["revenue"]:
        facts(console, [("cost", money(spent["cost"]))])
        sentence(console, "With --conversion-value it tells the profit as well.", "dim")
        return
    profit = spent["profit"]
    facts(
        console,
        [
            ("cost", money(spent["cost"])),
            ("revenue", money(spent["revenue"])),
            ("profit", f"{money(profit['value'])} (95 % interval {interval(profit)})"),
            ("best threshold", _best(report["best"])),
        ],
    )
    sentence(console, _CAUSED[report["kind"]], "dim")


def _best(best: Mapping[str, Any]) -> str:
    if best["threshold"] is None:
        return "send nothing: at these prices every threshold loses money"
    return (
        f"{best['threshold']:g} with profit {money(best['profit'])}; "
        f"within 5 % of it from {best['flat_from']:g} to {best['flat_to']:g}"
    )
