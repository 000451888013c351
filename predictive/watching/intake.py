"""What imports told: far more rows than usual that were there already, or could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.alarms import level
from evaluation.jumps import share_jumped
from predictive.store.imports import Import
from predictive.watching.findings import FALSE_ALERTS_A_YEAR, AlertKind, Finding, Verdict
from predictive.wording.sentence import Sentence
from predictive.workspace import Workspace

KINDS: tuple[AlertKind, ...] = ("duplicates_jumped", "rejects_jumped")
_LOOKED_AT = 60
_IMPORTS_A_YEAR = 2 * 365
#: Increases of the share of rows that are worth telling.
_PRACTICAL: Mapping[AlertKind, float] = {"duplicates_jumped": 0.1, "rejects_jumped": 0.02}
_FEWEST_ROWS = 20


def intake(workspace: Workspace) -> Verdict:
    """Compare the newest import of each kind with those before it.

    An import that brought nothing new repeats an earlier one, and one of a few rows tells
    nothing: neither is compared.
    """
    imports = workspace.store.imports.list(limit=_LOOKED_AT)
    findings: list[Finding] = []
    report: dict[str, int] = {}
    for noun in sorted({one.kind for one in imports}):
        compared = [one for one in reversed(imports) if one.kind == noun and _tells(one.report)]
        report[noun] = len(compared)
        # What is known of users mostly stays as it is: rows without news are no duplicates.
        kinds: Sequence[AlertKind] = KINDS if noun == "events" else ("rejects_jumped",)
        findings.extend(_finding(kind, noun, compared) for kind in kinds if _jumped(kind, compared))
    return Verdict(KINDS, findings, {"imports": report})


def _tells(report: Mapping[str, Any]) -> bool:
    return bool(report["rows"] >= _FEWEST_ROWS and report["imported"] > 0)


def _jumped(kind: AlertKind, imports: Sequence[Import]) -> bool:
    counted = [_counted(kind, one.report) for one in imports]
    budget = FALSE_ALERTS_A_YEAR["imports"] / len(KINDS)
    return share_jumped(
        [hits for hits, _ in counted],
        [rows for _, rows in counted],
        alpha=level(_IMPORTS_A_YEAR, budget),
        practical=_PRACTICAL[kind],
    )


def _counted(kind: AlertKind, report: Mapping[str, Any]) -> tuple[int, int]:
    """Rows that count, and rows among which they were found."""
    if kind == "rejects_jumped":
        return sum(report["rejected"].values()), report["rows"]
    # Where rows were grouped into orders, it is orders that are new or not.
    return report["duplicates"], report["duplicates"] + report["imported"]


def _finding(kind: AlertKind, noun: str, imports: Sequence[Import]) -> Finding:
    newest = imports[-1]
    hits, rows = _counted(kind, newest.report)
    before = [_counted(kind, one.report) for one in imports[:-1]]
    usual = sum(found for found, _ in before) / max(1, sum(total for _, total in before))
    return Finding(
        kind,
        noun,
        Sentence(
            "{share:.1%} of the rows of import {name} ({noun}) were refused; it was {usual:.1%} in "
            "the {imports} imports before it."
            if kind == "rejects_jumped"
            else "{share:.1%} of the rows of import {name} ({noun}) were there already; it was "
            "{usual:.1%} in the {imports} imports before it.",
            share=hits / rows,
            name=newest.import_id,
            noun=noun,
            usual=usual,
            imports=len(before),
        ),
        {
            "import_id": newest.import_id,
            "share": hits / rows,
            "usual": usual,
            "rows": rows,
            "rejected": dict(newest.report["rejected"]),
            "files": list(newest.report["files"]),
        },
    )
