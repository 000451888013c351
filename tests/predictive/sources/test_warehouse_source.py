"""Existing tables as a source, in real DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pytest

from predictive.configuration import SourceConfig
from predictive.errors import Conflict, InsufficientData, InvalidInput
from predictive.imports import EventColumns, import_events, import_users
from predictive.sources import WarehouseSource, open_source
from predictive.sources.exclusion import Exclusion
from predictive.workspace import Workspace
from tests.postgresql import new_database

TABLES = [
    "CREATE TABLE sales (customer INTEGER, sold_at TIMESTAMP, total NUMERIC(10, 2),"
    " sku VARCHAR, basket VARCHAR, channel VARCHAR, gift BOOLEAN, number BIGINT)",
    "INSERT INTO sales VALUES"
    " (2, '2024-01-02 10:00:00', 7.25, 'b', 'o2', 'web', true, 2),"
    " (1, '2024-01-01 09:00:00', 12.50, 'a', 'o1', 'shop', NULL, 1),"
    " (1, '2024-01-03 09:00:00', NULL, NULL, 'o3', NULL, false, 3),"
    " (NULL, '2024-01-03 09:00:00', 1, 'a', 'o4', 'web', false, 4),"
    " (3, NULL, 1, 'a', 'o5', 'web', false, 5),"
    " (9, '2024-01-01 00:00:00', 1, 'a', 'o6', 'web', false, 6),"
    " (1, '2999-01-01 00:00:00', 1, 'a', 'o7', 'web', false, 7),"
    " (1, '1899-12-30 00:00:00', 1, 'a', 'o8', 'web', false, 8)",
    "CREATE TABLE people (customer INTEGER, country VARCHAR, age INTEGER, member BOOLEAN,"
    " since DATE)",
    "INSERT INTO people VALUES (1, 'GB', 31, true, '2023-05-01'), (2, NULL, 40, NULL, NULL)",
]
MAPPING = {
    "events": {
        "table": "sales", "user": "customer", "time": "sold_at", "event_name": "purchase",
        "amount": "total", "currency": "EUR", "product": "sku", "order": "basket", "id": "number",
        "properties": "all",
    },
    "attributes": {"table": "people", "user": "customer"},
}  # fmt: skip


@pytest.fixture(scope="module")
def duckdb_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("warehouse") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in TABLES:
            connection.execute(statement)
    return f"duckdb://{path}"


@pytest.fixture(scope="module")
def postgresql_url(postgres: Path) -> Iterator[str]:
    with new_database(postgres) as url:
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            # Another zone than UTC, so that a naive time read in the session's zone shows.
            name = connection.info.dbname
            connection.execute(f"ALTER DATABASE {name} SET timezone TO 'Asia/Tokyo'")
            for statement in TABLES:
                connection.execute(statement)
        yield plain


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


def source(url: str, exclusion: Exclusion | None = None, **changes: object) -> WarehouseSource:
    events = MAPPING["events"] | changes
    config = SourceConfig.model_validate({**MAPPING, "events": events, "url": url})
    return WarehouseSource(config, exclusion)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_events_take_the_shape_of_events(url: str) -> None:
    opened = source(url)
    tables = opened.tables()
    rows = tables.events.order_by(["user_id", "time"]).to_pyarrow().to_pylist()
    assert [(r["user_id"], r["name"], r["amount"]) for r in rows] == [
        ("1", "purchase", 12.5),
        ("1", "purchase", None),
        ("2", "purchase", 7.25),
        ("9", "purchase", 1.0),
    ]
    assert [row["time"].astimezone(UTC) for row in rows][:2] == [
        at(2024, 1, 1, 9),
        at(2024, 1, 3, 9),
    ]
    assert {row["currency"] for row in rows} == {"EUR"}
    assert {name: found.type for name, found in tables.properties.items()} == {
        "channel": "text",
        "gift": "flag",
    }
    assert opened.vocabulary().attributes == {"country", "age", "member", "since"}
    assert opened.history_start() == at(2024, 1, 1)
    assert opened.data_end() == at(2024, 1, 3, 9) + timedelta(microseconds=1)
    assert opened.event_counts(at(2024, 1, 3, 9)) == {"purchase": 3}


def test_wide_attributes_become_facts(url: str) -> None:
    rows = source(url).tables().attributes.to_pyarrow().to_pylist()
    found = {
        (
            row["user_id"],
            row["name"],
            next(row[k] for k in ("number", "text", "flag") if row[k] is not None),
        )
        for row in rows
    }
    assert found == {
        ("1", "country", "GB"),
        ("1", "age", 31.0),
        ("1", "member", True),
        ("1", "since", "2023-05-01"),
        ("2", "age", 40.0),
    }
    assert {row["time"] for row in rows} == {None}


def test_batches_hold_whole_users_in_order(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("predictive.sources.warehouse.GROUP_ROWS", 1)
    monkeypatch.setattr("predictive.sources.warehouse._BATCH_ROWS", 1)
    columns = ["user_id", "name", "time", "amount", "property_channel"]
    batches = list(source(url).batches(0, columns, at(2024, 1, 3, 9)))
    coded = pa.dictionary(pa.int32(), pa.string())
    stamp = pa.timestamp("us", "UTC")
    assert [b.schema.types for b in batches] == [[coded, coded, stamp, pa.float64(), coded]] * 3
    assert [b["user_id"].to_pylist() for b in batches] == [["1"], ["2"], ["9"]]
    assert [b["amount"].to_pylist() for b in batches] == [[12.5], [7.25], [1.0]]


def test_excluded_users_never_appear(url: str) -> None:
    opened = source(url, Exclusion(("9",), ("2",)))
    assert opened.event_counts(at(2025, 1, 1)) == {"purchase": 2}
    assert set(opened.tables().attributes.to_pyarrow()["user_id"].to_pylist()) == {"1"}


def test_without_ids_the_order_is_still_settled(url: str) -> None:
    ids = source(url, id=None).tables().events.to_pyarrow()["event_id"].to_pylist()
    assert len(set(ids)) == 4


def test_times_that_are_dates(url: str) -> None:
    opened = WarehouseSource(
        SourceConfig.model_validate(
            {
                "url": url,
                "events": {
                    "table": "people", "user": "customer", "time": "since", "event_name": "joined",
                },
            }
        )
    )  # fmt: skip
    assert opened.data_end() == at(2023, 5, 2)
    assert opened.tables().attributes.count().to_pyarrow().as_py() == 0
    assert list(opened.attribute_names) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": "sale"}, r"source.events.table.*'sales'"),
        ({"user": "custommer"}, r"source.events.user.*'customer'"),
        ({"time": "sku"}, r"source.events.time.*timestamp"),
        ({"properties": ("chanel",)}, r"source.events.properties.*'channel'"),
        ({"currency": "euro"}, r"source.events.currency"),
    ],
)
def test_a_wrong_mapping_names_the_field(
    duckdb_url: str, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        source(duckdb_url, **changes)


def test_no_events_say_what_to_do(duckdb_url: str) -> None:
    opened = source(duckdb_url, Exclusion((), ("1", "2", "9")))
    with pytest.raises(InsufficientData):
        opened.data_end()


def test_a_url_takes_its_secret_from_the_environment(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="SHOP_URL"):
        source("${SHOP_URL}")
    monkeypatch.setenv("SHOP_URL", postgresql_url)
    assert source("${SHOP_URL}").history_start() == at(2024, 1, 1)


@pytest.mark.parametrize(
    "url", ["duckdb:///nowhere/shop.duckdb", "postgres://me:secret@127.0.0.1:1/db", "nonsense://x"]
)
def test_a_failing_connection_shows_no_password(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"source\.url") as caught:
        source(url)
    assert "secret" not in str(caught.value)


def test_a_workspace_that_names_tables_reads_them(tmp_path: Path, duckdb_url: str) -> None:
    Workspace.create(tmp_path / "workspace")
    toml = tmp_path / "workspace" / "workspace.toml"
    toml.write_text(
        toml.read_text()
        + f'\n[source]\nurl = "{duckdb_url}"\n[source.events]\ntable = "sales"\n'
        + 'user = "customer"\ntime = "sold_at"\nevent_name = "purchase"\n'
    )
    workspace = Workspace.open(tmp_path / "workspace")
    opened = open_source(workspace)
    assert isinstance(opened, WarehouseSource)
    assert opened.event_counts(at(2025, 1, 1)) == {"purchase": 4}
    columns = EventColumns("who", "at", event_name="purchase")
    with pytest.raises(Conflict, match="would not be seen"):
        import_events(workspace, [tmp_path / "more.csv"], columns)
    with pytest.raises(Conflict, match="would not be seen"):
        import_users(workspace, tmp_path / "more.csv", "who")
