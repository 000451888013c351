"""The results as pictures: the same figures give the same file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.quality.methods import SUITE
from benchmarks.quality.results import with_answers

_STYLE = {"svg.hashsalt": "predictive", "font.size": 9, "axes.spines.top": False,
          "axes.spines.right": False}  # fmt: skip
_OURS, _OTHERS, _FAINT = "#0b6e4f", "#3b5b92", "#9aa5b1"
_NORMAL_95 = 1.96


def draw(document: dict[str, Any], folder: Path) -> list[Path]:
    """Write the pictures of all methods; their paths in the order of the page."""
    with mpl.rc_context(_STYLE):
        return [
            _saved(_ranks(document), folder / "quality-mean-ranks.svg"),
            _saved(_differences(document), folder / "quality-auc-differences.svg"),
        ]


def draw_honesty(found: dict[str, Any], folder: Path) -> Path:
    """Write the picture of true positives, expected and actual."""
    with mpl.rc_context(_STYLE):
        return _saved(_expected(found), folder / "quality-expected-and-actual.svg")


def _saved(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    return path


def _ranks(document: dict[str, Any]) -> Figure:
    found = document["ranks"]
    placed = sorted(found["mean"].items(), key=lambda each: -each[1])
    figure, axes = plt.subplots(figsize=(7, 0.32 * len(placed) + 0.8))
    values = [rank for _, rank in placed]
    colours = [_OURS if name == SUITE else _OTHERS for name, _ in placed]
    axes.barh([document["methods"][name] for name, _ in placed], values, color=colours, height=0.6)
    for place, value in enumerate(values):
        axes.text(value + 0.05, place, f"{value:.2f}", va="center")
    distance = found["critical_difference"]
    if distance is not None and SUITE in found["mean"]:
        axes.axvline(found["mean"][SUITE] + distance, color=_FAINT, linestyle="--", linewidth=1)
    axes.set_xlabel(
        f"mean rank over {found['tasks']} tasks, 1 is best; "
        "dashed: the critical difference from the suite"
    )
    return figure


def _differences(document: dict[str, Any]) -> Figure:
    names = [name for name in with_answers(document) if name != SUITE]
    tasks = [task["name"] for task in document["tasks"]]
    columns = 3
    lines = -(-len(names) // columns)
    figure, grid = plt.subplots(
        lines, columns, figsize=(9, lines * (0.17 * len(tasks) + 0.7)),
        sharey=True, squeeze=False, layout="constrained",
    )  # fmt: skip
    for axes, name in zip(grid.flat, names, strict=False):
        for place, task in enumerate(document["tasks"]):
            found = task["suite_minus"].get(name)
            if found is not None:
                axes.errorbar(
                    found["auc"], place, xerr=_NORMAL_95 * found["error"], fmt="o", markersize=3,
                    color=_OURS if found["auc"] >= 0 else "#b23a48", elinewidth=1,
                )  # fmt: skip
        axes.axvline(0, color=_FAINT, linewidth=1)
        axes.set_title(document["methods"][name], fontsize=9)
        axes.set_yticks(range(len(tasks)), tasks, fontsize=7)
        axes.tick_params(axis="x", labelsize=7)
        axes.xaxis.set_major_locator(MaxNLocator(4))
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    grid[0, 0].invert_yaxis()
    figure.supxlabel("the suite's AUC minus the other's, with its paired 95 % interval", fontsize=9)
    return figure


def _expected(honesty: dict[str, Any]) -> Figure:
    figure, both = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for number, axes in enumerate(both):
        found = [pair["true_positives"][number] for pair in honesty["pairs"]]
        found = [one for one in found if one["reached"]]
        for covered, colour in ((True, _OURS), (False, "#b23a48")):
            chosen = [one for one in found if one["covered"] == covered]
            axes.errorbar(
                [one["actual"] for one in chosen],
                [one["expected"] for one in chosen],
                yerr=[
                    [one["expected"] - one["low"] for one in chosen],
                    [one["high"] - one["expected"] for one in chosen],
                ],
                fmt="o", markersize=2.5, color=colour, elinewidth=0.6,
                label="covered" if covered else "not covered",
            )  # fmt: skip
        most = max([one["actual"] for one in found] + [one["high"] for one in found] + [1])
        axes.plot([1, most], [1, most], color=_FAINT, linewidth=1)
        axes.set(xscale="symlog", yscale="symlog", xlabel="actual true positives")
        threshold = honesty["all"]["true_positives"][number]["threshold"]
        axes.set_title(f"score of {threshold:.0f} or more", fontsize=9)
    both[0].set_ylabel("expected, with 90 % interval")
    both[0].legend(frameon=False)
    return figure
