"""The results for whoever sits at the screen."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.quality.markdown import hindsight, shown_against, shown_share
from benchmarks.quality.methods import SUITE


def show(document: dict[str, Any], console: Console) -> None:
    """AUC by task and method, ranks, and the suite against the best other method."""
    console.print(_areas(document))
    if document["ranks"]["mean"]:
        console.print(_ranks(document))
    against = document["cutoffs"]
    if against and against["rows"]:
        console.print(hindsight(against))
    for gap in document["not_possible"]:
        console.print(f"{gap['task']} {gap['cutoff']} {gap['method']}: {gap['reason']}")


def _areas(document: dict[str, Any]) -> Table:
    table = Table(title="AUC, mean over the cut-offs; * worse, + better than the suite (p < 0.05)")
    # On a narrow screen names go on in the next line: cut off they'd all be alike.
    table.add_column("task", overflow="fold")
    table.add_column("users", justify="right", overflow="fold")
    for name in document["methods"]:
        table.add_column(name, justify="right", overflow="fold")
    for task in document["tasks"]:
        asked = f"{min(task['users'])}–{max(task['users'])}"
        table.add_row(task["name"], asked, *(_area(task, name) for name in document["methods"]))
    return table


def _area(task: dict[str, Any], name: str) -> str:
    measured = task["methods"][name]
    if measured is None:
        return "—"
    text = f"{measured['auc']:.3f}"
    if name == SUITE:
        return f"[bold]{text}"
    paired = task["suite_minus"].get(name)
    if paired is None or paired["p"] >= 0.05:
        return text
    return text + ("*" if paired["auc"] > 0 else "+")


def _ranks(document: dict[str, Any]) -> Table:
    found = document["ranks"]
    table = Table(title=f"Mean rank over {found['tasks']} tasks")
    headings = ("method", "mean rank", "suite's AUC minus its", "suite no worse in", "p (Holm)",
                "no worse than the best of all others in")  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "method" else "right")
    against = document["cutoffs"] or {"by_method": {}, "best_of_others": {}}
    for name, rank in sorted(found["mean"].items(), key=lambda each: each[1]):
        p = found.get("wilcoxon_p", {}).get(name)
        table.add_row(
            document["methods"][name],
            f"{rank:.2f}",
            *shown_against(against["by_method"].get(name)),
            "" if p is None else f"{p:.3f}",
            shown_share(against if name == SUITE else against["best_of_others"].get(name)),
        )
    return table
