"""Backups, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, next_steps, sentence, title
from predictive.cli.views.words import count, moment

_SHOWN = 10


def view_backup(console: Console, report: dict[str, Any]) -> None:
    """A backup that was made."""
    title(console, "Backup made", report["file"])
    size = f"{report['bytes'] / 1e6:,.1f} MB in {count(report['files'])} files"
    facts(console, [("size", size), *_content(report)])
    _say_missing(console, report)
    next_steps(console, [(f"predictive restore {report['file']} DIR", "to get it back")])


def view_restored(console: Console, report: dict[str, Any]) -> None:
    """A workspace that was made from a backup."""
    title(console, "Workspace restored", report["workspace"])
    facts(console, [("as of", moment(report["created_at"])), *_content(report)])
    _say_missing(console, report)
    next_steps(
        console,
        [
            ("export PREDICTIVE_WORKSPACE=" + report["workspace"], "so that you need not name it"),
            ("predictive list", "what is there"),
        ],
    )


def _content(report: dict[str, Any]) -> list[tuple[str, str]]:
    mlflow = "its runs are in it" if report["mlflow"] == "included" else "kept elsewhere: not in it"
    return [
        ("predictions", count(report["predictions"])),
        ("models", count(report["models"])),
        ("runs", count(report["runs"])),
        ("database", report["database"]),
        ("MLflow", mlflow),
    ]


def _say_missing(console: Console, report: dict[str, Any]) -> None:
    missing = report["missing"]
    if missing:
        listed = ", ".join(missing[:_SHOWN]) + (", …" if len(missing) > _SHOWN else "")
        text = f"{count(len(missing))} files belong to the workspace and were not there: {listed}"
        sentence(console, text, "yellow")
