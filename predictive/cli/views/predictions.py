"""Predictions, as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.quality import headline
from predictive.cli.views.words import count, interval, moment, on_screen


def view_applied(console: Console, report: dict[str, Any]) -> None:
    """What applying a definition changed."""
    name = report["name"]
    title(console, name, f"{report['change']}, definition version {report['definition_version']}")
    next_steps(
        console,
        [
            (f"predictive estimate {name}", "see whether history holds enough"),
            (f"predictive train {name}", "train it and measure its quality"),
        ],
    )


def view_validated(console: Console, report: dict[str, Any]) -> None:
    """What applying a definition would change."""
    version = report["definition_version"]
    would = "nothing would change" if report["change"] == "unchanged" else "nothing was changed yet"
    title(console, report["name"], f"valid: {would}, definition version {version}")


def view_list(console: Console, report: dict[str, Any]) -> None:
    """All predictions, a line each."""
    if not report["predictions"]:
        sentence(console, "There is no prediction yet. Make one with: predictive apply FILE.yaml")
        return
    grid(
        console,
        ["Prediction", "Kind", "State", "Days ahead", "Quality", "Scores as of", "Customers"],
        [_line(prediction) for prediction in report["predictions"]],
        copied=True,
    )


def view_prediction(console: Console, report: dict[str, Any]) -> None:
    """One prediction: where it stands, its definition, its models."""
    name, scores = report["name"], report["scores"]
    title(console, name, f"{report['kind']}, {report['window_days']} days ahead")
    console.print()
    if report["quality"]:
        headline(console, "Prediction Quality", report["quality"])
    facts(
        console,
        [
            ("state", report["state"]),
            ("definition", f"version {report['definition_version']}"),
            ("model", f"version {report['model_version']}" if report["model_version"] else "none"),
            ("scores", _scores(scores) if scores else "none"),
        ],
    )
    sentence(console, "\n" + report["definition"].rstrip(), "cyan")
    if report["models"]:
        _models(console, report["models"])
    next_steps(console, [_next(report)])


def _line(prediction: Mapping[str, Any]) -> list[str]:
    quality, scores = prediction["quality"], prediction["scores"]
    return [
        prediction["name"],
        prediction["kind"],
        prediction["state"],
        count(prediction["window_days"]),
        f"{on_screen(quality['value'])} {quality['label']}" if quality else "not trained",
        moment(scores["as_of"]) if scores else "not scored",
        count(scores["users"]) if scores else "",
    ]


def _scores(scores: Mapping[str, Any]) -> str:
    return (
        f"{count(scores['users'])} customers as of {moment(scores['as_of'])}, "
        f"run {scores['run_id']}"
    )


def _models(console: Console, models: Sequence[Mapping[str, Any]]) -> None:
    grid(
        console,
        ["Model version", "Trained as of", "Quality", "95 % interval", "Definition", "Seed"],
        [
            [
                str(model["version"]),
                moment(model["as_of"]),
                on_screen(model["quality"]["value"]),
                interval(model["quality"]),
                str(model["definition_version"]),
                str(model["seed"]),
            ]
            for model in models
        ],
    )


def _next(report: Mapping[str, Any]) -> tuple[str, str]:
    name = report["name"]
    if report["model_version"] is None:
        return f"predictive train {name}", "train it and measure its quality"
    if report["scores"] is None:
        return f"predictive score {name}", "score every customer of the audience"
    return f"predictive simulate {name} --min-score 75", "see what a threshold reaches"
