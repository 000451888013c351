"""Importing events from every format: what arrives, once, and as many as there are."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictive.errors import InvalidInput
from predictive.imports import EventColumns, import_events
from predictive.progress import NoProgress
from tests.predictive.imports.conftest import Folder

COLUMNS = EventColumns(user="who", time="at", event="what", amount="paid")
CSV = """who,at,what,paid
u1,2024-01-01T10:00:00Z,purchase,12.50
u1,2024-01-01T10:00:00Z,purchase,12.50
u2,2024-01-02 11:30:00,session,
"""


def found(workspace: Folder) -> list[dict[str, Any]]:
    events = workspace.lake.tables().events.order_by(["user_id", "time", "event_id"])
    return events.to_pyarrow().to_pylist()


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_rows_arrive_and_identical_ones_stay_two(workspace: Folder, tmp_path: Path) -> None:
    report = import_events(workspace, [write(tmp_path / "a.csv", CSV)], COLUMNS)
    assert (report.rows, report.imported, report.duplicates) == (3, 3, 0)
    assert (report.first_time, report.last_time) == (at(2024, 1, 1, 10), at(2024, 1, 2, 11, 30))
    assert report.data_end == at(2024, 1, 2, 11, 30) + timedelta(microseconds=1)
    rows = found(workspace)
    assert [(r["user_id"], r["name"], r["amount"]) for r in rows] == [
        ("u1", "purchase", 12.5),
        ("u1", "purchase", 12.5),
        ("u2", "session", None),
    ]
    assert len({row["event_id"] for row in rows}) == 3


def test_the_same_file_twice_adds_nothing(workspace: Folder, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CSV)
    import_events(workspace, [path], COLUMNS)
    version = workspace.lake.version
    again = import_events(workspace, [path], COLUMNS)
    assert (again.imported, again.duplicates) == (0, 3)
    both = import_events(workspace, [path, path], COLUMNS)
    assert (both.imported, both.duplicates) == (0, 6)
    assert workspace.lake.version == version


def test_overlapping_exports_are_joined(workspace: Folder, tmp_path: Path) -> None:
    old = write(tmp_path / "old.csv", CSV)
    new = write(tmp_path / "new.csv", CSV + "u3,2024-01-03,purchase,1\n")
    report = import_events(workspace, [old, new], COLUMNS)
    assert (report.rows, report.imported, report.duplicates) == (7, 4, 3)


def test_a_third_identical_row_is_new(workspace: Folder, tmp_path: Path) -> None:
    import_events(workspace, [write(tmp_path / "a.csv", CSV)], COLUMNS)
    more = write(tmp_path / "b.csv", CSV + CSV.splitlines()[1] + "\n")
    assert import_events(workspace, [more], COLUMNS).imported == 1


def test_one_file_under_two_names_is_two_kinds_of_events(workspace: Folder, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CSV)
    for name in ("purchase", "item"):
        columns = EventColumns(user="who", time="at", event_name=name)
        assert import_events(workspace, [path], columns).imported == 3


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_every_format_arrives_alike(
    workspace: Folder, tmp_path: Path, form: str, packed: bool
) -> None:
    table = pa.table(
        {
            "who": ["u1", 'Zoë, "the" 2nd'],
            "at": pa.array([at(2024, 1, 1, 10), at(2024, 1, 2)], pa.timestamp("us", "UTC")),
            "what": ["purchase", "session"],
            "paid": [12.5, None],
            "size": [3, 4],
            "gift": [True, None],
            "note": ["a,b\nc", None],
        }
    )
    path = tmp_path / f"events.{form}"
    if form == "csv":
        pacsv.write_csv(table, path)
    elif form == "parquet":
        pq.write_table(table, path, compression="gzip" if packed else "snappy")
    else:
        rows = [{k: v for k, v in row.items() if v is not None} for row in table.to_pylist()]
        path.write_text("\n".join(json.dumps(row, default=datetime.isoformat) for row in rows))
    if packed and form != "parquet":
        path = path.with_suffix(f".{form}.gz")
        path.write_bytes(gzip.compress((tmp_path / f"events.{form}").read_bytes()))

    columns = EventColumns("who", "at", "what", amount="paid", properties="all")
    report = import_events(workspace, [path], columns)

    assert report.properties == {"size": "number", "gift": "flag", "note": "text"}
    shown = ("user_id", "name", "amount", "property_size", "property_gift", "property_note")
    assert [tuple(row[name] for name in shown) for row in found(workspace)] == [
        ('Zoë, "the" 2nd', "session", None, 4.0, None, None),
        ("u1", "purchase", 12.5, 3.0, True, "a,b\nc"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-01", at(2024, 6, 30, 22)),
        ("2024-07-01 12:00", at(2024, 7, 1, 10)),
        ("2024-07-01T12:00:00.25", at(2024, 7, 1, 10, 0, 0, 250_000)),
        ("2024-07-01T12:00:00Z", at(2024, 7, 1, 12)),
        ("2024-07-01T12:00:00+05:30", at(2024, 7, 1, 6, 30)),
        ("20240701", at(2024, 6, 30, 22)),
        ("1719835200", at(2024, 7, 1, 12)),
        ("1719835200123", at(2024, 7, 1, 12, 0, 0, 123_000)),
        ("1719835200123456", at(2024, 7, 1, 12, 0, 0, 123_456)),
    ],
)
def test_times_in_a_time_zone(
    workspace: Folder, tmp_path: Path, text: str, expected: datetime
) -> None:
    path = write(tmp_path / "a.csv", f"who,at\nu,{text}\n")
    columns = EventColumns("who", "at", event_name="x")
    report = import_events(workspace, [path], columns, timezone="Europe/Berlin")
    assert report.first_time == expected
    if text == "2024-07-01":
        assert report.data_end == at(2024, 7, 1, 22), "a date stands for its whole local day"


@pytest.mark.parametrize(
    "kind", [pa.timestamp("s"), pa.timestamp("ns"), pa.date32(), pa.timestamp("ms", "UTC")]
)
def test_typed_times(workspace: Folder, tmp_path: Path, kind: pa.DataType) -> None:
    times = pa.array([datetime(2024, 7, 1)]).cast(pa.timestamp("s")).cast(kind)  # noqa: DTZ001
    pq.write_table(pa.table({"who": [7], "at": times}), tmp_path / "a.parquet")
    columns = EventColumns("who", "at", event_name="x")
    report = import_events(workspace, [tmp_path / "a.parquet"], columns, timezone="Asia/Tokyo")
    local = at(2024, 7, 1) if getattr(kind, "tz", None) else at(2024, 6, 30, 15)
    assert report.first_time == local
    assert found(workspace)[0]["user_id"] == "7"


def test_given_ids_are_kept_and_unique_for_a_user(workspace: Folder, tmp_path: Path) -> None:
    text = "who,at,id\nu1,2024-01-01,a\nu1,2024-01-02,a\nu2,2024-01-01,a\n"
    columns = EventColumns("who", "at", event_name="x", id="id")
    report = import_events(workspace, [write(tmp_path / "a.csv", text)], columns)
    assert (report.imported, report.duplicates) == (2, 1)
    rows = found(workspace)
    assert [(r["user_id"], r["event_id"], r["time"].day) for r in rows] == [
        ("u1", "a", 1),
        ("u2", "a", 1),
    ]


def test_a_property_keeps_its_first_type(workspace: Folder, tmp_path: Path) -> None:
    columns = EventColumns("who", "at", event_name="x", properties=["size"])
    first = write(tmp_path / "a.csv", "who,at,size\nu,2024-01-01,1\n")
    import_events(workspace, [first], columns)
    second = write(tmp_path / "b.csv", "who,at,size\nu,2024-01-02,2\nu,2024-01-03,XL\n")
    report = import_events(workspace, [second], columns)
    assert report.imported == 1
    assert report.rejected == {"property size is not a number": 1}
    assert workspace.lake.properties["size"].type == "number"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", ""], "number"),
        (["1", "XL"], "text"),
        (["007", "012"], "text"),
        (["12345678901234567890"], "text"),
        (["true", "False"], "flag"),
        (["nan", "1"], "text"),
        (["1_000"], "text"),
    ],
)
def test_types_fit_all_values(
    workspace: Folder, tmp_path: Path, values: list[str], kind: str
) -> None:
    text = "who,at,p\n" + "".join(f"u,2024-01-01,{value}\n" for value in values)
    columns = EventColumns("who", "at", event_name="x", properties="all")
    report = import_events(workspace, [write(tmp_path / "a.csv", text)], columns)
    assert report.properties == {"p": kind}
    assert report.imported == len(values)


def test_too_many_properties_are_counted_and_named(workspace: Folder, tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(203)]
    text = f"who,at,{','.join(names)},amount\nu,2024-01-01,{','.join('1' * 203)},5\n"
    columns = EventColumns("who", "at", event_name="x", properties="all")
    report = import_events(workspace, [write(tmp_path / "a.csv", text)], columns)
    assert len(report.properties) == 200
    assert report.properties_left_out == ["p200", "p201", "p202", "amount"]


def test_currency_is_a_column_or_a_code(workspace: Folder, tmp_path: Path) -> None:
    text = "who,at,paid,cur\nu,2024-01-01,1,eur\nu,2024-01-02,1,EUR\nu,2024-01-03,1,USD\n"
    path = write(tmp_path / "a.csv", text)
    columns = EventColumns("who", "at", event_name="x", amount="paid", currency="cur")
    report = import_events(workspace, [path], columns)
    assert report.rejected == {"mixed currency": 1}
    assert {row["currency"] for row in found(workspace)} == {"EUR"}
    other = EventColumns("who", "at", event_name="y", amount="paid", currency="USD")
    with pytest.raises(InvalidInput, match="one currency"):
        import_events(workspace, [path], other)


def test_complete_through_is_kept(workspace: Folder, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CSV)
    report = import_events(workspace, [path], COLUMNS, complete_through=at(2024, 2, 1))
    assert report.data_end == workspace.lake.data_end() == at(2024, 2, 1)


def test_progress_reaches_its_end(workspace: Folder, tmp_path: Path) -> None:
    class Listener(NoProgress):
        def __init__(self) -> None:
            self.stages: list[list[Any]] = []

        def stage(self, name: str, total: float | None = None) -> None:
            self.stages.append([name, total, 0.0])

        def advance(self, amount: float = 1.0) -> None:
            self.stages[-1][2] += amount

    listener = Listener()
    import_events(workspace, [write(tmp_path / "a.csv", CSV)], COLUMNS, progress=listener)
    assert [name for name, _, _ in listener.stages] == ["Reading", "Sorting"]
    assert all(done == pytest.approx(total) for _, total, done in listener.stages)


hostile = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=5),
    column=hostile.filter(lambda name: name.strip()),
)
def test_hostile_text_survives_every_format(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], column: str
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    if column.casefold() in ("who", "at", "what"):
        return
    records = [
        {"who": who, "at": "2024-01-01", "what": what, column: value} for who, what, value in rows
    ]
    pq.write_table(pa.Table.from_pylist(records), folder / "a.parquet")
    (folder / "a.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records))
    columns = EventColumns("who", "at", "what", properties=[column])
    expected = sorted(
        (who, what, value) for who, what, value in rows if who.strip(" ") and what.strip(" ")
    )
    for name in ("a.parquet", "a.jsonl"):
        workspace = Folder(folder / f"workspace-{name}")
        workspace.rejects_path.mkdir(parents=True)
        workspace.lake.create()
        try:
            import_events(workspace, [folder / name], columns)
        except InvalidInput:
            assert not expected or column in ("amount", "quantity")
            continue
        held = workspace.lake.properties[column].column
        got = sorted((r["user_id"], r["name"], r[held]) for r in found(workspace))
        assert got == expected
