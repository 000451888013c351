"""Importing events: files of any size, in bounded memory, whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from predictive.errors import InvalidInput
from predictive.imports.checks import (
    check_complete_through,
    check_files,
    check_lake_is_read,
    check_timezone,
)
from predictive.imports.columns import EventColumns
from predictive.imports.files import InputFile, open_file
from predictive.imports.loading import Loaded, load
from predictive.imports.orders import ORDER_PROPERTIES
from predictive.imports.properties import ChosenProperties, chosen_properties
from predictive.imports.rejects import Rejects
from predictive.imports.report import ImportReport
from predictive.imports.settling import Settled, settle
from predictive.imports.staging import Staging, stage_file, staging
from predictive.lake.engine import literal
from predictive.progress import NoProgress, Progress

if TYPE_CHECKING:
    import duckdb

    from predictive.lake import Lake
    from predictive.workspace import Workspace


def import_events(
    workspace: Workspace,
    files: Sequence[Path],
    columns: EventColumns,
    *,
    timezone: str = "UTC",
    complete_through: datetime | None = None,
    progress: Progress | None = None,
    group_orders: bool = True,
    now: datetime | None = None,
) -> ImportReport:
    """Append the events of files to the workspace's lake.

    Events that are there already are left out: importing a file twice adds nothing. Without
    an id column, an event's id is a hash of its row and of its place among identical rows of
    the file, so that identical rows stay as many as they are. All files land in one commit.

    Parameters
    ----------
    workspace
        The workspace.
    files
        CSV, Parquet or JSON Lines files, gzip-packed or not.
    columns
        Which columns hold what.
    timezone
        IANA name of the zone of naive times.
    complete_through
        Up to when the data is complete, exclusive; None when the last event tells.
    progress
        Told of every stage.
    group_orders
        Whether rows with the same order id become one event, when an order column is given.
    now
        The present, by which times in the future are known; the clock's when None.

    Raises
    ------
    InvalidInput
        A file can't be read, a column is missing, or no row is fit to import. The lake is as
        it was before.
    Conflict
        The workspace reads tables in place of the lake.
    """
    progress, now = progress or NoProgress(), now or datetime.now(UTC)
    check_lake_is_read(workspace)
    check_files(files)
    check_timezone(timezone)
    check_complete_through(complete_through, now)
    grouped = group_orders and columns.order is not None
    lake = workspace.lake
    import_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    with staging(lake.staging, import_id) as staged, closing(lake.engine.connect()) as connection:
        connection.execute(f"SET TimeZone = {literal(timezone)}")
        opened = [open_file(connection, Path(file)) for file in files]
        for file in opened:
            columns.check(file.header, file.path.name)
        chosen = chosen_properties(
            opened, columns, lake.properties, list(ORDER_PROPERTIES) if grouped else []
        )
        rows = _stage(connection, staged, opened, columns, chosen, now, lake, progress)
        connection.execute("SET TimeZone = 'UTC'")
        settled, rejects = settle(
            connection, staged, opened, columns, chosen.names,
            noun="property",
            known={name: found.type for name, found in lake.properties.items()},
            currencies=lake.statistics().currencies,
            rejects_file=workspace.rejects_path / f"{import_id}.jsonl",
        )  # fmt: skip
        _check_covered(complete_through, settled.first, lake)
        loaded = load(
            connection, lake, settled,
            given_ids=columns.id is not None, grouped=grouped, now=now, progress=progress,
        )  # fmt: skip
    lake.compact(progress, overdue=True)
    lake.set_complete_through(complete_through, timezone=timezone)
    report = _report(import_id, opened, rows, settled, loaded, rejects, chosen, lake, grouped)
    workspace.store.imports.add(import_id, "events", report.to_dict(), now)
    return report


def _stage(
    connection: duckdb.DuckDBPyConnection,
    staged: Staging,
    opened: Sequence[InputFile],
    columns: EventColumns,
    chosen: ChosenProperties,
    now: datetime,
    lake: Lake,
    progress: Progress,
) -> int:
    progress.stage("Reading", total=sum(file.path.stat().st_size for file in opened))
    return sum(
        stage_file(
            connection, staged, index, file, columns, chosen.names,
            now=now, buckets=lake.buckets, progress=progress,
        )
        for index, file in enumerate(opened)
    )  # fmt: skip


def _check_covered(complete_through: datetime | None, first: datetime | None, lake: Lake) -> None:
    begin = min(filter(None, (first, lake.statistics().first)), default=None)
    if complete_through and begin and complete_through <= begin:
        raise InvalidInput(
            "complete_through",
            complete_through.isoformat(),
            f"a moment after the first event ({begin.isoformat()})",
        )


def _report(
    import_id: str,
    opened: Sequence[InputFile],
    rows: int,
    settled: Settled,
    loaded: Loaded,
    rejects: Rejects,
    chosen: ChosenProperties,
    lake: Lake,
    grouped: bool,
) -> ImportReport:
    return ImportReport(
        import_id,
        [str(file.path) for file in opened],
        rows,
        loaded.imported,
        loaded.duplicates,
        rejects.counts,
        rejects.examples,
        str(rejects.file) if rejects.file else None,
        settled.first,
        settled.last,
        lake.data_end(),
        grouped_rows=settled.rows if grouped else None,
        unpaid_orders=loaded.unpaid,
        refunds=loaded.refunds,
        unpaid_lines=settled.unpaid if grouped else 0,
        properties={**settled.types, **(ORDER_PROPERTIES if grouped else {})},
        properties_left_out=chosen.left_out,
    )
