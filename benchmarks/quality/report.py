"""docs/benchmarks.md: the part that ``make bench-quality`` writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.honesty_tables import honesty_tables
from benchmarks.quality.markdown import (
    hindsight,
    shown_against,
    shown_p,
    shown_share,
    table,
)
from benchmarks.quality.methods import SUITE
from benchmarks.quality.results import with_answers

BEGIN = "<!-- quality: begin; `make bench-quality` writes what follows -->"
END = "<!-- quality: end -->"
HONESTY_BEGIN = "<!-- honesty: begin; `make bench-quality` writes what follows -->"
HONESTY_END = "<!-- honesty: end -->"
#: Below this a difference is told as one.
SIGNIFICANT = 0.05


def write_page(document: dict[str, Any], page: Path, pictures: Sequence[Path]) -> None:
    """Write tables and pictures of all methods into the page."""
    _replace(page, BEGIN, END, _sections(document, page, pictures))


def write_honesty(found: dict[str, Any], page: Path, picture: Path) -> None:
    """Write what became of the suite's own figures into the page."""
    shown = f"![{picture.stem.replace('-', ' ')}]({picture.relative_to(page.parent)})"
    sections = [
        _made_by(found["code_versions"], f"; intervals and bands by `{found['judged_by']}`"),
        honesty_tables(found),
        shown,
    ]
    _replace(page, HONESTY_BEGIN, HONESTY_END, sections)


