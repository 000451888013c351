"""Model versions, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.quality import folds, headline, measures, outcome
from predictive.cli.views.words import count, counted, interval, moment, on_screen


def view_versions(console: Console, report: dict[str, Any]) -> None:
    """All versions, a line each."""
    name = report["prediction"]
    title(console, name, counted(len(report["models"]), "model version"))
    if not report["models"]:
        next_steps(console, [(f"predictive train {name}", "train the first")])
        return
    grid(
        console,
        ["Version", "Role", "Recipe", "Trained as of", "Quality", "Promoted"],
        [_line(model) for model in report["models"]],
    )
    steps = [(f"predictive models card {name}", "everything about the champion")]
    waiting = [one for one in report["models"] if _waits(one)]
    if waiting:
        steps += [promotion_step(name, waiting[0]["version"])]
    if sum(one["promoted_at"] is not None for one in report["models"]) > 1:
        steps += [(f"predictive models rollback {name}", "go back to the one before")]
    next_steps(console, steps)


def view_version(console: Console, report: dict[str, Any]) -> None:
    """One version: how good it is, how it was made, what became of it."""
    trained = report["report"]
    did = outcome(trained["kind"])
    title(console, report["prediction"], f"model version {report['version']}, {_role(report)}")
    console.print()
    headline(console, "Prediction Quality", report["quality"])
    console.print()
    facts(
        console,
        [
            ("recipe", report["recipe"]["name"]),
            ("trained as of", moment(report["as_of"])),
            ("definition", f"version {report['definition_version']}"),
            ("features", count(trained["features"])),
            ("data", report["data_version"]),
            ("code", report["code_version"]),
            ("MLflow run", report["mlflow_run_id"] or "none"),
        ],
    )
    if report["promotion_reason"]:
        sentence(console, "\n" + report["promotion_reason"])
    console.print()
    folds(console, trained["folds"], did)
    measures(console, trained, did)
    name, version = report["prediction"], report["version"]
    steps = [(f"predictive models card {name} {version}", "the whole model card")]
    next_steps(console, [*steps, promotion_step(name, version)] if _waits(report) else steps)


def promotion_step(name: str, version: int) -> tuple[str, str]:
    """What lets a version that waits score, as a next step."""
    return f"predictive models promote {name} {version}", "let the challenger score"


def _waits(model: Mapping[str, Any]) -> bool:
    return model["role"] == "challenger" and model["promoted_at"] is None


def view_card(console: Console, report: dict[str, Any]) -> None:
    """The card's Markdown as it is, so that it can be kept."""
    console.file.write(report["text"])


def view_promoted(console: Console, report: dict[str, Any]) -> None:
    """Which version scores from now on."""
    name, version = report["prediction"], report["champion_version"]
    if not report["changed"]:
        sentence(console, f"Version {version} of {name} is the champion already.")
        return
    before = f", version {report['before']} did before" if report["before"] else ""
    title(console, name, f"version {version} scores from the next scoring run on{before}")
    next_steps(console, [(f"predictive score {name}", "score with it now")])


def _line(model: Mapping[str, Any]) -> list[str]:
    return [
        str(model["version"]),
        model["role"] or "",
        model["recipe"]["name"],
        model["as_of"][:10],
        f"{on_screen(model['quality']['value'])} ({interval(model['quality'])})",
        model["promoted_at"][:10] if model["promoted_at"] else "never",
    ]


def _role(report: Mapping[str, Any]) -> str:
    return report["role"] or "kept, in no role"
