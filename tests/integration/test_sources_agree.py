"""The same history from files, from DuckDB and from PostgreSQL gives the same dataset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pytest

from models.dataset import Dataset
from predictive.configuration import SourceConfig
from predictive.dataset import build_dataset
from predictive.definitions import Definition
from predictive.features.own import declared_features
from predictive.features.plan import FeaturePlan
from predictive.features.planning import plan_features
from predictive.imports import EventColumns, import_events, import_users
from predictive.reasons import user_features
from predictive.snapshots import snapshot_users
from predictive.sources import EventSource, WarehouseSource, open_source
from predictive.windows import to_datetime64
from predictive.workspace import Workspace
from tests.postgresql import new_database
from tests.predictive.training.recipes import ORDERS
from tests.shop import START, Shop, make_shop

DEFINITION = Definition.from_text(
    """
    name: churn-14d
    kind: churn
    target: {within_days: 14, all: [{did_not: purchase}]}
    audience:
      any:
        - {attribute: country, in: [GB, FR]}
        - {aggregate: sum, event: purchase, of: amount, gte: 60, within_days: 30}
        - {did: purchase, where: [{property: colour, eq: red}]}
    """
)
SNAPSHOTS = [START + timedelta(days=days) for days in (60, 74, 88)]
EVENTS = {
    "table": "events",
    "user": "customer",
    "time": "when",
    "event": "what",
    "amount": "total",
    "properties": ["colour"],
}
ATTRIBUTES = {"table": "facts", "user": "customer", "time": "when"}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(150, 120)


@pytest.fixture(scope="module")
def from_files(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("files")
    events, facts = shop.write(folder)
    with Workspace.create(folder / "workspace") as workspace:
        columns = EventColumns(
            user="customer", time="when", event="what", amount="total", properties=["colour"]
        )
        import_events(workspace, [events], columns)
        import_users(workspace, facts, "customer", "when")
        return dataset(open_source(workspace))


@pytest.fixture
def duckdb_url(shop: Shop, tmp_path: Path) -> str:
    path = tmp_path / "shop.duckdb"
    events, facts = shop.write(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE events AS FROM read_csv('{events}')")
        connection.execute(f"CREATE TABLE facts AS FROM read_csv('{facts}')")
    return f"duckdb://{path}"


@pytest.fixture
def postgresql_url(shop: Shop, tmp_path: Path, postgres: Path) -> Iterator[str]:
    events, facts = shop.write(tmp_path)
    with new_database(postgres) as url:
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(
                'CREATE TABLE events (customer text, what text, "when" timestamptz,'
                " total double precision, colour text)"
            )
            connection.execute(
                "CREATE TABLE facts (customer text, country text, points bigint,"
                ' "when" timestamptz)'
            )
            for table, file in (("events", events), ("facts", facts)):
                with connection.cursor().copy(f"COPY {table} FROM STDIN CSV HEADER") as copy:
                    copy.write(file.read_bytes())
        yield plain


def feature_plan(source: EventSource) -> FeaturePlan:
    plan = plan_features(
        source,
        DEFINITION,
        before=SNAPSHOTS[-1] + DEFINITION.window,
        middle_snapshot=SNAPSHOTS[0],
        timezone="Europe/Paris",
    )
    own = declared_features("orders", ORDERS, source.tables(None), SNAPSHOTS[0], ())
    return plan.model_copy(update={"own": own})


def dataset(source: EventSource) -> Dataset:
    plan = feature_plan(source)
    users = list(snapshot_users(source, DEFINITION, SNAPSHOTS, outcomes=True))
    return build_dataset(source, users, SNAPSHOTS, plan, np.timedelta64(14, "D"))


@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_a_warehouse_gives_what_the_lake_gives(
    database: str, from_files: Dataset, request: pytest.FixtureRequest
):
    config = SourceConfig.model_validate(
        {
            "url": request.getfixturevalue(f"{database}_url"),
            "events": EVENTS,
            "attributes": ATTRIBUTES,
        }
    )
    source = WarehouseSource(config)
    from_warehouse = dataset(source)
    assert from_warehouse.feature_names == from_files.feature_names
    assert len(from_files) > 100
    assert from_files.feature_names[-1] == "own:points"
    assert 0 < from_files.labels.sum() < len(from_files)
    np.testing.assert_array_equal(from_warehouse.as_of, from_files.as_of)
    np.testing.assert_array_equal(from_warehouse.labels, from_files.labels)
    np.testing.assert_array_equal(from_warehouse.users, from_files.users)
    np.testing.assert_allclose(from_warehouse.features, from_files.features, rtol=1e-6)
    assert_same_alone(source, from_files)


def test_a_user_alone_has_the_features_they_have_among_all(
    shop: Shop, from_files: Dataset, tmp_path: Path
):
    events, facts = shop.write(tmp_path)
    with Workspace.create(tmp_path / "workspace") as workspace:
        columns = EventColumns(
            user="customer", time="when", event="what", amount="total", properties=["colour"]
        )
        import_events(workspace, [events], columns)
        import_users(workspace, facts, "customer", "when")
        assert_same_alone(open_source(workspace), from_files)


def assert_same_alone(source: EventSource, everybody: Dataset) -> None:
    """A few users' features from a read of them alone, against those of the whole pass."""
    plan, moment = feature_plan(source), SNAPSHOTS[-1]
    rows = everybody.at(to_datetime64([moment])[0])
    eligible = [
        (user, row)
        for users in snapshot_users(source, DEFINITION, SNAPSHOTS, outcomes=False)
        for user, row in zip(users.user_ids.to_pylist(), users.eligible[-1], strict=True)
    ]
    ids = sorted(user for user, is_eligible in eligible if is_eligible)
    assert len(ids) == len(rows)
    for position in range(0, len(ids), 20):
        alone = user_features(source, ids[position], moment, plan)
        np.testing.assert_allclose(alone[0], rows.features[position], rtol=1e-6)
