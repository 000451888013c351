"""A log of one's own, read as the suite's import reads it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pandas as pd
from rich.console import Console

import predictive
from benchmarks.quality.event_log import COLUMNS, EventLog, event_log
from predictive.errors import InvalidInput
from predictive.imports.report import ImportReport
from predictive.sources import open_source

#: What every row is called where no column says what happened.
EVENT = "event"
_NAME_LENGTH = 24


def own_log(
    file: Path,
    console: Console,
    *,
    user: str,
    time: str,
    event: str | None = None,
    amount: str | None = None,
) -> EventLog:
    """The events of a file, as every method gets them; says which rows are left out, and why.

    Parameters
    ----------
    file
        CSV, Parquet or JSON Lines, as ``predictive import events`` takes them.
    console
        Told of the rows that can't be imported.
    user, time, event, amount
        Names of its columns; without ``event`` all rows are alike.

    Raises
    ------
    SystemExit
        The file can't be read, a column is not there, or no row is fit to import.
    """
    columns = predictive.EventColumns(
        user=user,
        time=time,
        event=event,
        event_name=None if event else EVENT,
        amount=amount,
        properties="all",
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        predictive.Workspace.create(Path(folder) / "workspace") as workspace,
    ):
        try:
            report = predictive.import_events(workspace, [file], columns)
        except InvalidInput as error:
            raise SystemExit(str(error)) from None
        for line in _left_out(report):
            console.print(f"Left out of {file.name}: {line}.", style="yellow", markup=False)
        events = _events(workspace, amounts=amount is not None)
    return event_log(_name(file), events)


def _name(file: Path) -> str:
    """Short, and fit to begin a prediction's name."""
    words = re.sub("[^a-z0-9]+", "-", file.name.partition(".")[0].lower()).strip("-")
    return words[:_NAME_LENGTH].strip("-") or "log"


def _left_out(report: ImportReport) -> list[str]:
    rows = [f"rows, {reason}: {count:,}" for reason, count in report.rejected.items()]
    return rows + [f"column {name!r}" for name in report.properties_left_out]


def _events(workspace: predictive.Workspace, *, amounts: bool) -> pd.DataFrame:
    tables = open_source(workspace).tables()
    columns = {"user_id": "user_id", "name": "event", "time": "time"}
    columns |= {"amount": "amount"} if amounts else {}
    for name, held in tables.properties.items():
        if name not in (*COLUMNS, "amount"):
            columns[held.column] = name
    return tables.events.select(*columns).to_pyarrow().to_pandas().rename(columns=columns)
