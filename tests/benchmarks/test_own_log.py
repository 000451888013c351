"""A log of one's own: what is read of it, what is left out, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from benchmarks.quality.own_log import own_log

ORDERS = """who,at,what,paid,shop
anna,2024-01-03T10:00:00+02:00,buy,12.50,a
,2024-01-04,buy,1,a
ben,1704067200,look,,b
ben,soon,buy,3,b
anna,2024-01-03T10:00:00+02:00,buy,12.50,a
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "Orders of (2024).csv"
    file.write_text(ORDERS, "utf-8")
    return file


def console() -> tuple[Console, io.StringIO]:
    told = io.StringIO()
    return Console(file=told, width=200), told


def test_rows_are_read_as_the_suite_reads_them_and_the_others_are_told(orders: Path) -> None:
    screen, told = console()
    log = own_log(orders, screen, user="who", time="at", event="what", amount="paid")
    assert log.name == "orders-of-2024"
    assert log.events[["user_id", "event", "shop"]].to_numpy().tolist() == [
        ["ben", "look", "b"],
        ["anna", "buy", "a"],
        ["anna", "buy", "a"],
    ]
    times = ["2024-01-01", "2024-01-03 08:00", "2024-01-03 08:00"]
    assert log.events["time"].tolist() == [pd.Timestamp(time, tz="UTC") for time in times]
    assert log.events["amount"].isna().tolist() == [True, False, False]
    assert "rows, empty user id: 1." in told.getvalue()
    assert "rows, unreadable time: 1." in told.getvalue()


def test_without_a_column_of_events_all_rows_are_alike(orders: Path) -> None:
    log = own_log(orders, console()[0], user="who", time="at")
    assert log.events["event"].unique().tolist() == ["event"]
    assert "amount" not in log.events


@pytest.mark.parametrize(("column", "said"), [("user", "whom"), ("time", "when")])
def test_a_column_that_is_not_there_is_named(orders: Path, column: str, said: str) -> None:
    named = {"user": "who", "time": "at"} | {column: said}
    with pytest.raises(SystemExit, match=f"{column} is '{said}'.*a column of"):
        own_log(orders, console()[0], **named)


def test_a_file_without_a_row_that_fits_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("who,at\n,2024-01-01\n", "utf-8")
    with pytest.raises(SystemExit, match="empty user id"):
        own_log(file, console()[0], user="who", time="at")
