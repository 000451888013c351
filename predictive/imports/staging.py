"""First step of an import: every row read once, checked, and laid down by bucket.

Bucket -1 takes the rejected rows. Working on one bucket at a time afterwards bounds the
memory, because identical rows and the lines of one order are of one user.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.imports.columns import EventColumns
from predictive.imports.diagnosis import explained
from predictive.imports.execution import run
from predictive.imports.files import InputFile
from predictive.lake.engine import literal
from predictive.lake.layout import MAX_ID_LENGTH, bucket_sql
from predictive.lake.lock import WriterLock
from predictive.progress import Progress
from predictive.windows import FUTURE_TOLERANCE

if TYPE_CHECKING:
    import duckdb

REJECTED = -1
#: Values that DuckDB keeps for each bucket and thread before it writes them, and the fewest
#: and the most rows that this may be: wide files must not need more memory than long ones.
_FLUSH_VALUES = 1 << 20
_FLUSH_ROWS = (1 << 11, 1 << 16)


_CHECKED = (
    "event_id", "user_id", "name", "time", "product_id", "order_id",
    "amount", "amount_text", "quantity", "quantity_text",
)  # fmt: skip


@dataclass(frozen=True)
class Staging:
    """The folder of one import's unfinished work.

    Parameters
    ----------
    folder
        The folder.
    """

    folder: Path

    def rows(self, bucket: int | None = None) -> str | None:
        """A query for the accepted rows of one bucket, or of all; None when there are none."""
        folders = (
            [part for part in self.folder.glob("*/bucket=*") if part.name != f"bucket={REJECTED}"]
            if bucket is None
            else list(self.folder.glob(f"*/bucket={bucket}"))
        )
        return _files(folders)

    def rejected(self) -> str | None:
        """A query for the rejected rows; None when there are none."""
        return _files(self.folder.glob(f"*/bucket={REJECTED}"))

    def buckets(self) -> list[int]:
        """The buckets that have accepted rows."""
        found = {int(part.name.removeprefix("bucket=")) for part in self.folder.glob("*/bucket=*")}
        return sorted(found - {REJECTED})


@contextmanager
def staging(parent: Path, import_id: str) -> Iterator[Staging]:
    """A folder for one import; those of imports that were killed are cleared away."""
    for left in parent.glob("*.lock"):
        if not WriterLock(left).held_elsewhere():
            shutil.rmtree(left.with_suffix(""), ignore_errors=True)
            left.unlink(missing_ok=True)
    folder = parent / import_id
    lock = parent / f"{import_id}.lock"
    with WriterLock(lock):
        folder.mkdir()
        try:
            yield Staging(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    staged: Staging,
    index: int,
    file: InputFile,
    columns: EventColumns,
    properties: Sequence[str],
    *,
    now: datetime,
    buckets: int,
    progress: Progress,
    timed: bool = True,
) -> int:
    """Check and lay down the rows of a file; how many there are.

    Parameters
    ----------
    connection
        DuckDB; its time zone is that of naive times.
    staged
        Where to.
    index
        The file's place among those of the import.
    file, columns, properties
        What to read.
    now
        Times more than a day later are rejected.
    buckets
        Number of buckets of the lake.
    progress
        Advanced by the file's size in bytes.
    timed
        Whether the rows have times; else the time is null.
    """
    target = staged.folder / f"file{index}"
    values = {**_values(file, columns, timed=timed), **_property_values(file, properties)}
    listed = ", ".join(f'{sql} AS "predictive:{name}"' for name, sql in values.items())
    kept = [name for name in values if name not in ("amount_text", "quantity_text")]
    chosen = ", ".join(f'"predictive:{name}" AS {name}' for name in kept)
    bucket = bucket_sql('"predictive:user_id"', buckets)
    fewest, most = _FLUSH_ROWS
    flush_rows = min(most, max(fewest, _FLUSH_VALUES // len(kept)))
    connection.execute(f"SET partitioned_write_flush_threshold = {flush_rows}")
    query = f"""
        SELECT {index} AS file, {chosen}, problem,
            CASE WHEN problem IS NOT NULL THEN {file.shown_row} END AS "row",
            CASE WHEN problem IS NULL THEN {bucket} ELSE {REJECTED} END AS bucket
        FROM (SELECT *, {_problem(columns, file, now, timed=timed)} AS problem
            FROM (SELECT *, {listed} FROM {file.relation}))
    """
    with explained(file.path):
        return run(
            connection,
            f"COPY ({query}) TO {literal(str(target))} "
            "(FORMAT parquet, PARTITION_BY (bucket), COMPRESSION lz4_raw)",
            progress,
            file.path.stat().st_size,
        )


def _values(file: InputFile, columns: EventColumns, *, timed: bool) -> dict[str, str]:
    def text(name: str | None) -> str:
        return "CAST(NULL AS VARCHAR)" if name is None else file.columns[name].text

    def number(name: str | None) -> str:
        return "CAST(NULL AS DOUBLE)" if name is None else file.columns[name].number

    code = columns.currency_code(file.header)
    name = literal(columns.event_name) if columns.event_name else text(columns.event)
    # The name is part of it: one file may be imported under two names.
    row_hash = f"md5(concat({literal(columns.event_name or '')}, chr(31), {file.row}))"
    return {
        "event_id": text(columns.id) if columns.id else row_hash,
        "user_id": text(columns.user),
        "name": name,
        "time": file.columns[columns.time].moment if timed else "CAST(NULL AS TIMESTAMPTZ)",
        "amount_text": text(columns.amount),
        "amount": number(columns.amount),
        "quantity_text": text(columns.quantity),
        "quantity": number(columns.quantity),
        "currency": literal(code) if code else f"nullif(upper(trim({text(columns.currency)})), '')",
        "product_id": f"nullif({text(columns.product)}, '')",
        "order_id": f"nullif({text(columns.order)}, '')",
    }


def _property_values(file: InputFile, properties: Sequence[str]) -> dict[str, str]:
    values = {}
    for index, name in enumerate(properties):
        column = file.columns.get(name)
        parts = (
            column.as_property()
            if column
            else ("CAST(NULL AS VARCHAR)", "CAST(NULL AS DOUBLE)", "CAST(NULL AS BOOLEAN)")
        )
        for kind, sql in zip(("text", "number", "flag"), parts, strict=True):
            values[f"p{index}_{kind}"] = sql
    return values


def _problem(columns: EventColumns, file: InputFile, now: datetime, *, timed: bool) -> str:
    latest = literal((now + FUTURE_TOLERANCE).isoformat())
    checks = [
        *_id_checks("user_id", "user id", required=True),
        ("contains({user_id}, chr(0))", "user id with a NUL character"),
        *_id_checks("name", "event name", required=True),
        *([("{time} IS NULL OR NOT isfinite({time})", "unreadable time")] if timed else []),
        ("epoch_us({time}) < 0", "time before 1970"),
        (f"{{time}} > TIMESTAMPTZ {latest}", "time in the future"),
        *_number_check("amount"),
        *_number_check("quantity"),
        *(_id_checks("event_id", "event id", required=True) if columns.id else []),
        *_id_checks("product_id", "product id", required=False),
        *_id_checks("order_id", "order id", required=False),
    ]
    if any(column.kind == "json" for column in file.columns.values()):
        checks.insert(0, ("json_type(json) <> 'OBJECT'", "not a JSON object"))
    quoted = {name: f'"predictive:{name}"' for name in _CHECKED}
    whens = " ".join(
        f"WHEN {condition.format(**quoted)} THEN {literal(reason)}" for condition, reason in checks
    )
    return f"CASE {whens} END"


def _id_checks(column: str, noun: str, *, required: bool) -> list[tuple[str, str]]:
    value = f"{{{column}}}"
    checks = [
        (f"length({value}) > {MAX_ID_LENGTH}", f"{noun} longer than {MAX_ID_LENGTH} characters")
    ]
    if required:
        checks.insert(0, (f"{value} IS NULL OR trim({value}) = ''", f"empty {noun}"))
    return checks


def _number_check(column: str) -> list[tuple[str, str]]:
    condition = (
        f"nullif(trim({{{column}_text}}), '') IS NOT NULL "
        f"AND NOT coalesce(isfinite({{{column}}}), false)"
    )
    return [(condition, f"{column} is not a finite number")]


def _files(folders: Iterable[Path]) -> str | None:
    files = sorted(file for folder in folders for file in folder.glob("*.parquet"))
    if not files:
        return None
    names = ", ".join(literal(str(file)) for file in files)
    return f"SELECT * FROM read_parquet([{names}], hive_partitioning=false)"
