"""Rows that can't be imported: why, how many, and where they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from predictive.errors import InvalidInput
from predictive.imports.columns import EventColumns
from predictive.imports.files import InputFile
from predictive.lake.engine import literal
from predictive.lake.layout import MAX_ID_LENGTH

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 5
_SHOWN_CHARACTERS = 200

_ID = f"1 to {MAX_ID_LENGTH} characters"
_TIME = "ISO 8601 such as 2024-01-31T12:00:00Z, or Unix time"
_NUMBER = "a finite number with a decimal point, such as 12.50"

#: Each reason with the field that it is about and what is allowed.
REASONS: Mapping[str, tuple[str, str]] = {
    "empty user id": ("user", _ID),
    f"user id longer than {MAX_ID_LENGTH} characters": ("user", _ID),
    "user id with a NUL character": ("user", "text without NUL characters"),
    "empty event name": ("event", _ID),
    f"event name longer than {MAX_ID_LENGTH} characters": ("event", _ID),
    "unreadable time": ("time", _TIME),
    "time before 1970": ("time", "a time since 1970"),
    "time in the future": ("time", "a time until now"),
    "amount is not a finite number": ("amount", _NUMBER),
    "quantity is not a finite number": ("quantity", _NUMBER),
    "empty event id": ("id", _ID),
    f"event id longer than {MAX_ID_LENGTH} characters": ("id", _ID),
    f"product id longer than {MAX_ID_LENGTH} characters": ("product", _ID),
    f"order id longer than {MAX_ID_LENGTH} characters": ("order", _ID),
    "mixed currency": ("currency", "one currency in a workspace"),
    "not a JSON object": ("file", "JSON Lines: one JSON object a line"),
}


@dataclass(frozen=True)
class Rejects:
    """The rejected rows of an import.

    Parameters
    ----------
    counts
        Of each reason, how many.
    examples
        The first of each reason: a rare mistake is shown as well.
    file
        The file with all of them, or None.
    """

    counts: Mapping[str, int]
    examples: Sequence[Mapping[str, Any]]
    file: Path | None


def write_rejects(
    connection: duckdb.DuckDBPyConnection,
    queries: Iterable[str],
    files: Sequence[InputFile],
    target: Path,
) -> Rejects:
    """Write rejected rows to a JSON Lines file.

    Parameters
    ----------
    connection
        DuckDB.
    queries
        Each for rows with ``reason``, ``file`` (its place in ``files``) and ``row`` (JSON).
    files
        The files of the import.
    target
        The file to write.
    """
    parts = " UNION ALL ".join(queries)
    if not parts:
        return Rejects({}, (), None)
    names = ", ".join(literal(str(file.path)) for file in files)
    query = f"SELECT reason, [{names}][file + 1] AS file, CAST(row AS JSON) AS row FROM ({parts})"
    # One pass for both: with as many rows as there may be, a look for each reason is too many.
    found = connection.execute(
        f"SELECT reason, count(*), min_by(file, place, {EXAMPLES}), "
        f"min_by(CAST(row AS VARCHAR), place, {EXAMPLES}) "
        f"FROM (SELECT *, row_number() OVER () AS place FROM ({query})) "
        "GROUP BY reason ORDER BY 2 DESC, 1"
    ).fetchall()
    if not found:
        return Rejects({}, (), None)
    connection.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT json)").fetchall()
    counts = {reason: count for reason, count, *_ in found}
    shown = found[:EXAMPLES]
    examples = [
        {"reason": reason, "file": file, "row": _cut(json.loads(row))}
        for reason, _, files_of, rows in shown
        for file, row in list(zip(files_of, rows, strict=True))[: EXAMPLES // len(shown)]
    ]
    return Rejects(counts, examples, target)


def nothing_left(rejects: Rejects, columns: EventColumns | None = None) -> InvalidInput:
    """The error of an import that rejected every row, about the commonest reason."""
    reason, count = next(iter(rejects.counts.items()))
    field, allowed = REASONS.get(reason, ("properties", "values of the type seen first"))
    example = next((e["row"] for e in rejects.examples if e["reason"] == reason), None)
    name = getattr(columns, field, None) if columns else None
    # A row that was read well but does not fit the others has the fields' own names.
    value = example.get(name, example.get(field)) if isinstance(example, dict) else example
    return InvalidInput(
        field,
        value,
        allowed,
        f"Every row was rejected, {count} with the reason {reason!r}; see {rejects.file}.",
    )


def _cut(row: object) -> object:
    if not isinstance(row, dict):
        return row
    return {
        key: f"{value[:_SHOWN_CHARACTERS]}… (cut)"
        if isinstance(value, str) and len(value) > _SHOWN_CHARACTERS
        else value
        for key, value in row.items()
    }
