"""Second step of an import: what only all rows together can tell.

The types of new properties, the currency, which rows do not fit them, and whether anything is
left to import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import Failure
from predictive.imports.columns import EventColumns
from predictive.imports.files import InputFile
from predictive.imports.properties import conflicts, settled_types
from predictive.imports.rejects import Rejects, nothing_left, write_rejects
from predictive.imports.staging import Staging
from predictive.lake.engine import literal
from predictive.tables import PropertyType

if TYPE_CHECKING:
    import duckdb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN = (
    "user_id", "name", "time", "amount", "quantity", "currency", "product_id", "order_id",
)  # fmt: skip


@dataclass(frozen=True)
class Settled:
    """Staged rows that are fit to import.

    Parameters
    ----------
    staging
        Where they stand.
    files
        How many files they came from.
    names
        The properties that were read, in the order of their staged columns.
    types
        The type of each that has values.
    problem
        SQL expression that is null for rows that fit.
    rows
        How many fit.
    unpaid
        How many of them have an amount of 0.
    first, last
        The span of their times; None when they have none.
    """

    staging: Staging
    files: int
    names: Sequence[str]
    types: Mapping[str, PropertyType]
    problem: str
    rows: int
    unpaid: int
    first: datetime | None
    last: datetime | None


def settle(
    connection: duckdb.DuckDBPyConnection,
    staged: Staging,
    files: Sequence[InputFile],
    columns: EventColumns,
    names: Sequence[str],
    *,
    noun: str,
    known: Mapping[str, PropertyType],
    currencies: Sequence[str],
    rejects_file: Path,
) -> tuple[Settled, Rejects]:
    """Settle types and currency, and write the rows that are rejected.

    Parameters
    ----------
    connection
        DuckDB.
    staged, files, columns, names
        The import: its rows, files, mapping and property columns.
    noun
        What the property columns become: properties or attributes.
    known
        Types that are settled already.
    currencies
        Currencies that the lake has already.
    rejects_file
        Where to write rejected rows.

    Raises
    ------
    InvalidInput
        Every row is rejected; the message tells the commonest reason.
    """
    rows = staged.rows()
    types = settled_types(connection, rows, names, known) if rows else {}
    unfit = {
        f"{noun} {name} is not a {types[name]}": condition
        for name, condition in conflicts(names, types).items()
    }
    unfit |= _other_currency(connection, rows, currencies) if rows else {}
    problem = _case(unfit)
    parts = [_unread(staged), _unfit(rows, problem, names) if rows and unfit else None]
    rejects = write_rejects(connection, filter(None, parts), files, rejects_file)
    count, unpaid, *span = _figures(connection, rows, problem) if rows else (0, 0, None, None)
    if not count:
        if not rejects.counts:
            raise Failure("The import read no rows from files that have some.")
        raise nothing_left(rejects, columns)
    first, last = (None if us is None else _EPOCH + timedelta(microseconds=us) for us in span)
    return Settled(staged, len(files), names, types, problem, count, unpaid, first, last), rejects


def _figures(
    connection: duckdb.DuckDBPyConnection, rows: str, problem: str
) -> tuple[int, int, int | None, int | None]:
    found: tuple[int, int, int | None, int | None] = connection.execute(
        "SELECT count(*), count(*) FILTER (amount = 0), epoch_us(min(time)), epoch_us(max(time)) "
        f"FROM ({rows}) WHERE ({problem}) IS NULL"
    ).fetchall()[0]
    return found


def _other_currency(
    connection: duckdb.DuckDBPyConnection, rows: str, currencies: Sequence[str]
) -> dict[str, str]:
    counted = connection.execute(
        f"SELECT currency FROM ({rows}) WHERE currency IS NOT NULL "
        "GROUP BY currency ORDER BY count(*) DESC, currency"
    ).fetchall()
    known = [*currencies, *(row[0] for row in counted)]
    if len(set(known)) < 2:
        return {}
    return {"mixed currency": f"currency <> {literal(known[0])}"}


def _case(reasons: Mapping[str, str]) -> str:
    whens = " ".join(f"WHEN {sql} THEN {literal(reason)}" for reason, sql in reasons.items())
    return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"


def _unread(staged: Staging) -> str | None:
    rejected = staged.rejected()
    return rejected and f'SELECT problem AS reason, file, "row" FROM ({rejected})'


def _unfit(rows: str, problem: str, names: Sequence[str]) -> str:
    values = [f"{literal(column)}, {column}" for column in _SHOWN]
    values += [
        f"{literal(name)}, coalesce(p{i}_text, CAST(p{i}_number AS VARCHAR), "
        f"CAST(p{i}_flag AS VARCHAR))"
        for i, name in enumerate(names)
    ]
    return (
        f"SELECT {problem} AS reason, file, json_object({', '.join(values)}) AS row "
        f"FROM ({rows}) WHERE ({problem}) IS NOT NULL"
    )
