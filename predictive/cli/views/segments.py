"""Segments, as people read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from predictive.cli.views.layout import facts, grid, next_steps, sentence, title
from predictive.cli.views.words import count, moment


def view_count(console: Console, report: dict[str, Any]) -> None:
    """How many there would be."""
    title(console, "Would have", f"{count(report['users'])} people")
    facts(console, _basis(report))


def view_segment(console: Console, report: dict[str, Any]) -> None:
    """One segment."""
    title(console, report.get("change", "segment").capitalize(), report["name"])
    facts(
        console,
        [
            *([("about", report["description"])] if report["description"] else []),
            ("members", f"{count(report['users'])} people"),
            ("version", str(report["version"])),
            *_basis(report),
        ],
    )
    name = report["name"]
    next_steps(
        console, [(f"predictive segments members {name} --out {name}.parquet", "who they are")]
    )


def view_segments(console: Console, report: dict[str, Any]) -> None:
    """All segments, a line each."""
    if not report["segments"]:
        sentence(console, "There is no segment yet.")
        next_steps(console, [("predictive segments save FILE", "make the first")])
        return
    grid(
        console,
        ["Segment", "Members", "As of", "Version"],
        [
            [
                segment["name"],
                count(segment["users"]) if segment["users"] is not None else "not read yet",
                moment(segment["as_of"]) if segment["as_of"] else "",
                str(segment["version"]),
            ]
            for segment in report["segments"]
        ],
        copied=True,
    )


def view_export(console: Console, report: dict[str, Any]) -> None:
    """What was written."""
    title(console, "Written", f"{count(report['users'])} members of {report['segment']}")
    facts(console, [("file", report["out"]), *_basis(report)])


def view_changes(console: Console, report: dict[str, Any]) -> None:
    """Who came and who went."""
    title(console, "Changes", f"{report['segment']} since {moment(report['since'])}")
    facts(
        console,
        [
            (word, f"{count(report[word]['users'])} people{_some(report[word]['user_ids'])}")
            for word in ("entered", "left")
        ],
    )


def view_deleted(console: Console, report: dict[str, Any]) -> None:
    """That it is gone."""
    title(console, "Deleted", f"segment {report['segment']}")


def _basis(report: dict[str, Any]) -> list[tuple[str, str]]:
    runs = ", ".join(f"{name} (run {run})" for name, run in report["runs"].items())
    return [("as of", moment(report["as_of"])), *([("scores", runs)] if runs else [])]


def _some(ids: list[str]) -> str:
    return f": {', '.join(ids)}" if ids else ""