def _replace(page: Path, begin: str, end: str, sections: Iterable[str]) -> None:
    """Replace what stands between two marks.

    Raises
    ------
    ValueError
        When the page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{page} holds no {begin!r} and {end!r}.")
    before, after = text.split(begin)[0], text.split(end)[1]
    written = "\n\n".join(sections)
    page.write_text(f"{before}{begin}\n\n{written}\n\n{end}{after}", encoding="utf-8")


def _sections(document: dict[str, Any], page: Path, pictures: Sequence[Path]) -> Iterable[str]:
    libraries = ", ".join(f"{name} {found}" for name, found in document["libraries"].items())
    yield _made_by(
        document["suite_versions"],
        f", Python {document['python']}, {libraries}; the peers' versions stand in "
        "`benchmarks/quality/peers/*.txt`",
    )
    yield "### What was asked\n\n" + _tasks(document)
    yield "### Who ranks best\n\n" + _standing(document)
    yield _areas(document)
    for picture in pictures:
        yield f"![{picture.stem.replace('-', ' ')}]({picture.relative_to(page.parent)})"
    yield "### Other measures\n\n" + _suite_measures(document)
    for name, heading, digits in (
        ("lift_top_decile", "Lift in the top decile; more is better", 2),
        ("brier", "Brier score; less is better", 4),
        ("ece", "Expected calibration error (10 bins of equal mass); less is better", 4),
    ):
        yield f"{heading}:\n\n" + _measure(document, name, digits)
    if gaps := _gaps(document):
        yield "### What is missing\n\n" + gaps


def _made_by(versions: Sequence[str], more: str) -> str:
    return f"Answers of the suite at {', '.join(f'`{one}`' for one in versions)}{more}."


def _tasks(document: dict[str, Any]) -> str:
    rows = [
        (
            f"`{task['name']}`",
            task["question"],
            ", ".join(task["cutoffs"]),
            ", ".join(
                f"{positives:,} of {users:,}"
                for positives, users in zip(task["positives"], task["users"], strict=True)
            ),
        )
        for task in document["tasks"]
    ]
    return table(("task", "question", "cut-offs (00:00Z)", "came true"), rows)


def _standing(document: dict[str, Any]) -> str:
    found, against = document["ranks"], document["cutoffs"]
    rows = []
    for name, rank in sorted(found["mean"].items(), key=lambda each: each[1]):
        p = found.get("wilcoxon_p", {}).get(name)
        label = document["methods"][name]
        rows.append(
            (
                f"**{label}**" if name == SUITE else label,
                f"{rank:.2f}",
                *shown_against(against["by_method"].get(name)),
                "" if p is None else shown_p(p),
                _won(document, name),
                shown_share(against if name == SUITE else against["best_of_others"].get(name)),
            )
        )
    shown = table(
        (
            "method",
            "mean rank",
            "suite's AUC minus its, mean",
            "cut-offs with the suite no worse",
            "Wilcoxon p (Holm)",
            "tasks on which the suite is better / worse (p < 0.05)",
            "cut-offs with it no worse than the best of all others",
        ),
        rows,
        right=range(1, 7),
    )
    text = (
        f"Mean rank by AUC over {found['tasks']} tasks, on the {found['cutoffs']} cut-offs that "
        "all of these methods have answered. Friedman's p is "
        f"{shown_p(found['friedman_p'])}; Nemenyi's critical difference at 5 % is "
        f"{found['critical_difference']:.2f} ranks."
    )
    return f"{text}\n\n{shown}\n\n{hindsight(against)}"


def _won(document: dict[str, Any], name: str) -> str:
    if name == SUITE:
        return ""
    found = [task["suite_minus"][name] for task in document["tasks"] if name in task["suite_minus"]]
    told = [one["auc"] for one in found if one["p"] < SIGNIFICANT]
    better = sum(gap > 0 for gap in told)
    return f"{better} / {len(told) - better} of {len(found)}"


def _areas(document: dict[str, Any]) -> str:
    text = (
        "AUC, mean over the cut-offs. * the suite is better, + the suite is worse, p < 0.05 by "
        "DeLong's paired test clustered by user; † fewer cut-offs than the others. **Bold** is "
        "the best of the row."
    )
    return f"{text}\n\n" + _measure(document, "auc", 3, _area_mark, best=max)


def _area_mark(task: dict[str, Any], name: str) -> str:
    paired = task["suite_minus"].get(name)
    fewer = len(task["methods"][name]["cutoffs"]) < len(task["cutoffs"])
    mark = "†" if fewer else ""
    if paired is None or paired["p"] >= SIGNIFICANT:
        return mark
    return mark + ("\\*" if paired["auc"] > 0 else "+")


def _measure(
    document: dict[str, Any],
    measure: str,
    digits: int,
    mark: Any = lambda *_: "",
    best: Any = None,
) -> str:
    """One measure: a row a task, a column a method."""
    names = with_answers(document)
    rows = []
    for task in document["tasks"]:
        values = {
            name: (task["methods"][name] or {}).get(measure)
            for name in names
        }  # fmt: skip
        whole = [
            round(value, digits)
            for name, value in values.items()
            if value is not None and "†" not in mark(task, name)
        ]
        top = best(whole) if best and whole else None
        cells = []
        for name, value in values.items():
            if value is None:
                cells.append("—")
                continue
            text = f"{value:.{digits}f}"
            shown = f"**{text}**" if top is not None and round(value, digits) == top else text
            cells.append(shown + mark(task, name))
        rows.append((f"`{task['name']}`", *cells))
    labels = [document["methods"][name] for name in names]
    return table(("task", *labels), rows, right=range(1, len(names) + 1))


def _suite_measures(document: dict[str, Any]) -> str:
    rows = []
    for task in document["tasks"]:
        found = task["methods"][SUITE]
        if found is None:
            continue
        quality = found["quality"]
        interval = (
            "" if quality["low"] is None else f" ({quality['low']:.0f}–{quality['high']:.0f})"
        )
        rows.append(
            (
                f"`{task['name']}`",
                f"{quality['value']:.1f}{interval}",
                f"{found['mean_lift_quality']:.3f}",
                *(_hits(found["cutoffs"], number) for number in range(2)),
            )
        )
    text = (
        "Of the suite: Prediction Quality with its 95 % interval, mean-lift quality, and true "
        "positives at a score of 50 and of 75, summed over the cut-offs:"
    )
    headings = ("task", "Prediction Quality", "mean-lift quality",
                "expected / actual at 50", "expected / actual at 75")  # fmt: skip
    return f"{text}\n\n" + table(headings, rows, right=range(1, 5))


def _hits(cutoffs: Sequence[dict[str, Any]], number: int) -> str:
    found = [row["true_positives"][number] for row in cutoffs if "true_positives" in row]
    expected, actual = (sum(one[key] for one in found) for key in ("expected", "actual"))
    return f"{expected:,.0f} / {actual:,}"


def _gaps(document: dict[str, Any]) -> str:
    lines = []
    shown, listed = len(document["tasks"]), document["list"]
    cutoffs = sum(len(task["cutoffs"]) for task in document["tasks"])
    if cutoffs < listed["cutoffs"]:
        lines.append(
            f"- These are {shown} of the list's {listed['tasks']} tasks and {cutoffs} of its "
            f"{listed['cutoffs']} cut-offs; the others have not been asked yet."
        )
    for name, label in document["methods"].items():
        asked = sum(len(task["cutoffs"]) for task in document["tasks"])
        ran = sum(
            len(found["cutoffs"])
            for task in document["tasks"]
            if (found := task["methods"][name]) is not None
        )
        if ran < asked:
            lines.append(f"- {label}: {ran} of {asked} cut-offs have an answer.")
    lines += [
        f"- `{gap['task']}` {gap['cutoff']}, {document['methods'][gap['method']]}: {gap['reason']}"
        for gap in document["not_possible"]
    ]
    if left := [document["methods"][name] for name in document["ranks"].get("left_out", [])]:
        lines.append(
            f"- Not among the ranks, for want of answers: {', '.join(left)}; compared in pairs "
            "where they did answer."
        )
    return "\n".join(lines)
