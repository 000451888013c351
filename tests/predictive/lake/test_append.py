"""Appending to the lake: what is new, what is a replay, and what is refused."""

from __future__ import annotations

from datetime import UTC

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictive.errors import InvalidInput
from predictive.lake import Lake
from predictive.lake.layout import bucket_of, bucket_sql, property_column, property_name
from tests.predictive.lake.rows import attributes, day, events, read

X = pa.field("property_x", pa.float64())


def test_events_come_back_as_they_were(lake: Lake) -> None:
    rows = [
        {"user_id": "u1", "time": day(1), "amount": 2.5, "product_id": "p"},
        {"user_id": "u2", "time": day(2), "name": "session"},
    ]
    assert lake.append_events(events(rows)) == 2

    found = lake.tables().events.order_by("event_id").to_pyarrow().to_pylist()

    assert [row["user_id"] for row in found] == ["u1", "u2"]
    assert [row["time"].astimezone(UTC) for row in found] == [day(1), day(2)]
    assert [row["amount"] for row in found] == [2.5, None]
    assert [row["product_id"] for row in found] == ["p", None]


def test_an_event_is_added_once(lake: Lake) -> None:
    table = events([{"user_id": "u1"}, {"user_id": "u2"}])
    assert lake.append_events(table) == 2
    assert lake.append_events(table) == 0
    twice = events([{"user_id": "u1", "event_id": "a"}, {"user_id": "u1", "event_id": "a"}])
    assert lake.append_events(twice) == 1
    assert lake.tables().events.count().to_pyarrow().as_py() == 3


def test_an_event_id_is_its_users_own(lake: Lake) -> None:
    table = events([{"user_id": "u1", "event_id": "a"}, {"user_id": "u2", "event_id": "a"}])
    assert lake.append_events(table) == 2


def test_a_replayed_transaction_does_nothing(lake: Lake) -> None:
    assert lake.append_events(events([{"user_id": "u1"}]), ("inbox", 7)) == 1
    version = lake.version
    other = events([{"user_id": "u1", "event_id": "other"}])
    assert lake.append_events(other, ("inbox", 7)) == 0
    assert lake.append_events(other, ("inbox", 6)) == 0
    assert lake.version == version
    assert lake.append_events(other, ("inbox", 8)) == 1


def test_a_property_appears_with_the_first_event_that_has_it(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u1", "event_id": "old"}]))
    assert lake.properties == {}
    lake.append_events(
        events([{"user_id": "u1", "event_id": "new", "property_x": 3.0}], properties=[X])
    )
    assert lake.properties["x"].type == "number"
    found = lake.tables().events.select("event_id", "property_x").to_pyarrow().to_pylist()
    assert {row["event_id"]: row["property_x"] for row in found} == {"old": None, "new": 3.0}
    lake.compact()
    (batch,) = read(lake, ["event_id", "property_x"])
    assert {row["event_id"]: row["property_x"] for row in batch} == {"old": None, "new": 3.0}


def test_a_property_of_another_type_is_refused(lake: Lake) -> None:
    lake.append_events(events([{"user_id": "u1", "property_x": 1.0}], properties=[X]))
    text = pa.field("property_x", pa.string())
    with pytest.raises(InvalidInput, match="double"):
        lake.append_events(events([{"user_id": "u1", "property_x": "a"}], properties=[text]))
    assert lake.tables().events.count().to_pyarrow().as_py() == 1


@pytest.mark.parametrize(
    "table",
    [
        events([{"user_id": "u1"}]).append_column("amuont", pa.array([1.0])),
        events([{"user_id": None}]),
        events([{"user_id": "u"}], [pa.field("property_x", pa.int64())]),
        events([{"user_id": "u"}], [X, pa.field("property_X", pa.float64())]),
    ],
    ids=["unknown column", "no user", "unknown type", "names differ in case only"],
)
def test_bad_tables_change_nothing(lake: Lake, table: pa.Table) -> None:
    with pytest.raises(InvalidInput):
        lake.append_events(table)
    assert lake.version == 0


def test_the_newest_attribute_of_a_moment_counts_before_and_after_compaction(lake: Lake) -> None:
    fact = {"user_id": "u1", "name": "country"}
    lake.append_attributes(attributes([{**fact, "text": "GB"}]))
    lake.append_attributes(attributes([{**fact, "text": "FR"}]))
    lake.append_attributes(attributes([{**fact, "text": "DE", "time": day(3)}]))

    def found() -> list[str]:
        return sorted(lake.tables().attributes.to_pyarrow()["text"].to_pylist())

    assert found() == ["DE", "FR"]
    lake.compact()
    assert found() == ["DE", "FR"]


def test_tables_as_of_show_only_what_was_known(lake: Lake) -> None:
    lake.append_events(
        events([{"user_id": "u1", "time": day(1)}, {"user_id": "u1", "time": day(2)}])
    )
    lake.append_attributes(
        attributes(
            [
                {"user_id": "u1", "name": "untimed", "flag": True},
                {"user_id": "u1", "name": "late", "flag": True, "time": day(2)},
            ]
        )
    )
    known = lake.tables(as_of=day(2))
    assert known.events.count().to_pyarrow().as_py() == 1
    assert known.attributes.to_pyarrow()["name"].to_pylist() == ["untimed"]


def test_an_empty_lake_has_empty_tables(lake: Lake) -> None:
    tables = lake.tables()
    assert tables.events.count().to_pyarrow().as_py() == 0
    assert tables.attributes.count().to_pyarrow().as_py() == 0
    assert tables.events.schema()["time"].timezone == "UTC"
    assert read(lake, ["user_id", "time"]) == []


@given(st.text(min_size=1))
def test_buckets_are_the_same_in_python_and_sql(user_id: str) -> None:
    with duckdb.connect() as connection:
        query = f"SELECT {bucket_sql('?', 16)}"
        assert connection.execute(query, [user_id]).fetchall() == [(bucket_of(user_id, 16),)]


def test_buckets_never_change() -> None:
    # A lake is laid out by them: another value here would split its users' histories.
    assert [bucket_of(user, 16) for user in ("abc", "", "user-1", "Ünïcode")] == [8, 9, 3, 7]


@given(st.text(min_size=1))
def test_any_property_name_survives_as_a_plain_column(name: str) -> None:
    column = property_column(name)
    assert column.isascii()
    assert not set(column) & set(" ,;{}()\n\t=.\"'")
    assert property_name(column) == name
