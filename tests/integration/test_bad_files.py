"""Files that can't be imported, rows that can't, and odd ids that can."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive import Workspace
from predictive.cli.main import exit_code
from tests.integration.conftest import NAME, ODD_IDS, Refused
from tests.integration.refusals import check_line, state, the_error

PREDICTIVE = Path(sys.executable).with_name("predictive")
HEADER = "who,at,what,paid\n"
ROW = "u,2024-01-05,purchase,1\n"
COLUMNS = ("--user", "who", "--time", "at", "--event", "what", "--amount", "paid")
MANY = (HEADER + "".join(f"u{i},2024-01-05,purchase,{i}\n" for i in range(50_000))).encode()
JSON_ROW = b'{"who": "u", "at": "2024-01-05", "what": "purchase", "paid": 1}\n'


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    row = {"who": "u", "at": "2024-01-05", "what": "purchase", "paid": 1.0}
    pq.write_table(pa.Table.from_pylist([row] * 1000), sink)
    return bytes(sink.getvalue())


FILES = [
    ("missing.csv", None, "existing"),
    ("empty.csv", b"", "not empty"),
    ("empty.parquet", b"", "not empty"),
    ("header.csv", HEADER.encode(), "rows"),
    ("utf16.csv", (HEADER + ROW).encode("utf-16"), "UTF-8"),
    ("utf16.csv.gz", gzip.compress((HEADER + ROW).encode("utf-16")), "UTF-8"),
    ("latin.csv", (HEADER + ROW + "Zoë,2024-01-05,visit,\n").encode("latin-1"), "UTF-8"),
    ("latin.jsonl", JSON_ROW + '{"who": "Zoë"}'.encode("latin-1"), "UTF-8"),
    ("cut.csv", (HEADER + ROW).encode() + b"u,2024-0", "as many values"),
    ("half.csv.gz", gzip.compress(MANY)[:50_000], "whole gzip"),
    ("end.csv.gz", gzip.compress(MANY)[:-3], "whole gzip"),
    ("half.jsonl.gz", gzip.compress(JSON_ROW * 5000)[:-20], "whole gzip"),
    ("half.jsonl", JSON_ROW + JSON_ROW[:20], "JSON object a line"),
    ("half.parquet", parquet()[:-100], "whole Parquet"),
    ("csv.parquet", (HEADER + ROW).encode(), "whole Parquet"),
    ("binary.csv", bytes(range(256)) * 10, "UTF-8"),
    ("book.xlsx", b"PK", "CSV"),
]


@pytest.mark.parametrize(("name", "content", "allowed"), FILES, ids=[name for name, *_ in FILES])
def test_files_that_can_not_be_read(
    refuse: Refused, tmp_path: Path, name: str, content: bytes | None, allowed: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    for command in (("events", file, *COLUMNS), ("users", file, "--user", "who")):
        error = refuse("import", *command)
        assert error["field"] == "file"
        assert allowed in error["allowed"]
        assert name in error["message"]


@pytest.mark.parametrize(
    ("options", "field", "value", "suggestion"),
    [
        (("--user", "whoo"), "user", "'whoo'", "'who'"),
        (("--time", "att"), "time", "'att'", "'at'"),
        (("--event", "waht"), "event", "'waht'", "'what'"),
        (("--amount", "pai"), "amount", "'pai'", "'paid'"),
        (("--properties", "colour"), "properties", "'colour'", "There is at, paid"),
        (("--currency", "EURO"), "currency", "'EURO'", "There is"),
        (("--timezone", "Europe/Lodnon"), "timezone", "'Europe/Lodnon'", "'Europe/London'"),
        (("--complete-through", "2199-01-01"), "complete_through", "'2199-01-01T", "until"),
        (("--complete-through", "2001-01-01"), "complete_through", "'2001-01-01T", "first"),
        (("--complete-through", "soon"), "--complete-through", "'soon'", "ISO 8601"),
    ],
)
def test_columns_and_options_that_do_not_fit(
    refuse: Refused,
    tmp_path: Path,
    options: tuple[str, str],
    field: str,
    value: str,
    suggestion: str,
) -> None:
    file = tmp_path / "events.csv"
    file.write_text(HEADER + ROW)
    error = refuse("import", "events", file, *COLUMNS, *options)
    assert error["field"] == field
    assert error["value"].startswith(value)
    assert suggestion in error["message"]


ROWS = [
    ("u,yesterday,purchase,1", "time", "'yesterday'", "unreadable time"),
    ("u,2024-02-30,purchase,1", "time", "'2024-02-30'", "unreadable time"),
    ("u,2199-01-01,purchase,1", "time", "'2199-01-01'", "time in the future"),
    (",2024-01-05,purchase,1", "user", "None", "empty user id"),
    ("x" * 1_000_000 + ",2024-01-05,purchase,1", "user", "'xxx", "longer than 256"),
    ("a\0b,2024-01-05,purchase,1", "user", r"'a\x00b'", "NUL"),
    ('u,2024-01-05,purchase,"12,50"', "amount", "'12,50'", "not a finite number"),
    ("u,2024-01-05,purchase,NaN", "amount", "'NaN'", "not a finite number"),
    ("u,2024-01-05,purchase,-inf", "amount", "'-inf'", "not a finite number"),
    ("u,2024-01-05,,1", "event", "None", "empty event name"),
]


@pytest.mark.parametrize(("row", "field", "value", "reason"), ROWS, ids=range(len(ROWS)))
def test_rows_that_can_not_be_read(
    refuse: Refused, tmp_path: Path, row: str, field: str, value: str, reason: str
) -> None:
    file = tmp_path / "events.csv"
    file.write_text(f"{HEADER}{row}\n", encoding="utf-8")
    error = refuse("import", "events", file, *COLUMNS)
    assert error["field"] == field
    assert error["value"].startswith(value)
    assert reason in error["hint"]
    assert error["allowed"]


def test_a_second_currency(
    capsys: pytest.CaptureFixture[str], refuse: Refused, tmp_path: Path
) -> None:
    workspace, file = tmp_path / "workspace", tmp_path / "events.csv"
    assert exit_code(["init", "--workspace", str(workspace)]) == 0
    file.write_text("who,at,what,paid,cur\nu,2024-01-05,purchase,1,EUR\n")
    command = ["import", "events", str(file), *COLUMNS]
    assert exit_code([*command, "--currency", "cur", "--workspace", str(workspace)]) == 0
    file.write_text("who,at,what,paid,cur\nu,2024-01-06,purchase,1,USD\n")
    for currency, value in (("cur", "'USD'"), ("GBP", "'GBP'")):
        error = refuse(*command, "--currency", currency, workspace=workspace)
        assert (error["field"], error["value"]) == ("currency", value)
        assert "one currency" in error["allowed"]
    capsys.readouterr()


@pytest.mark.slow
def test_odd_ids_come_through_to_the_scores(odd_workspace: Path, http: httpx.Client) -> None:
    written = pd.read_parquet(odd_workspace.parent / "scores.parquet").set_index("user_id")
    assert set(ODD_IDS) <= set(written.index)
    with Workspace.open(odd_workspace) as workspace:
        found = workspace.store.scores.get_many(NAME, ODD_IDS)
    assert set(found) == set(ODD_IDS)
    for user in ODD_IDS:
        assert found[user].score == written.loc[user, "score"]
        one = http.get(f"/v1/predictions/{NAME}/scores/{quote(user, safe='')}")
        assert one.status_code == 200, user
        assert one.json()["user_id"] == user
    many = http.post(f"/v1/predictions/{NAME}/scores", json={"user_ids": ODD_IDS}).json()
    assert [score["user_id"] for score in many["scores"]] == ODD_IDS


@pytest.mark.slow
def test_a_real_process_says_it_alike(odd_workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("name: x\nkind: chrun\n")
    before = state(odd_workspace)
    for arguments, field in (
        (("apply", tmp_path / "x.yaml"), "kind"),
        (("import", "events", tmp_path / "missing.csv", *COLUMNS), "file"),
        (("train", NAME, "--seed", "many"), "--seed"),
    ):
        command = [PREDICTIVE, *arguments, "--workspace", odd_workspace]
        for_people = subprocess.run(command, capture_output=True, text=True, check=False)
        assert for_people.returncode == 2
        check_line(for_people.stdout, for_people.stderr)
        for_programs = subprocess.run(
            [*command, "--json"], capture_output=True, text=True, check=False
        )
        assert for_programs.returncode == 2
        assert the_error(for_programs.stdout)["field"] == field
        assert json.loads(for_programs.stdout)["error"]["message"] in for_people.stderr
    assert state(odd_workspace) == before
