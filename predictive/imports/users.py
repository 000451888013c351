"""Importing what is known of users: a wide file, each column but two an attribute."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import InvalidInput
from predictive.imports.checks import check_lake_is_read, check_timezone
from predictive.imports.columns import EventColumns, check_column
from predictive.imports.files import open_file
from predictive.imports.report import ImportReport
from predictive.imports.settling import Settled, settle
from predictive.imports.staging import stage_file, staging
from predictive.lake.engine import identifiers, literal, stream
from predictive.lake.layout import ATTRIBUTE_ORDER, MAX_PROPERTIES
from predictive.lake.snapshot import latest_facts
from predictive.progress import NoProgress, Progress
from predictive.tables import PropertyType

if TYPE_CHECKING:
    import duckdb

    from predictive.lake import Lake
    from predictive.workspace import Workspace

_COMPARED = ("user_id", "name", "time", "number", "text", "flag")


def import_users(
    workspace: Workspace,
    file: Path,
    user: str,
    time: str | None = None,
    *,
    timezone: str = "UTC",
    progress: Progress | None = None,
    now: datetime | None = None,
) -> ImportReport:
    """Add attributes of users from a file with one row a user, or a user and time.

    Each other column becomes an attribute: a number, a flag or a text, as fits its values
    best. An empty cell says nothing. Of facts about the same user, name and time, the one
    imported last counts; without a time column they count as always true.

    Parameters
    ----------
    workspace
        The workspace.
    file
        A CSV, Parquet or JSON Lines file, gzip-packed or not.
    user, time
        Columns of the user's id and, if there is one, of the time since when the rest is true.
    timezone
        IANA name of the zone of naive times.
    progress
        Told of every stage.
    now
        The present, by which times in the future are known; the clock's when None.

    Raises
    ------
    InvalidInput
        The file can't be read, a column is missing, or no row is fit to import.
    Conflict
        The workspace reads tables in place of the lake.
    """
    progress, now = progress or NoProgress(), now or datetime.now(UTC)
    check_lake_is_read(workspace)
    check_timezone(timezone)
    lake, path = workspace.lake, Path(file)
    import_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    with staging(lake.staging, import_id) as staged, closing(lake.engine.connect()) as connection:
        connection.execute(f"SET TimeZone = {literal(timezone)}")
        opened = open_file(connection, path)
        names, left_out = _attributes(opened.header, user, time, path)
        # A column stands for the time that an untimed file does not have; it is not read.
        columns = EventColumns(user, time or user, event_name="attributes")
        progress.stage("Reading", total=path.stat().st_size)
        rows = stage_file(
            connection, staged, 0, opened, columns, names,
            now=now, buckets=lake.buckets, progress=progress, timed=time is not None,
        )  # fmt: skip
        connection.execute("SET TimeZone = 'UTC'")
        settled, rejects = settle(
            connection, staged, [opened], columns, names,
            noun="attribute",
            known=lake.statistics().attributes,
            currencies=(),
            rejects_file=workspace.rejects_path / f"{import_id}.jsonl",
        )  # fmt: skip
        facts, imported = _load(connection, lake, settled, now, progress)
    lake.compact(progress, overdue=True)
    report = ImportReport(
        import_id,
        [str(path)],
        rows,
        imported,
        facts - imported,
        rejects.counts,
        rejects.examples,
        str(rejects.file) if rejects.file else None,
        settled.first,
        settled.last,
        lake.data_end() if lake.statistics().rows else None,
        properties=settled.types,
        properties_left_out=left_out,
    )
    workspace.store.imports.add(import_id, "users", report.to_dict(), now)
    return report


def _attributes(
    header: Sequence[str], user: str, time: str | None, path: Path
) -> tuple[list[str], list[str]]:
    check_column("user", user, header, path.name)
    if time is not None:
        check_column("time", time, header, path.name)
    others = [name for name in header if name not in (user, time)]
    names = [name for name in others if name.strip()][:MAX_PROPERTIES]
    if not names:
        raise InvalidInput("file", str(path), "a file with a column beside those of user and time")
    return names, [name for name in others if name not in set(names)]


def _load(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    settled: Settled,
    now: datetime,
    progress: Progress,
) -> tuple[int, int]:
    """Add the facts that are new or have changed; how many there are, and how many were added."""
    facts = 0
    with lake.attribute_writer() as writer:
        buckets = settled.staging.buckets()
        progress.stage("Sorting", total=len(buckets))
        for bucket in buckets:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE facts AS {_facts(settled, bucket, now)}"
            ).fetchall()
            facts += connection.execute("SELECT count(*) FROM facts").fetchall()[0][0]
            writer.write(bucket, stream(connection, _changed(connection, lake, bucket)))
            progress.advance()
        return facts, writer.commit()


def _facts(settled: Settled, bucket: int, now: datetime) -> str:
    """The cells of a bucket's rows as facts, of which one user, name and time has one."""
    rows = f"SELECT * FROM ({settled.staging.rows(bucket)}) WHERE ({settled.problem}) IS NULL"
    parts = [
        f"SELECT user_id, {literal(name)} AS name, time, {_cells(i, settled.types[name])}, "
        f"TIMESTAMPTZ {literal(now.isoformat())} AS received_at FROM ({rows}) "
        f"WHERE p{i}_{settled.types[name]} IS NOT NULL"
        for i, name in enumerate(settled.names)
        if name in settled.types
    ]
    return latest_facts(" UNION ALL ".join(parts))


def _cells(index: int, kind: PropertyType) -> str:
    return ", ".join(
        f"p{index}_{kind} AS {kind}" if name == kind else f"CAST(NULL AS {sql_type}) AS {name}"
        for name, sql_type in (("number", "DOUBLE"), ("text", "VARCHAR"), ("flag", "BOOLEAN"))
    )


def _changed(connection: duckdb.DuckDBPyConnection, lake: Lake, bucket: int) -> str:
    known = lake.snapshot().attributes_sql(connection, [bucket])
    same = " AND ".join(f"new.{name} IS NOT DISTINCT FROM known.{name}" for name in _COMPARED)
    order = identifiers(ATTRIBUTE_ORDER)
    return f"SELECT new.* FROM facts AS new ANTI JOIN ({known}) AS known ON {same} ORDER BY {order}"
