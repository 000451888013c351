"""What can't be imported: one clear error, or rows rejected with their reason."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive.errors import InvalidInput
from predictive.imports import EventColumns, import_events, import_users
from tests.predictive.imports.conftest import Folder

COLUMNS = EventColumns(user="who", time="at", event="what", amount="paid", id="id")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
GOOD = {"who": "u", "at": "2024-01-01", "what": "x", "paid": "1", "id": "1"}


def imported(workspace: Folder, path: Path, columns: EventColumns = COLUMNS, **options: object):
    return import_events(workspace, [path], columns, now=NOW, **options)


def csv_of(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(GOOD), *(",".join(f'"{row[key]}"' for key in GOOD) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


BAD_ROWS = [
    ({"who": ""}, "empty user id", "user"),
    ({"who": "  "}, "empty user id", "user"),
    ({"who": "x" * 1_000_000}, "user id longer than 256 characters", "user"),
    ({"who": "a\0b"}, "user id with a NUL character", "user"),
    ({"what": ""}, "empty event name", "event"),
    ({"what": "x" * 257}, "event name longer than 256 characters", "event"),
    ({"at": ""}, "unreadable time", "time"),
    ({"at": "yesterday"}, "unreadable time", "time"),
    ({"at": "2024-02-30"}, "unreadable time", "time"),
    ({"at": "infinity"}, "unreadable time", "time"),
    ({"at": "1969-12-31"}, "time before 1970", "time"),
    ({"at": "2024-06-02T00:00:01Z"}, "time in the future", "time"),
    ({"paid": "12,50"}, "amount is not a finite number", "amount"),
    ({"paid": "NaN"}, "amount is not a finite number", "amount"),
    ({"paid": "inf"}, "amount is not a finite number", "amount"),
    ({"paid": "1e999"}, "amount is not a finite number", "amount"),
    ({"id": ""}, "empty event id", "id"),
    ({"id": "x" * 257}, "event id longer than 256 characters", "id"),
]


@pytest.mark.parametrize(("change", "reason", "field"), BAD_ROWS)
def test_a_bad_row_is_rejected_with_its_reason(
    workspace: Folder, tmp_path: Path, change: dict[str, str], reason: str, field: str
) -> None:
    report = imported(workspace, csv_of(tmp_path / "a.csv", GOOD, GOOD | change))
    assert (report.rows, report.imported, report.rejected) == (2, 1, {reason: 1})
    (example,) = report.examples
    assert example["reason"] == reason
    assert len(json.dumps(example)) < 1000
    (kept,) = Path(report.rejects_file).read_text().splitlines()
    expected = {key: value or None for key, value in (GOOD | change).items()}
    assert json.loads(kept) == {
        "reason": reason,
        "file": str(tmp_path / "a.csv"),
        "row": expected,
    }


def test_every_reason_is_shown_with_its_first_rows(workspace: Folder, tmp_path: Path) -> None:
    rows = [GOOD | {"paid": text} for text in ("a", "b", "c", "d", "e", "f")]
    file = csv_of(tmp_path / "a.csv", GOOD, *rows, GOOD | {"who": ""}, GOOD | {"at": "soon"})
    report = imported(workspace, file)
    assert list(report.rejected.values()) == [6, 1, 1]
    assert [(each["reason"], each["row"]) for each in report.examples] == [
        ("amount is not a finite number", rows[0]),
        ("empty user id", GOOD | {"who": None}),
        ("unreadable time", GOOD | {"at": "soon"}),
    ]
    alone = imported(workspace, csv_of(tmp_path / "b.csv", GOOD | {"id": "2"}, *rows))
    assert [each["row"]["paid"] for each in alone.examples] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("change", "reason", "field"), BAD_ROWS[:1] + BAD_ROWS[7:8] + BAD_ROWS[12:13]
)
def test_nothing_but_bad_rows_is_an_error(
    workspace: Folder, tmp_path: Path, change: dict[str, str], reason: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        imported(workspace, csv_of(tmp_path / "a.csv", GOOD | change))
    assert caught.value.field == field
    assert caught.value.value == (next(iter(change.values())) or None)
    assert workspace.lake.version == 0
    assert list(workspace.lake.staging.iterdir()) == []


def test_nan_in_parquet_is_rejected(workspace: Folder, tmp_path: Path) -> None:
    table = pa.table(
        {"who": ["a", "b", "c"], "at": ["2024-01-01"] * 3, "paid": [1.0, float("nan"), None]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    columns = EventColumns("who", "at", event_name="x", amount="paid")
    report = imported(workspace, tmp_path / "a.parquet", columns)
    assert report.rejected == {"amount is not a finite number": 1}
    assert report.imported == 2


def test_json_that_is_no_object_is_rejected(workspace: Folder, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"who": "u", "at": 1704067200}\n[1]\n7\n')
    columns = EventColumns("who", "at", event_name="x")
    assert imported(workspace, path, columns).rejected == {"not a JSON object": 2}


HEADER = b"who,at,what,paid,id\n"
ROW = b"u,2024-01-01,x,1,1\n"
WHOLE_GZIP = gzip.compress(HEADER + ROW * 50_000)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "an existing file"),
        ("empty.csv", b"", "not empty"),
        ("header.csv", HEADER, "rows below its header"),
        ("latin.csv", HEADER + "Zoë,2024-01-01,x,1,1\n".encode("latin-1"), "UTF-8"),
        ("utf16.csv", (HEADER + ROW).decode().encode("utf-16"), "UTF-8"),
        ("late-latin.csv", HEADER + ROW * 9999 + b"\xe9,2024-01-01,x,1,1\n", "UTF-8"),
        ("short.csv", HEADER + ROW + b"u,2024-01", "truncated"),
        ("quote.csv", HEADER + ROW + b'u,"2024-01-01,x,1,1\n', "truncated"),
        ("half.csv.gz", WHOLE_GZIP[: len(WHOLE_GZIP) // 2], "whole gzip file"),
        ("not.csv.gz", HEADER + ROW, "whole gzip file"),
        ("half.jsonl", b'{"who": "u", "at": "2024-01-01"}\n{"who": ', "Line 2"),
        ("array.json", b'[{"who": "u"}]', "one JSON object a line"),
        ("mark.jsonl", b'\xef\xbb\xbf{"who": "u", "at": "2024-01-01"}', "byte order mark"),
        ("latin.jsonl", '{"who": "Zoë", "at": "2024-01-01"}'.encode("latin-1"), "UTF-8"),
        ("not.parquet", b"PAR1 and then nothing", "whole Parquet file"),
        ("book.xlsx", b"PK", "CSV"),
        ("twice.csv", b"who,who\na,b\n", "one column"),
    ],
)
def test_a_bad_file_is_one_clear_error(
    workspace: Folder, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    good = csv_of(tmp_path / "good.csv", GOOD)
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    columns = EventColumns("who", "at", event_name="x")
    with pytest.raises(InvalidInput, match=message) as caught:
        import_events(workspace, [good, path], columns, now=NOW)
    assert str(path)[-20:-5] in str(caught.value)
    assert workspace.lake.version == 0
    assert list(workspace.lake.staging.iterdir()) == []


def test_a_truncated_parquet_file(workspace: Folder, tmp_path: Path) -> None:
    table = pa.table({"who": ["a"] * 1000, "at": ["2024-01-01"] * 1000})
    pq.write_table(table, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match="whole Parquet file"):
        imported(workspace, tmp_path / "a.parquet", EventColumns("who", "at", event_name="x"))


@pytest.mark.parametrize(
    ("columns", "field", "hint"),
    [
        (EventColumns("whom", "at", "what"), "user", "Did you mean 'who'?"),
        (EventColumns("who", "att", "what"), "time", "Did you mean 'at'?"),
        (EventColumns("who", "at", "what", amount="paid_"), "amount", "Did you mean 'paid'?"),
        (EventColumns("who", "at", "what", currency="eur"), "currency", "There is"),
        (EventColumns("who", "at", "what", properties=["paidd"]), "properties", "'paid'"),
        (EventColumns("who", "at", "what", properties=["amount"]), "properties", "There is"),
    ],
)
def test_a_missing_column_names_the_nearest(
    workspace: Folder, tmp_path: Path, columns: EventColumns, field: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        imported(workspace, csv_of(tmp_path / "a.csv", GOOD), columns)
    assert caught.value.field == field
    assert hint in str(caught.value)


def test_a_property_can_not_take_the_name_of_a_core_column(
    workspace: Folder, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("who,at,amount\nu,2024-01-01,1\n")
    columns = EventColumns("who", "at", event_name="x", properties=["amount"])
    with pytest.raises(InvalidInput, match="--amount"):
        imported(workspace, tmp_path / "a.csv", columns)


def test_properties_that_differ_only_in_case(workspace: Folder, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"who": ["u"], "at": ["2024-01-01"], "Size": [1], "size": [2]}),
        tmp_path / "a.parquet",
    )
    columns = EventColumns("who", "at", event_name="x", properties="all")
    with pytest.raises(InvalidInput, match="upper and lower case"):
        imported(workspace, tmp_path / "a.parquet", columns)
    one = EventColumns("who", "at", event_name="x", properties=["size"])
    imported(workspace, tmp_path / "a.parquet", one)
    assert workspace.lake.tables().events.to_pyarrow()["property_size"].to_pylist() == [2.0]


@pytest.mark.parametrize("names", [{}, {"event": "what", "event_name": "x"}, {"event_name": " "}])
def test_events_need_one_name(names: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="event"):
        EventColumns("who", "at", **names)


def test_unclear_options(workspace: Folder, tmp_path: Path) -> None:
    path = csv_of(tmp_path / "a.csv", GOOD)
    with pytest.raises(InvalidInput, match="Europe/London"):
        imported(workspace, path, timezone="Europe/Lodnon")
    with pytest.raises(InvalidInput, match="complete_through"):
        imported(workspace, path, complete_through=datetime(2025, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="after the first event"):
        imported(workspace, path, complete_through=datetime(2023, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="one or more files"):
        import_events(workspace, [], COLUMNS)
    assert workspace.lake.version == 0


def test_users_files_have_the_same_errors(workspace: Folder, tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("who,country\nu,GB\n,FR\n")
    with pytest.raises(InvalidInput, match="Did you mean 'who'"):
        import_users(workspace, path, "whom")
    with pytest.raises(InvalidInput, match="time"):
        import_users(workspace, path, "who", "since")
    assert import_users(workspace, path, "who").rejected == {"empty user id": 1}
    path.write_text("who\nu\n")
    with pytest.raises(InvalidInput, match="a column beside"):
        import_users(workspace, path, "who")
